// Wire format section 5 and the setting table_format.
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderRoute : public DecoderTest {
protected:
    void format(const std::string& table_format) {
        DecoderSettings settings;
        settings.table_format = table_format;
        decoder.configure(settings, nullptr);
    }
    Decoded on(const std::string& topic, std::optional<std::string> value) {
        return with_key(topic, kPlainKey, std::move(value));
    }
    Decoded with_key(const std::string& topic, const std::string& key,
                     std::optional<std::string> value) {
        RecordText record;
        record.topic = topic;
        record.key = key;
        record.value = std::move(value);
        return decode(record);
    }
    static constexpr const char* kPlainKey = "{\"id\":1}";
    static std::string typed_key(const std::string& table) {
        return framed(struct_schema(table + ".Key", plain_field("id", "int32")), kPlainKey);
    }
    static std::string routed_key(const std::string& table) {
        return "{\"id\":1,\"__dbz__physicalTableIdentifier\":\"" + table + "\"}";
    }
    static std::string target(const Decoded& out) {
        return out.target == nullptr ? "(none)" : out.target->schema + "|" + out.target->table;
    }
};

std::string from(const std::string& db, const std::string& schema, const std::string& table) {
    return envelope("c", "{\"id\":1}", "null",
                    "{\"connector\":\"x\",\"db\":\"" + db + "\"," +
                        (schema == "-" ? "" : "\"schema\":\"" + schema + "\",") + "\"table\":\"" +
                        table + "\"}");
}

TEST_F(DecoderRoute, EnvelopesGoWhereTheirSourceSays) {
    EXPECT_EQ(target(on("srv.a.b", from("d", "s.x", "t.y"))), "s.x|t.y");
    EXPECT_EQ(target(on("srv.a.b", from("d", "-", "t"))), "d|t"); // no schemas: the database
    EXPECT_EQ(target(on("srv.a.b", from("d", "", "t"))), "d|t");
    EXPECT_EQ(target(on("srv.a.b", from("d", "s", ""))), "s|b"); // emptied: the topic's
    EXPECT_EQ(target(on("srv.a.b", from("", "", ""))), "a|b");
}

TEST_F(DecoderRoute, FlattenedRowsAndTombstonesGoByTopic) {
    EXPECT_EQ(target(on("srv.a.b", "{\"id\":1}")), "a|b");
    EXPECT_EQ(target(on("srv.d.a.b", std::nullopt)), "a|b");
    format("${db}.${table}");
    EXPECT_EQ(target(on("srv.d.a.b", "{\"id\":1}")), "d|b");
}

TEST_F(DecoderRoute, FlattenedRowsMayTellDotsFromBorders) {
    const struct {
        const char* topic;
        const char* added;
        const char* expected;
    } cases[] = {
        {"srv.public.my.table", R"("__schema":"public","__table":"my.table")", "public|my.table"},
        {"srv.public.my.table", R"("__source_table":"my.table")", "public|my.table"},
        {"public.my.table", R"("__schema":"public","__table":"my.table")", "public|my.table"},
        {"srv.a.b.t", R"("__schema":"a.b","__table":"t","__db":"d")", "a.b|t"},
        {"srv.a.b.my.t", R"("__db":"a.b","__table":"my.t")", "a.b|my.t"},
        {"srv.s.t", R"("__db":"d","__table":"t")", "s|t"},
        {"srv.s.all", R"("__schema":"s","__table":"t1")", "s|all"}, // merged: as their tombstones
        {"srv.s.bt", R"("__schema":"s","__table":"t")", "s|bt"},
        {"srv.public.my.t", R"("__schema":null,"__table":7)", "my|t"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.added);
        std::string topic = c.topic;
        EXPECT_EQ(target(on(topic, std::string("{\"id\":1,") + c.added + "}")), c.expected);
        EXPECT_EQ(target(on(topic, std::nullopt)), c.expected);
        on(topic, R"({"id":1,"__schema":"x","__table":"x"})"); // for the next case
    }
    format("${db}.${table}");
    EXPECT_EQ(target(on("srv.d.s.my.t", R"({"id":1,"__db":"d","__schema":"s","__table":"my.t"})")),
              "d|my.t");
}

