// Key columns that a route names in place of the record key's.
#include "routed_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderRekeyed : public RoutedTest {
protected:
    DecoderRekeyed() {
        route_.key_columns = {"code"};
        use();
    }
    Decoded change(const std::string& op, const std::string& after, const std::string& before) {
        return decode("{\"id\":1}", envelope(op, after, before));
    }
};

TEST_F(DecoderRekeyed, TheKeyIsTheRows) {
    for (const char* op : {"c", "r", "u"}) {
        Decoded out = row(op, "{\"id\":1,\"code\":\"x\",\"n\":2}");
        ASSERT_EQ(out.kind, Decoded::Kind::change) << out.fault.message;
        EXPECT_EQ(all(out.change.key), "code=x");
        EXPECT_EQ(all(out.change.row), "id=1 code=x n=2");
        EXPECT_FALSE(out.change.old_key);
        EXPECT_FALSE(out.change.moves);
    }
    std::string fields = plain_field("id", "int32") + "," + plain_field("code", "int64");
    Decoded out = decode("{\"id\":1}",
                         framed(envelope_schema(fields), envelope("c", "{\"id\":1,\"code\":7}")));
    expect_change(out, Op::create);
    EXPECT_TRUE(out.change.key.layout->typed);
    EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "bigint");
    EXPECT_EQ(all(out.change.key), "code=7");
}

TEST_F(DecoderRekeyed, AnyRecordKeyWillDo) {
    std::string value = envelope("c", "{\"code\":\"x\"}");
    for (std::optional<std::string> key :
         {std::optional<std::string>(), std::optional<std::string>("not json"),
          std::optional<std::string>("\x01 framed"), std::optional<std::string>("{\"other\":5}")}) {
        Decoded out = decode(key, value);
        expect_change(out, Op::create);
        EXPECT_EQ(all(out.change.key), "code=x");
    }
    // Rows of a table without key can be updated and deleted, too.
    Decoded out = decode(std::nullopt, envelope("u", "{\"code\":\"x\",\"n\":2}"));
    expect_change(out, Op::update);
    out = decode(std::nullopt, envelope("d", "null", "{\"code\":\"x\",\"n\":2}"));
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=x");
    EXPECT_FALSE(out.change.before);
}

TEST_F(DecoderRekeyed, ARowWithoutItIsRefused) {
    expect_reject(row("c", "{\"id\":1}"), "22004", "\"code\"");
    expect_reject(row("c", "{\"id\":1,\"code\":null}"), "22004", "is null");
    expect_reject(row("u", std::string("{\"id\":1,\"code\":\"") + kPlaceholder + "\"}"), "22004",
                  "\"code\"");
    // A long value that did not change is in the row before.
    Decoded out = change("u", std::string("{\"id\":1,\"code\":\"") + kPlaceholder + "\",\"n\":3}",
                         "{\"id\":1,\"code\":\"long\",\"n\":2}");
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.key), "code=long");
    EXPECT_FALSE(out.change.old_key);
    // One that became null is that, whatever it was before.
    expect_reject(
        change("u", "{\"id\":1,\"code\":null,\"n\":3}", "{\"id\":1,\"code\":\"long\",\"n\":2}"),
        "22004", "is null");
}

TEST_F(DecoderRekeyed, DeletesByRecordKeyOrFormerRow) {
    Decoded out =
        decode("{\"id\":1,\"code\":\"k\"}", envelope("d", "null", "{\"id\":1,\"code\":\"\"}"));
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=k");
    out = change("d", "null", "{\"id\":1,\"code\":\"x\",\"n\":0}");
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=x");
    expect_reject(change("d", "null", "null"), "22004", "not told by the delete");
    expect_reject(change("d", "null", "{\"id\":1,\"code\":null,\"n\":5}"), "22004", "not told");
    // Only its key was sent; the rest is what the connector puts for nothing.
    out = change("d", "null", "{\"id\":1,\"code\":\"\",\"n\":0,\"at\":\"1970-01-01T00:00:00Z\"}");
    expect_reject(out, "22004", "not told");
    EXPECT_NE(out.fault.hint.find("REPLICA IDENTITY FULL"), std::string::npos);
    std::string with_default = "{\"type\":\"string\",\"optional\":false,\"default\":\"none\","
                               "\"field\":\"code\"}";
    std::string schema = envelope_schema(plain_field("id", "int32") + "," + with_default);
    expect_reject(
        decode("{\"id\":1}", framed(schema, envelope("d", "null", "{\"id\":1,\"code\":\"none\"}"))),
        "22004", "not told");
    expect_change(
        decode("{\"id\":1}", framed(schema, envelope("d", "null", "{\"id\":1,\"code\":\"some\"}"))),
        Op::remove);
}

