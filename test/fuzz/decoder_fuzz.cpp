// libFuzzer entry for the decoder. Build and run, for example:
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
//       -fno-sanitize=pointer-overflow -Isrc test/fuzz/decoder_fuzz.cpp src/core/*.cpp
//       src/debezium/*.cpp -o build/decoder_fuzz && build/decoder_fuzz -max_len=8192
// (RapidJSON 1.1.0 adds to a null pointer in its empty stack, hence the one exception.)
// Input: first byte chooses what is there; then length-prefixed (two bytes) key, header, value.
#include "debezium/decoder.hpp"
#include "debezium/interpret.hpp"

#include <cstdint>
#include <string_view>

namespace {

std::string_view take(std::string_view& rest) {
    if (rest.size() < 2)
        return {};
    size_t size = (static_cast<unsigned char>(rest[0]) << 8) | static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    std::string_view piece = rest.substr(0, size);
    rest.remove_prefix(piece.size());
    return piece;
}

/// Touches every byte of a value, and of what it points to.
uint64_t touch(const kcs::Value& value) {
    uint64_t sum = value.size;
    switch (value.kind) {
    case kcs::ValueKind::real:
    case kcs::ValueKind::text:
    case kcs::ValueKind::bytes:
    case kcs::ValueKind::numeric:
    case kcs::ValueKind::json:
    case kcs::ValueKind::token_number:
    case kcs::ValueKind::token_text:
    case kcs::ValueKind::token_json:
        for (char c : value.text())
            sum += static_cast<unsigned char>(c);
        break;
    case kcs::ValueKind::array:
        for (uint32_t i = 0; i < value.size; ++i)
            sum += touch(value.items[i]);
        break;
    default:
        break;
    }
    return sum;
}

uint64_t touch(const kcs::Row& row, kcs::Arena& arena) {
    uint64_t sum = 0;
    if (!row)
        return sum;
    static const kcs::DecoderSettings settings;
    for (size_t i = 0; i < row.layout->columns.size(); ++i) {
        sum += touch(row.values[i]) + row.layout->columns[i].name.size();
        if (row.layout->typed || row.values[i].kind == kcs::ValueKind::absent)
            continue;
        for (kcs::TypeKind kind : {kcs::TypeKind::numeric, kcs::TypeKind::timestamptz,
                                   kcs::TypeKind::bytea, kcs::TypeKind::array}) {
            kcs::ColumnShape column;
            column.name = row.layout->columns[i].name;
            column.kind = kind;
            column.element = kcs::TypeKind::int4;
            kcs::Result<kcs::Value> value =
                kcs::interpret(row.values[i], column, settings, true, arena);
            if (value)
                sum += touch(*value);
        }
    }
    return sum;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static kcs::Decoder decoder{kcs::DecoderSettings()};
    static kcs::Arena arena;
    static volatile uint64_t sink;
    if (size == 0)
        return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    kcs::Header header;
    kcs::Record record;
    header.name = data[0] & 1 ? "__debezium.newkey" : "__debezium.oldkey";
    record.topic = "srv.public.t";
    record.has_key = (data[0] & 2) == 0;
    record.has_value = (data[0] & 4) == 0;
    if (record.has_key)
        record.key = take(rest);
    if (data[0] & 8) {
        header.value = take(rest);
        record.headers = &header;
        record.header_count = 1;
    }
    if (record.has_value)
        record.value = rest;
    // Twice: the second time the schema is known.
    for (int round = 0; round < 2; ++round) {
        kcs::Decoded out = decoder.decode(record, arena);
        if (out.kind == kcs::Decoded::Kind::change)
            for (const kcs::Row* row : {&out.change.key, &out.change.row, &out.change.before,
                                        &out.change.new_key, &out.change.old_key})
                sink = sink + touch(*row, arena);
    }
    arena.reset();
    decoder.trim();
    return 0;
}