TEST_F(DecoderRoute, EscapesInTheSourceBlockAreUndone) {
    EXPECT_EQ(target(on("srv.a.b", from("d", "s", "caf\\u00e9"))), "s|caf\xc3\xa9");
    EXPECT_EQ(target(on("srv.a.b", from("d", "a\\\"b", "t"))), "a\"b|t");
    // A member's name may be escaped as well.
    EXPECT_EQ(target(on("srv.a.b", envelope("c", "{\"id\":1}", "null",
                                            "{\"connector\":\"x\",\"db\":\"d\",\"schema\":\"s\","
                                            "\"t\\u0061ble\":\"told\"}"))),
              "s|told");
    expect_reject(on("srv.a.b", from("d", "s", "\\u0000")), "22023", "source block");
}

TEST_F(DecoderRoute, TombstonesFollowTheirTopicsEnvelopes) {
    EXPECT_EQ(target(on("srv.s.t1", from("d", "s", "t1"))), "s|t1");
    EXPECT_EQ(target(on("srv.s.t1", std::nullopt)), "s|t1");
    format("x.${table}"); // what was learnt outlives the settings
    EXPECT_EQ(target(on("srv.s.t1", std::nullopt)), "x|t1");
    on("srv.d.t1", from("d", "-", "t1")); // no schemas at the source
    EXPECT_EQ(target(on("srv.d.t1", std::nullopt)), "x|t1");
}

TEST_F(DecoderRoute, TombstonesOfSharedTopicsGoWhereTheirKeySays) {
    for (const char* topic : {"merged", "srv.s.all"}) {
        on(topic, from("d", "s", "t1")); // there may be others, which were not seen yet
        Decoded out = on(topic, std::nullopt);
        EXPECT_EQ(out.kind, Decoded::Kind::skip);
        EXPECT_EQ(out.skip, SkipReason::unplaced_tombstone);
    }
    on("srv.s.t1", from("d", "s", "t1"));
    on("srv.s.t1", from("d", "s", "t2"));
    on("srv.s.t1", from("d", "s", "t1"));
    EXPECT_EQ(on("srv.s.t1", std::nullopt).skip, SkipReason::unplaced_tombstone);

    for (const char* topic : {"merged", "srv.s.t2"}) {
        on(topic, from("d", "s", "t2"));
        const std::pair<std::string, std::string> cases[] = {{"t1", typed_key("srv.s.t1")},
                                                             {"t3", routed_key("srv.s.t3")}};
        for (const auto& [table, key] : cases) {
            // So is the key of a table that was not seen yet: the name alone is not certain.
            EXPECT_EQ(with_key(topic, key, std::nullopt).skip, SkipReason::unplaced_tombstone);
            with_key(topic, key, from("d", "s", table));
            on(topic, from("d", "s", "t2"));
            Decoded out = with_key(topic, key, std::nullopt);
            expect_change(out, Op::remove);
            EXPECT_EQ(target(out), "s|" + table);
        }
        Decoded out = with_key(topic, routed_key("srv.s.t3"), std::nullopt);
        EXPECT_EQ(names(out.change.key), "id,__dbz__physicalTableIdentifier");
    }
}

// Topics and schemas are called like tables, in the characters that they may have.
TEST_F(DecoderRoute, TombstonesOfTablesThatShareANameArePassedOver) {
    const std::string one = "one.app.order_1", two = "two.app.order_1", three = "three.app.order_1";
    const std::pair<std::string, std::string> cases[] = {
        {one, typed_key(one)}, {two, routed_key(two)}, {three, kPlainKey}};
    for (const auto& [topic, key] : cases) {
        SCOPED_TRACE(key);
        with_key(topic, key, from("d", "app", "order$1")); // its name is not the topic's
        EXPECT_EQ(with_key(topic, key, std::nullopt).skip, SkipReason::unplaced_tombstone);
        with_key(topic, key, from("d", "app", "order_1")); // now there are two
        EXPECT_EQ(with_key(topic, key, std::nullopt).skip, SkipReason::unplaced_tombstone);
        with_key(topic, key, from("d", "app", "order_1"));
        EXPECT_EQ(with_key(topic, key, std::nullopt).skip, SkipReason::unplaced_tombstone);
    }
}

TEST_F(DecoderRoute, TombstonesKnowTablesWithDots) {
    const std::string topic = "srv.public.app.t";
    with_key("srv.app.t", typed_key("srv.app.t"), from("d", "app", "t"));
    with_key(topic, typed_key(topic), from("d", "public", "app.t"));
    EXPECT_EQ(target(with_key(topic, typed_key(topic), std::nullopt)), "public|app.t");
    EXPECT_EQ(target(with_key("srv.app.t", typed_key("srv.app.t"), std::nullopt)), "app|t");
    on(topic, from("d", "public", "app.t"));
    EXPECT_EQ(target(on(topic, std::nullopt)), "public|app.t");
}

