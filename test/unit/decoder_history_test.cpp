// History mode: every change becomes a row of its own.
#include "routed_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderHistory : public RoutedTest {
protected:
    DecoderHistory() {
        route_.history = true;
        use();
    }
    static std::string column(const Decoded& out, const std::string& name) {
        const Value* value = find(out.change.row, name);
        if (value == nullptr)
            return "(none)";
        RowLayout one;
        one.columns.emplace_back();
        std::string text = all({&one, value});
        return text.substr(1);
    }
    static void expect_row(const Decoded& out, const std::string& op, const std::string& columns) {
        ASSERT_EQ(out.kind, Decoded::Kind::change) << out.fault.message;
        EXPECT_EQ(out.change.op, Op::create);
        EXPECT_TRUE(out.target->history);
        EXPECT_EQ(names(out.change.row),
                  columns + (columns.empty() ? "" : ",") +
                      "__op,__source_time,__source_position,__topic,__partition,__offset,"
                      "__unchanged");
        EXPECT_EQ(column(out, "__op"), op);
        EXPECT_EQ(all(out.change.key), "__topic=srv.public.t __partition=0 __offset=42");
        EXPECT_FALSE(out.change.before || out.change.new_key || out.change.old_key);
        EXPECT_FALSE(out.change.may_miss);
    }
};

TEST_F(DecoderHistory, EachOperationIsARow) {
    Decoded out = row("c", "{\"id\":1,\"n\":2}");
    expect_row(out, "c", "id,n");
    EXPECT_EQ(column(out, "n"), "2");
    const Value* time = find(out.change.row, "__source_time");
    EXPECT_EQ(time->kind, ValueKind::timestamptz);
    EXPECT_EQ(time->integer, 1529507596945104 - kEpochMicros);
    EXPECT_EQ(column(out, "__source_position"),
              "{\"sequence\":\"[\\\"24023119\\\",\\\"24023128\\\"]\",\"txId\":571,"
              "\"lsn\":24023128}");
    EXPECT_EQ(column(out, "__unchanged"), "null");
    expect_row(row("u", "{\"id\":1,\"n\":2}"), "u", "id,n");
    expect_row(row("r", "{\"id\":1,\"n\":2}"), "r", "id,n");
    expect_row(decode("{\"id\":1}", envelope("t", "null")), "t", "");
    // Of a deleted row, the key: its other columns may be made up.
    out = decode("{\"id\":1}", envelope("d", "null", "{\"id\":1,\"n\":0}"));
    expect_row(out, "d", "id");
    EXPECT_EQ(column(out, "id"), "1");
    // A key with a NULL part tells no row; what was sent does.
    expect_row(decode("{\"id\":null}", envelope("d", "null", "{\"id\":null,\"a\":1}")), "d",
               "id,a");
    // Without a key it was sent whole.
    expect_row(decode(std::nullopt, envelope("d", "null", "{\"a\":1,\"b\":2}")), "d", "a,b");
}

TEST_F(DecoderHistory, TypedRows) {
    std::string fields = plain_field("id", "int32") + "," +
                         "{\"type\":\"string\",\"optional\":true,\"default\":\"x\","
                         "\"field\":\"b\"}";
    Decoded out =
        decode("{\"id\":1}",
               framed(envelope_schema(fields),
                      envelope("u", std::string("{\"id\":1,\"b\":\"") + kPlaceholder + "\"}")));
    expect_row(out, "u", "id,b");
    EXPECT_TRUE(out.change.row.layout->typed);
    EXPECT_EQ(column(out, "b"), "null");
    EXPECT_EQ(column(out, "__unchanged"), "b");
    const char* types[] = {"integer", "text", "text",    "timestamp with time zone",
                           "jsonb",   "text", "integer", "bigint",
                           "text[]"};
    for (size_t i = 0; i < 9; ++i) {
        const LayoutColumn& c = out.change.row.layout->columns[i];
        EXPECT_EQ(c.ddl_type, types[i]);
        EXPECT_EQ(c.optional, i < 5 || i > 7); // the others are the key
        EXPECT_FALSE(c.has_default);
    }
    // A placeholder is a value where it cannot stand for another.
    out = decode("{\"id\":1}",
                 framed(envelope_schema(fields),
                        envelope("c", std::string("{\"id\":1,\"b\":\"") + kPlaceholder + "\"}")));
    EXPECT_EQ(column(out, "b"), kPlaceholder);
}

TEST_F(DecoderHistory, UnchangedWithoutSchema) {
    std::string same = std::string("\"") + kPlaceholder + "\"";
    Decoded out = row("u", "{\"id\":1,\"a\":" + same + ",\"b\":[" + same + "],\"c\":\"x\"}");
    expect_row(out, "u", "id,a,b,c");
    EXPECT_EQ(column(out, "a"), "null");
    EXPECT_EQ(column(out, "__unchanged"), "a,b");
    out = row("c", "{\"id\":1,\"a\":" + same + "}");
    EXPECT_EQ(column(out, "a"), kPlaceholder);
}

