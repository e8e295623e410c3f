#include "decoder_fixture.hpp"

#include "core/pure.hpp"

// The wire format's record vectors (section 7.2), as far as the decoder decides them. What they
// leave in tables is in sql/apply_records.sql.

namespace kcs::test {
namespace {

class RecordVectors : public DecoderTest {
protected:
    Decoded flat(const std::string& value, const std::string& key = "{\"id\":1}") {
        return decode(key, value);
    }
};

TEST_F(RecordVectors, R1UnavailableText) {
    Decoded d = row("u", R"({"id":1,"n":8,"big":"__debezium_unavailable_value"})");
    expect_change(d, Op::update);
    EXPECT_EQ(text(d.change.row, "n"), "8");
    EXPECT_TRUE(d.change.may_miss);
}

TEST_F(RecordVectors, R3EveryColumnUnavailableIsAnUpdateAllTheSame) {
    Decoded d = row("u", R"({"id":1,"big":"__debezium_unavailable_value"})");
    expect_change(d, Op::update);
    EXPECT_EQ(names(d.change.row), "id,big");
}

TEST_F(RecordVectors, R5R6HalvesOfAKeyChangeTellThatTheyBelongTogether) {
    RecordText first, second, tombstone;
    first.key = tombstone.key = "{\"id\":1}";
    first.value = envelope("d", "null", "{\"id\":1,\"big\":\"\"}");
    first.headers = tombstone.headers = {{kNewKey, "{\"id\":2}"}};
    second.key = "{\"id\":2}";
    second.value = envelope("c", R"({"id":2,"big":"__debezium_unavailable_value"})");
    second.headers = {{kOldKey, "{\"id\":1}"}};
    Decoded d = decode(first);
    expect_change(d, Op::remove);
    EXPECT_EQ(text(d.change.new_key, "id"), "2");
    uint64_t pair = d.change.pair;
    EXPECT_NE(pair, 0U);
    expect_skip(decode(tombstone), SkipReason::move_tombstone);
    d = decode(second);
    expect_change(d, Op::create);
    EXPECT_EQ(text(d.change.old_key, "id"), "1");
    EXPECT_EQ(d.change.pair, pair);
    EXPECT_TRUE(d.change.may_miss);
    // Of another change of the same row:
    std::string later = source_block();
    later.replace(later.find("24023128,"), 9, "24023129,");
    second.value = envelope("c", R"({"id":2,"big":"x"})", "null", later);
    EXPECT_NE(decode(second).change.pair, pair);
    // The place in the history of other connectors:
    for (const char* place :
         {R"("file":"mysql-bin.1","pos":4,"row":0)", R"("commit_lsn":"00:01","change_lsn":"00:02")",
          R"("scn":"123","ssn":1,"rs_id":"x")"}) {
        std::string block = std::string(R"({"connector":"x","db":"d","table":"t",)") + place + "}";
        first.value = envelope("d", "null", "null", block);
        second.value = envelope("c", R"({"id":2})", "null", block);
        EXPECT_NE(decode(first).change.pair, 0U) << place;
        EXPECT_EQ(decode(first).change.pair, decode(second).change.pair) << place;
    }
    first.value = envelope("d", "null", "null", R"({"connector":"x","db":"d","table":"t"})");
    EXPECT_EQ(decode(first).change.pair, 0U);
}

TEST_F(RecordVectors, R7DeleteGoesByItsKey) {
    Decoded d = decode("{\"id\":5}", envelope("d", "null", R"({"id":5,"name":"","age":0})"));
    expect_change(d, Op::remove);
    EXPECT_EQ(text(d.change.key, "id"), "5");
    EXPECT_FALSE(d.change.before);
}

TEST_F(RecordVectors, R8R9PseudoTombstones) {
    std::string schema = struct_schema("srv.public.t.Value", plain_field("id", "int32"));
    std::string key =
        framed(struct_schema("srv.public.t.Key", plain_field("id", "int32")), "{\"id\":1}");
    Decoded d = decode(key, framed(schema, "null"));
    expect_change(d, Op::remove);
    EXPECT_TRUE(d.change.tombstone);
    d = decode("{\"id\":1}", "null");
    expect_change(d, Op::remove);
    EXPECT_EQ(text(d.change.key, "id"), "1");
}

TEST_F(RecordVectors, R10KeylessTombstone) {
    expect_skip(decode(std::nullopt, std::nullopt), SkipReason::keyless_tombstone);
}

TEST_F(RecordVectors, R11R12FlattenedRows) {
    Decoded d = flat(R"({"id":1,"name":"","__deleted":"true"})");
    expect_change(d, Op::remove);
    EXPECT_EQ(text(d.change.key, "id"), "1");
    d = flat(R"({"id":1,"name":"a","__deleted":"false","__op":"u","__source_ts_ms":1})");
    expect_change(d, Op::update);
    EXPECT_EQ(names(d.change.row), "id,name");
}

TEST_F(RecordVectors, R13DefaultsAreValues) {
    Decoded d = typed(field("c", R"("string","optional":true,"default":"new")"), "\"new\"", "c");
    expect_change(d, Op::create);
    EXPECT_EQ(text(d.change.row, "c"), "new");
}

TEST_F(RecordVectors, R14SnapshotReads) {
    expect_change(row("r", "{\"id\":1}"), Op::read);
}

TEST_F(RecordVectors, R15Truncate) {
    Decoded d = decode(std::nullopt, envelope("t", "null"));
    expect_change(d, Op::truncate);
    EXPECT_FALSE(d.change.key);
}

TEST_F(RecordVectors, R16FieldThatRoutingAddsToKeys) {
    Decoded d = decode(R"({"id":1,"__dbz__physicalTableIdentifier":"srv.public.t_shard3"})",
                       envelope("c", "{\"id\":1}"));
    expect_change(d, Op::create);
    EXPECT_EQ(names(d.change.key), "id,__dbz__physicalTableIdentifier");
    EXPECT_TRUE(d.change.key.layout->columns[1].routing);
    EXPECT_FALSE(d.change.merges); // the source block tells the table
    RecordText moved;
    moved.key = R"({"id":1,"__dbz__physicalTableIdentifier":"srv.public.t_shard3"})";
    moved.value = envelope("d", "null");
    moved.headers = {
        {kNewKey, R"({"id":2,"__dbz__physicalTableIdentifier":"srv.public.t_shard3"})"}};
    d = decode(moved);
    expect_change(d, Op::remove);
    EXPECT_EQ(names(d.change.new_key), "id,__dbz__physicalTableIdentifier");
}

TEST_F(RecordVectors, R18Heartbeat) {
    RecordText heartbeat;
    heartbeat.topic = "__debezium-heartbeat.srv";
    heartbeat.value = "{\"ts_ms\":1}";
    expect_skip(decode(heartbeat), SkipReason::heartbeat);
}

TEST_F(RecordVectors, R19TransactionsAreNotNeeded) {
    std::string value = envelope("c", "{\"id\":1}");
    value.replace(value.find("\"transaction\":null"), 18,
                  R"("transaction":{"id":"571:164","total_order":1,"data_collection_order":1})");
    expect_change(decode("{\"id\":1}", value), Op::create);
}

TEST_F(RecordVectors, R21SnapshotNull) {
    expect_change(row("c", "{\"id\":1}"), Op::create); // the fixture's blocks have it null
}

TEST_F(RecordVectors, R22UnknownColumnsStay) {
    Decoded d = flat(R"({"id":1,"__mine":"x","__op":"c"})");
    expect_change(d, Op::create);
    EXPECT_EQ(names(d.change.row), "id,__mine");
}

TEST_F(RecordVectors, PrefixOfFlattenedMetadata) {
    DecoderSettings settings;
    settings.flattened_prefix = "meta.";
    decoder.configure(settings, nullptr);
    Decoded d = flat(
        R"({"id":1,"meta.op":"r","meta.lsn":5,"meta.other":1,"__op":"x","__deleted":"false"})");
    expect_change(d, Op::read);
    EXPECT_EQ(names(d.change.row), "id,meta.other,__op");
    expect_change(flat(R"({"id":1,"__deleted":"true"})"), Op::remove); // has no other prefix
    expect_change(flat(R"({"id":1,"meta.op":"d"})"), Op::remove);
    std::string schema = struct_schema("srv.public.t.Value", plain_field("id", "int32") + "," +
                                                                 plain_field("meta.op", "string"));
    d = flat(framed(schema, R"({"id":1,"meta.op":"c"})"));
    expect_change(d, Op::create);
    EXPECT_EQ(names(d.change.row), "id");
    settings.flattened_prefix = "";
    decoder.configure(settings, nullptr);
    d = flat(R"({"id":1,"op":"u","lsn":5,"name":"n","source_lsn":6,"transaction_id":"7"})");
    expect_change(d, Op::update);
    EXPECT_EQ(names(d.change.row), "id,lsn,name"); // these might be the table's
}

} // namespace
} // namespace kcs::test
