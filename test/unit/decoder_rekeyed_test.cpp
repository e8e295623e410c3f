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

TEST_F(DecoderRekeyed, KeyChangesOfTheSource) {
    RecordText record;
    record.key = "{\"id\":1}";
    record.value = envelope("d", "null", "{\"id\":1,\"code\":\"x\"}");
    record.headers = {{kNewKey, "{\"id\":2}"}};
    Decoded out = decode(record);
    expect_change(out, Op::remove); // says nothing of the new code: a delete
    EXPECT_EQ(all(out.change.key), "code=x");
    EXPECT_FALSE(out.change.new_key);

    record.key = "{\"id\":1,\"code\":\"x\"}";
    record.headers = {{kNewKey, "{\"id\":1,\"code\":\"y\"}"}};
    out = decode(record);
    expect_change(out, Op::remove);
    EXPECT_EQ(all(out.change.new_key), "code=y");
    record.key = "{\"id\":1,\"code\":\"y\"}";
    record.value = envelope("c", "{\"id\":1,\"code\":\"y\"}");
    record.headers = {{kOldKey, "{\"id\":1,\"code\":\"x\"}"}};
    out = decode(record);
    expect_change(out, Op::create);
    EXPECT_EQ(all(out.change.old_key), "code=x");
    EXPECT_FALSE(out.change.moves); // the other half says so, too
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