TEST_F(DecoderRoute, TombstonesKnowTheirDatabase) {
    format("${db}.${table}");
    for (const char* db : {"dba", "dbb"})
        with_key("all", typed_key(std::string("srv.") + db + ".t"), from(db, "-", "t"));
    EXPECT_EQ(target(with_key("all", typed_key("srv.dba.t"), std::nullopt)), "dba|t");
    EXPECT_EQ(target(with_key("all", typed_key("srv.dbb.t"), std::nullopt)), "dbb|t");
}

TEST_F(DecoderRoute, TombstonesOfEmptiedSourceBlocksGoByTopicAsTheirEnvelopes) {
    on("srv.a.b", from("", "", ""));
    EXPECT_EQ(target(on("srv.a.b", std::nullopt)), "a|b");
}

TEST_F(DecoderRoute, TablesThatTopicRoutingMergesMayMeetInTargets) {
    const struct {
        const char* format;
        const char* source;
        bool merges;
    } cases[] = {
        {"${schema}.${table}", "d,s", false}, {"dw.${schema}_${table}", "d,s", false},
        {"${db}.${table}", "d,", false},      {"${db}.${table}", "d,s", true},
        {"public.${table}", "d,s", true},     {"${schema}.t", "d,s", true},
        {"${schema}.${topic}", "d,s", true},  {"one.t", "d,s", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.format);
        format(c.format);
        std::string schema = std::string(c.source).substr(2);
        Decoded out = on("srv.s.t", from("d", schema, "t1"));
        expect_change(out, Op::create);
        EXPECT_EQ(out.change.merges, c.merges);
        out = on("srv.s.t", from("d", schema, "t1")); // as remembered
        EXPECT_EQ(out.change.merges, c.merges);
    }
}

TEST_F(DecoderRoute, Formats) {
    const struct {
        const char* format;
        const char* expected;
    } cases[] = {
        {"${schema}.${table}", "s|t"},
        {"${table}", "public|t"},
        {"dw.${db}_${schema}_${table}", "dw|d_s_t"},
        {"${1}.${3}_${2}", "srv|b_a"},
        {"${topic}", "public|srv.a.b"},
        {"fixed.one", "fixed|one"},
    };
    for (const auto& c : cases) {
        format(c.format);
        EXPECT_EQ(target(on("srv.a.b", from("d", "s", "t"))), c.expected) << c.format;
    }
}

TEST_F(DecoderRoute, TargetsAreInterned) {
    Decoded first = on("srv.a.b", from("d", "s", "t"));
    Decoded second = on("srv.other.topic", from("e", "s", "t"));
    EXPECT_EQ(first.target, second.target);
    EXPECT_EQ(first.target->id, 0u);
    EXPECT_EQ(on("srv.a.b", from("d", "s", "u")).target->id, 1u);
    decoder.trim();
    EXPECT_EQ(first.target->table, "t");
    // Names that only look the same when written without a border.
    EXPECT_NE(on("x", from("d", "a", "b.c")).target, on("x", from("d", "a.b", "c")).target);
}

TEST_F(DecoderRoute, NamesThatDoNotFit) {
    for (const auto& value : {std::optional<std::string>(from("d", "s", std::string(64, 't'))),
                              std::optional<std::string>(from("d", std::string(64, 's'), "t"))}) {
        Decoded out = on("srv.a.b", value);
        expect_reject(out, "42622", "63 bytes");
        EXPECT_EQ(out.fault.cls, ErrorClass::target);
        EXPECT_NE(out.fault.hint.find("table_format"), std::string::npos);
    }
    EXPECT_EQ(target(on("srv.a.b", from("d", "s", std::string(63, 't')))),
              "s|" + std::string(63, 't'));
    Decoded out = on("orders", "{\"id\":1}");
    expect_reject(out, "42602", "schema name is empty");
    EXPECT_EQ(out.fault.cls, ErrorClass::data);
    out = on(".b", std::nullopt); // nothing but a `d` before it knows its table
    EXPECT_EQ(out.skip, SkipReason::unplaced_tombstone);
    format("${9}.${table}");
    expect_reject(on("srv.a.b", "{\"id\":1}"), "42602", "empty");
    format("${nothing}.${table}");
    out = on("srv.a.b", "{\"id\":1}");
    expect_reject(out, "22023", "nothing");
    EXPECT_EQ(out.fault.cls, ErrorClass::target);
}

} // namespace
} // namespace kcs::test
