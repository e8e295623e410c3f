// Routes in the decoder: target, excluded columns, format, settings of one topic.
#include "routed_fixture.hpp"

#include "debezium/interpret.hpp"

namespace kcs::test {
namespace {

class DecoderRouted : public RoutedTest {
protected:
    Decoded on(const std::string& topic, const std::string& value) {
        RecordText record;
        record.topic = topic;
        record.key = "{\"id\":1}";
        record.value = value;
        return decode(record);
    }
};

TEST_F(DecoderRouted, TheTargetIsTheRoutes) {
    route_.target = "mirror.${table}_copy";
    route_.delete_mode = DeleteMode::soft;
    use();
    Decoded routed = row("c", "{\"id\":1}");
    expect_change(routed, Op::create);
    EXPECT_EQ(routed.target->schema, "mirror");
    EXPECT_EQ(routed.target->table, "t_copy");
    EXPECT_EQ(routed.target->delete_mode, DeleteMode::soft);
    Decoded other =
        on("srv.public.u", envelope("c", "{\"id\":1}", "null", source_block("postgresql", "u")));
    expect_change(other, Op::create);
    EXPECT_EQ(other.target->schema, "public");
    EXPECT_EQ(other.target->delete_mode, DeleteMode::remove);
    EXPECT_EQ(routes_->asked, 2);
    row("c", "{\"id\":1}");
    EXPECT_EQ(routes_->asked, 2); // each topic is looked up once

    // The same table with another delete mode is another target.
    route_.delete_mode = std::nullopt;
    use();
    Decoded later = row("c", "{\"id\":1}");
    EXPECT_NE(later.target, routed.target);
    EXPECT_EQ(routed.target->delete_mode, DeleteMode::soft);
    decoder.configure(DecoderSettings(), nullptr);
    EXPECT_EQ(row("c", "{\"id\":1}").target->schema, "public");
}

TEST_F(DecoderRouted, ATargetThatDoesNotFitNamesTheRoutes) {
    route_.target = "${9}.x";
    use();
    Decoded out = row("c", "{\"id\":1}");
    expect_reject(out, "42602", "empty");
    EXPECT_NE(out.fault.hint.find("kafka_cdc_sink.routes"), std::string::npos);
}

TEST_F(DecoderRouted, ExcludedColumnsAreNotRead) {
    route_.excluded_columns = {"secret", "n"};
    use();
    Decoded out = row("c", "{\"id\":1,\"secret\":\"x\",\"n\":2,\"b\":\"y\"}");
    expect_change(out, Op::create);
    EXPECT_EQ(all(out.change.row), "id=1 b=y");
    // Nor can their values be wrong.
    std::string fields = plain_field("id", "int32") + "," + plain_field("n", "int32") + "," +
                         plain_field("b", "string");
    out = decode("{\"id\":1}", framed(envelope_schema(fields),
                                      envelope("u", "{\"id\":1,\"n\":\"none\",\"b\":\"y\"}")));
    expect_change(out, Op::update);
    EXPECT_EQ(all(out.change.row), "id=1 b=y");
    EXPECT_EQ(names(out.change.key), "id");
    route_.excluded_columns = {"id"};
    use();
    out = row("c", "{\"id\":1,\"b\":\"y\"}");
    expect_reject(out, "42P10", "excluded");
    EXPECT_EQ(out.fault.cls, ErrorClass::target);
}

TEST_F(DecoderRouted, AFormatIsNotDetected) {
    const std::string rows[] = {
        "{\"schema\":\"app\",\"payload\":\"x\"}",
        "{\"id\":1,\"op\":\"d\",\"source\":{\"connector\":\"x\"}}",
        "{\"ts_ms\":5}",
        "{\"id\":\"1\",\"type\":\"a\",\"specversion\":\"1.0\",\"data\":5}",
    };
    for (const std::string& text : rows) {
        decoder.configure(DecoderSettings(), nullptr);
        Decoded out = on("srv.public.t", text);
        EXPECT_FALSE(out.kind == Decoded::Kind::change && out.change.row) << text;
        route_.format = RecordFormat::flattened;
        use();
        out = on("srv.public.t", text);
        expect_change(out, Op::upsert);
        EXPECT_TRUE(out.change.may_create) << text;
    }
    // A frame is still one, and so is what a transform puts for a delete.
    std::string schema = struct_schema("srv.public.t.Value", plain_field("id", "int32"));
    Decoded out = on("srv.public.t", framed(schema, "{\"id\":1}"));
    expect_change(out, Op::upsert);
    EXPECT_TRUE(out.change.row.layout->typed);
    expect_change(on("srv.public.t", framed(schema, "null")), Op::remove);
    expect_reject(on("srv.public.t", framed(envelope_schema(plain_field("id", "int32")),
                                            envelope("c", "{\"id\":1}"))),
                  "22023", "change envelope");

    route_.format = RecordFormat::envelope;
    use();
    expect_reject(on("srv.public.t", "{\"id\":1}"), "22023", "not a Debezium change event");
    expect_reject(on("srv.public.t", framed(schema, "{\"id\":1}")), "22023",
                  "not a Debezium change event");
    out = on("srv.public.t", "{\"op\":\"c\",\"after\":{\"id\":1}}"); // all else was taken away
    expect_change(out, Op::create);
    expect_skip(on("srv.public.t", "{\"ts_ms\":5}"), SkipReason::heartbeat);
}

TEST_F(DecoderRouted, TheFormatIsThatOfTheKeyToo) {
    const std::string row = "{\"schema\":\"b\",\"payload\":\"c\",\"schemaId\":5}";
    route_.format = RecordFormat::flattened;
    use();
    for (const char* key :
         {"{\"schema\":\"b\",\"payload\":\"c\"}", "{\"schemaId\":5,\"payload\":\"c\"}"}) {
        Decoded out = decode(std::string(key), row);
        expect_change(out, Op::upsert);
        EXPECT_EQ(out.change.key.layout->columns.size(), 2u) << key;
        EXPECT_EQ(text(out.change.key, "payload"), "c");
        out = decode(std::string(key), std::nullopt);
        expect_change(out, Op::remove);
        EXPECT_EQ(text(out.change.key, "payload"), "c");
    }
    // A frame is still one.
    const std::string schema = struct_schema("srv.public.t.Key", plain_field("schema", "string"));
    for (const std::string& frame : {schema, std::string("null")}) {
        Decoded out = decode(framed(frame, "{\"schema\":\"b\"}"), row);
        expect_change(out, Op::upsert);
        EXPECT_EQ(names(out.change.key), "schema");
    }
}

TEST_F(DecoderRouted, RowsOfARouteMayMakeATable) {
    EXPECT_FALSE(on("srv.public.t", "{\"id\":1,\"a\":2}").change.may_create);
    use();
    EXPECT_TRUE(on("srv.public.t", "{\"id\":1,\"a\":2}").change.may_create);
    EXPECT_TRUE(on("srv.public.t", "{\"a\":2}").change.may_create); // the key is only in the key
    EXPECT_FALSE(on("srv.public.u", "{\"id\":1,\"a\":2}").change.may_create);
}

TEST_F(DecoderRouted, SettingsOfOneTopicOnly) {
    route_.decimal_handling_mode = DecimalMode::string;
    route_.schemaless_decimal_columns = "fee:3";
    route_.unavailable_value = "(same)";
    use();
    ColumnShape column;
    column.name = "n";
    column.kind = TypeKind::numeric;
    column.base_oid = column.type_oid = 1700;
    column.scale = 2;
    column.has_scale = true;
    for (bool routed : {true, false}) {
        Decoded out =
            on(routed ? "srv.public.t" : "srv.public.u", envelope("u", "{\"n\":\"1234\"}"));
        const RowLayout& layout = *out.change.row.layout;
        Result<Value> value = interpret(out.change.row.values[0], column, *layout.settings,
                                        layout.source, true, arena);
        ASSERT_TRUE(value);
        EXPECT_EQ(value->kind, routed ? ValueKind::numeric : ValueKind::decimal);
    }
    EXPECT_EQ(row("c", "{\"fee\":\"AQ==\"}").change.row.layout->columns[0].ddl_type,
              "numeric"); // a string under `string`, listed

    // Typed rows know the placeholder of their route.
    Decoded out = typed(plain_field("c", "string"), "\"(same)\"");
    EXPECT_EQ(kind(out.change.row, "c"), ValueKind::unavailable);
    EXPECT_EQ(out.change.row.layout->settings->unavailable_value, "(same)");
    out = typed(plain_field("c", "string"), std::string("\"") + kPlaceholder + "\"");
    EXPECT_EQ(kind(out.change.row, "c"), ValueKind::text);
}

TEST_F(DecoderRouted, TombstonesOfEnvelopesDeleteNothingUntilTheirTableIsKnown) {
    route_.format = RecordFormat::envelope;
    use();
    RecordText record;
    record.key = "{\"id\":1}";
    expect_skip(decode(record), SkipReason::unplaced_tombstone);
    record.headers = {{kNewKey, "{\"id\":2}"}};
    expect_skip(decode(record), SkipReason::move_tombstone);
    record.headers.clear();
    row("c", "{\"id\":1}");
    expect_change(decode(record), Op::remove);
}

} // namespace
} // namespace kcs::test