TEST_F(DecoderRekeyed, AnUpdateMayMoveTheRow) {
    Decoded out = change("u", "{\"id\":1,\"code\":\"new\"}", "{\"id\":1,\"code\":\"old\"}");
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.key), "code=new");
    EXPECT_EQ(all(out.change.old_key), "code=old");
    EXPECT_TRUE(out.change.moves);
    out = change("u", "{\"id\":1,\"code\":\"x\"}", "{\"id\":1,\"code\":\"x\"}");
    EXPECT_FALSE(out.change.moves);
    EXPECT_FALSE(out.change.old_key);
    // A former row of the key alone tells nothing of it.
    out = change("u", "{\"id\":1,\"code\":\"x\"}", "{\"id\":1,\"code\":\"\"}");
    expect_change(out, Op::update);
    EXPECT_FALSE(out.change.moves);
}

/// Halves of changes of the record key, each with what it has in common with its other one.
class DecoderRecordKeys : public DecoderRekeyed {
protected:
    uint64_t half(const std::string& key, const char* header, const std::string& other,
                  const std::string& lsn = "1") {
        bool leaves = header == kNewKey;
        std::string image = "{\"id\":1,\"code\":\"x\",\"n\":2}";
        RecordText record;
        record.key = key;
        record.value = leaves ? envelope("d", "null", image) : envelope("c", image);
        size_t at = record.value->find("\"source\":{") + 10;
        record.value->insert(at, "\"lsn\":" + lsn + ",");
        record.headers = {{header, other}};
        Decoded out = decode(record);
        EXPECT_EQ(out.kind, Decoded::Kind::change) << out.fault.message;
        EXPECT_EQ(out.change.op, leaves ? Op::remove : Op::create);
        EXPECT_EQ(all(out.change.key), "code=x");
        // What they tell of each other's key in the table is nothing, or comes with the row.
        EXPECT_FALSE(out.change.new_key);
        EXPECT_FALSE(out.change.old_key);
        return out.change.half;
    }
};

TEST_F(DecoderRecordKeys, BothHalvesAreKnown) {
    uint64_t leaves = half("{\"id\":1}", kNewKey, "{\"id\":2}");
    EXPECT_NE(leaves, 0);
    EXPECT_EQ(half("{\"id\":2}", kOldKey, "{\"id\":1}"), leaves);
    // Another change: other keys, back again, or another place in the source.
    EXPECT_NE(half("{\"id\":3}", kOldKey, "{\"id\":1}"), leaves);
    EXPECT_NE(half("{\"id\":1}", kOldKey, "{\"id\":2}"), leaves);
    EXPECT_NE(half("{\"id\":2}", kOldKey, "{\"id\":1}", "2"), leaves);
    // Also where the record key has the route's columns.
    leaves = half("{\"id\":1,\"code\":\"x\"}", kNewKey, "{\"id\":2,\"code\":\"x\"}");
    EXPECT_NE(leaves, 0);
    EXPECT_EQ(half("{\"id\":2,\"code\":\"x\"}", kOldKey, "{\"id\":1,\"code\":\"x\"}"), leaves);
    // A header that cannot be read makes them a delete and an insert.
    EXPECT_EQ(half("{\"id\":1}", kNewKey, "nonsense"), 0);
    EXPECT_EQ(half("{\"id\":1}", kNewKey, "{\"other\":2}"), 0);
    EXPECT_FALSE(row("c", "{\"id\":1,\"code\":\"x\"}").change.half);
}

