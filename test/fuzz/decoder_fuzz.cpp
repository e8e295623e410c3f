// libFuzzer entry for the decoder and for what tables make of its values: `make fuzz`. Input:
// seed.hpp.
#include "debezium/decoder.hpp"
#include "debezium/interpret.hpp"
#include "seed.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace {

using kcs::TypeKind;

/// Touches every byte of a value, and of what it points to.
uint64_t touch(const kcs::Value& value) {
    uint64_t sum = value.size;
    switch (value.kind) {
    case kcs::ValueKind::real:
    case kcs::ValueKind::text:
    case kcs::ValueKind::bytes:
    case kcs::ValueKind::numeric:
    case kcs::ValueKind::json:
    case kcs::ValueKind::bits:
    case kcs::ValueKind::geometry:
    case kcs::ValueKind::sparse:
    case kcs::ValueKind::spelled:
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

/// Columns of every kind of type; arrays of every kind too; numerics of an odd scale.
std::array<kcs::ColumnShape, 2 * static_cast<size_t>(TypeKind::other) + 2> columns() {
    std::array<kcs::ColumnShape, 2 * static_cast<size_t>(TypeKind::other) + 2> all;
    for (size_t i = 0; i < all.size(); ++i) {
        TypeKind kind = static_cast<TypeKind>(i / 2);
        kcs::ColumnShape& column = all[i];
        column.name = "c";
        column.kind = i % 2 ? TypeKind::array : kind;
        column.element = i % 2 ? kind : TypeKind::other;
        if (kind == TypeKind::numeric) {
            column.precision = 10;
            column.scale = 2;
            column.has_scale = true;
        } else if (kind == TypeKind::bit || kind == TypeKind::timestamp) {
            column.typmod = column.precision = 3;
        }
    }
    return all;
}

uint64_t touch(const kcs::Row& row, const kcs::DecoderSettings& settings, bool may_miss,
               kcs::Arena& arena) {
    static const auto targets = columns();
    uint64_t sum = 0;
    if (!row)
        return sum;
    constexpr size_t kMost = 64; // a thousand columns times these types take seconds
    for (size_t i = 0; i < std::min(row.layout->columns.size(), kMost); ++i) {
        const kcs::LayoutColumn& column = row.layout->columns[i];
        sum += touch(row.values[i]) + column.name.size() + column.ddl_type.size();
        if (row.values[i].kind == kcs::ValueKind::absent)
            continue;
        for (const kcs::ColumnShape& target : targets) {
            if (!row.layout->typed) {
                if (auto value = kcs::interpret(row.values[i], target, settings, row.layout->source,
                                                may_miss, arena))
                    sum += touch(*value);
            } else if (kcs::target_has_say(column, target, settings.binary_handling_mode)) {
                if (auto value =
                        kcs::adapt(row.values[i], column, target, settings, may_miss, arena))
                    sum += touch(*value);
            }
        }
    }
    return sum;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static std::array<std::unique_ptr<kcs::Decoder>, 256> decoders;
    static kcs::Arena arena;
    static volatile uint64_t sink;
    kcs::test::Seed seed = kcs::test::read_seed({reinterpret_cast<const char*>(data), size});
    const kcs::DecoderSettings settings = kcs::test::settings_of(seed.modes);
    std::unique_ptr<kcs::Decoder>& decoder = decoders[seed.modes];
    if (!decoder)
        decoder = std::make_unique<kcs::Decoder>(settings);
    kcs::Header headers[2];
    kcs::Record record;
    record.topic = "srv.public.t";
    record.has_key = !(seed.flags & kcs::test::kNoKey);
    record.has_value = !(seed.flags & kcs::test::kNoValue);
    record.key = seed.key;
    record.value = seed.value;
    if (seed.flags & kcs::test::kHasHeader) {
        kcs::Header& header = headers[record.known_headers.count++];
        header.name = seed.flags & kcs::test::kIsNewKey ? "__debezium.newkey" : "__debezium.oldkey";
        header.value = seed.header;
    }
    if (seed.flags & kcs::test::kNamesConnector) {
        constexpr std::string_view kNames[] = {"mysql", "sqlserver", "oracle", "postgresql"};
        headers[record.known_headers.count++] = {"__debezium.context.connectorName",
                                          kNames[seed.flags >> 6]};
    }
    record.known_headers.data = headers;
    // Twice: the second time the schema is known.
    for (int round = 0; round < 2; ++round) {
        kcs::Decoded out = decoder->decode(record, arena);
        if (out.kind == kcs::Decoded::Kind::change)
            for (const kcs::Row* row : {&out.change.key, &out.change.row, &out.change.before,
                                        &out.change.new_key, &out.change.old_key})
                sink = sink + touch(*row, settings, out.change.may_miss, arena);
    }
    arena.reset();
    decoder->trim();
    return 0;
}