TEST_F(DecoderHistory, PositionsByConnector) {
    auto position = [&](const std::string& block) {
        return column(decode("{\"id\":1}", envelope("c", "{\"id\":1}", "null", block)),
                      "__source_position");
    };
    EXPECT_EQ(position("{\"connector\":\"mysql\",\"db\":\"d\",\"table\":\"t\",\"server_id\":5,"
                       "\"gtid\":null,\"file\":\"binlog.1\",\"pos\":154,\"row\":0,\"thread\":7}"),
              "{\"server_id\":5,\"file\":\"binlog.1\",\"pos\":154,\"row\":0}");
    EXPECT_EQ(position("{\"connector\":\"sqlserver\",\"db\":\"d\",\"schema\":\"s\",\"table\":\"t\","
                       "\"change_lsn\":\"0:1:2\",\"commit_lsn\":\"0:1:3\",\"event_serial_no\":1}"),
              "{\"change_lsn\":\"0:1:2\",\"commit_lsn\":\"0:1:3\",\"event_serial_no\":1}");
    EXPECT_EQ(position("{\"connector\":\"oracle\",\"schema\":\"s\",\"table\":\"t\",\"txId\":\"6\","
                       "\"scn\":\"2122185\",\"rs_id\":\"0x1\",\"ssn\":0}"),
              "{\"txId\":\"6\",\"scn\":\"2122185\",\"rs_id\":\"0x1\",\"ssn\":0}");
    EXPECT_EQ(position("{\"connector\":\"x\",\"db\":\"d\",\"table\":\"t\"}"), "null");
    // Escapes in the block, which is unescaped where it stands, do no harm.
    EXPECT_EQ(position("{\"connector\":\"x\",\"db\":\"d\\u0041\",\"table\":\"t\",\"lsn\":5}"),
              "{\"lsn\":5}");
}

TEST_F(DecoderHistory, KeyChangesAreTwoRowsAndTombstonesNone) {
    RecordText record;
    record.key = "{\"id\":1}";
    record.value = envelope("d", "null", "{\"id\":1}");
    record.headers = {{kNewKey, "{\"id\":2}"}};
    expect_row(decode(record), "d", "id");
    record.value = std::nullopt;
    expect_skip(decode(record), SkipReason::history_tombstone);
    record.key = "{\"id\":2}";
    record.value = envelope("c", "{\"id\":2,\"n\":1}");
    record.headers = {{kOldKey, "{\"id\":1}"}};
    expect_row(decode(record), "c", "id,n");
}

TEST_F(DecoderHistory, FlattenedRows) {
    Decoded out = decode("{\"id\":1}", "{\"id\":1,\"n\":2,\"__source_ts_ms\":1000}");
    expect_row(out, "null", "id,n");
    EXPECT_EQ(find(out.change.row, "__source_time")->integer, 1000000 - kEpochMicros);
    EXPECT_EQ(column(out, "__source_position"), "null");
    expect_row(decode("{\"id\":1}", "{\"id\":1,\"n\":2,\"__op\":\"u\"}"), "u", "id,n");
    expect_row(decode("{\"id\":1}", "{\"id\":1,\"n\":0,\"__deleted\":\"true\"}"), "d", "id");
    // The transform's own form of a delete, beside which no other one comes.
    expect_row(decode("{\"id\":1}", "null"), "d", "id");
    expect_row(
        decode("{\"id\":1}",
               framed(struct_schema("srv.public.t.Value", plain_field("id", "int32")), "null")),
        "d", "id");
    expect_skip(decode("{\"id\":1}", std::nullopt), SkipReason::history_tombstone);
    expect_skip(decode("{\"id\":1}", framed("null", "null")), SkipReason::history_tombstone);
}

TEST_F(DecoderHistory, ColumnsOfTheRoute) {
    route_.excluded_columns = {"id", "secret"};
    use();
    expect_row(row("c", "{\"id\":1,\"n\":2,\"secret\":3}"), "c", "n");
    expect_row(decode("{\"id\":1}", envelope("d", "null")), "d", "");
    route_.excluded_columns = {};
    route_.key_columns = {"n"};
    use();
    expect_row(row("u", "{\"id\":1,\"n\":2}"), "u", "id,n");
    expect_row(decode("{\"id\":1}", envelope("d", "null", "{\"id\":1,\"n\":2}")), "d", "n");
    Decoded out = row("c", "{\"id\":1,\"n\":2,\"__op\":\"x\"}");
    expect_reject(out, "42701", "__op");
    EXPECT_EQ(out.fault.cls, ErrorClass::target);
}

} // namespace
} // namespace kcs::test