TEST_F(DecoderRecordKeys, AHeaderSpellsOtherwiseThanAKey) {
    const std::string decimal = "{\"type\":\"bytes\",\"optional\":false,\"name\":\"org.apache."
                                "kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{"
                                "\"scale\":\"2\"},\"field\":\"d\"}";
    const std::string date = "{\"type\":\"int32\",\"optional\":false,\"name\":\"org.apache.kafka."
                             "connect.data.Date\",\"version\":1,\"field\":\"at\"}";
    const std::string schema =
        "{\"type\":\"struct\",\"optional\":false,\"name\":\"srv.public.t.Key\","
        "\"fields\":[" +
        decimal + "," + date + "]}";
    auto key = [&](const char* d, int at) {
        return framed(schema,
                      "{\"d\":\"" + std::string(d) + "\",\"at\":" + std::to_string(at) + "}");
    };
    // 123.40 of the first day, and -1.10 of the second
    uint64_t leaves = half(key("MDQ=", 0), kNewKey, "{\"d\":-1.10,\"at\":1970-01-02}");
    EXPECT_NE(leaves, 0);
    EXPECT_EQ(half(key("kg==", 1), kOldKey, "{\"d\":123.40,\"at\":1970-01-01}"), leaves);
    // Without schemas nobody knows that they are the same.
    EXPECT_EQ(half("{\"d\":\"MDQ=\"}", kNewKey, "{\"d\":-1.10}"), 0);
    EXPECT_EQ(half("{\"d\":\"kg==\"}", kOldKey, "{\"d\":123.40}"), 0);
}

TEST_F(DecoderRekeyed, Tombstones) {
    // Of envelopes they repeat the delete; of rows they may be all there is.
    Decoded out = decode("{\"id\":1}", std::nullopt);
    expect_reject(out, "22004", "tombstone");
    expect_change(decode("{\"id\":1,\"code\":\"x\"}", std::nullopt), Op::remove);
    row("c", "{\"id\":1,\"code\":\"x\"}");
    expect_skip(decode("{\"id\":1}", std::nullopt), SkipReason::unkeyed_tombstone);
    out = decode("{\"id\":1,\"code\":\"x\"}", std::nullopt);
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=x");
    EXPECT_TRUE(out.change.tombstone);
}

TEST_F(DecoderRekeyed, FlattenedRows) {
    Decoded out = decode("{\"id\":1}", "{\"id\":1,\"code\":\"x\"}");
    expect_change(out, Op::upsert);
    EXPECT_EQ(all(out.change.key), "code=x");
    out = decode("{\"id\":1}", "{\"id\":1,\"code\":\"x\",\"n\":1,\"__deleted\":\"true\"}");
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=x");
    expect_reject(decode("{\"id\":1}", "{\"id\":1,\"code\":\"\",\"__deleted\":\"true\"}"), "22004",
                  "not told");
    // A bare key has no name but the route's.
    out = decode("\"x\"", "{\"code\":\"\",\"__deleted\":\"true\"}");
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.key), "code=x");
}

TEST_F(DecoderRekeyed, SeveralColumnsInTheRoutesOrder) {
    route_.key_columns = {"b", "a"};
    use();
    EXPECT_EQ(all(row("c", "{\"id\":1,\"a\":2,\"b\":3}").change.key), "b=3 a=2");
    expect_reject(row("c", "{\"id\":1,\"a\":2}"), "22004", "\"b\"");
}

TEST_F(DecoderRekeyed, ALongValueThatDidNotChangeIsOnePartOfAKeyThatDid) {
    route_.key_columns = {"a", "code"};
    use();
    const std::string after =
        std::string("{\"id\":1,\"a\":3,\"code\":\"") + kPlaceholder + "\",\"n\":3}";
    Decoded out = change("u", after, "{\"id\":1,\"a\":2,\"code\":\"long\",\"n\":2}");
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.key), "a=3 code=long");
    EXPECT_EQ(all(out.change.old_key), "a=2 code=long");
    EXPECT_TRUE(out.change.moves);
    // The record key may tell it, too.
    out = decode("{\"code\":\"long\"}", envelope("u", after));
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.key), "a=3 code=long");
    std::string fields = plain_field("a", "int32") + "," + plain_field("code", "string");
    out = decode("{\"id\":1}",
                 framed(envelope_schema(fields),
                        envelope("u", std::string("{\"a\":3,\"code\":\"") + kPlaceholder + "\"}",
                                 "{\"a\":2,\"code\":\"long\"}")));
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.key), "a=3 code=long");
    // Not from anywhere: what stands for values that were not sent is none.
    expect_reject(change("u", after, "{\"id\":1,\"a\":0,\"code\":\"\"}"), "22004", "\"code\"");
    expect_reject(change("u", after, "null"), "22004", "\"code\"");
    expect_reject(change("u", after, "{\"id\":1,\"a\":2,\"code\":null}"), "22004", "\"code\"");
}

} // namespace
} // namespace kcs::test
