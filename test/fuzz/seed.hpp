#pragma once

#include "core/settings.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// What decoder_fuzz.cpp reads as one record: two bytes that say what is there and how the source
// was configured; then key and header, each after its length in two bytes; the rest is the value.

namespace kcs::test {

/// The two highest bits choose the connector.
enum SeedFlag : uint8_t {
    kIsNewKey = 1,
    kNoKey = 2,
    kNoValue = 4,
    kHasHeader = 8,
    kNamesConnector = 16
};

struct Seed {
    uint8_t flags = 0;
    uint8_t modes = 0;
    std::string_view key, header, value;
};

inline std::string_view take(std::string_view& rest) {
    if (rest.size() < 2)
        return {};
    size_t size = (static_cast<unsigned char>(rest[0]) << 8) | static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    std::string_view piece = rest.substr(0, size);
    rest.remove_prefix(piece.size());
    return piece;
}

inline Seed read_seed(std::string_view input) {
    Seed seed;
    if (input.size() < 2)
        return seed;
    seed.flags = static_cast<uint8_t>(input[0]);
    seed.modes = static_cast<uint8_t>(input[1]);
    input.remove_prefix(2);
    if (!(seed.flags & kNoKey))
        seed.key = take(input);
    if (seed.flags & kHasHeader)
        seed.header = take(input);
    if (!(seed.flags & kNoValue))
        seed.value = input;
    return seed;
}

/// The four modes that one byte can tell; every combination of time and decimals occurs.
inline DecoderSettings settings_of(uint8_t modes) {
    DecoderSettings settings;
    settings.time_precision_mode = static_cast<TimePrecisionMode>(modes % 7);
    settings.decimal_handling_mode = static_cast<DecimalMode>(modes / 7 % 3);
    settings.binary_handling_mode = static_cast<BinaryMode>(modes / 21 % 4);
    settings.interval_handling_mode = static_cast<IntervalMode>(modes / 84 % 2);
    settings.delete_mode = static_cast<DeleteMode>(modes % 3);
    return settings;
}

/// With KCS_SEEDS set, the unit tests leave the records that they decode in that directory.
inline void keep_seed(const std::optional<std::string>& key,
                      const std::optional<std::string>& value, const std::string* new_key,
                      const std::string* old_key) {
    const char* directory = std::getenv("KCS_SEEDS");
    if (directory == nullptr)
        return;
    const std::string* header = new_key != nullptr ? new_key : old_key;
    std::string seed;
    seed += static_cast<char>((new_key != nullptr ? kIsNewKey : 0) | (key ? 0 : kNoKey) |
                              (value ? 0 : kNoValue) | (header != nullptr ? kHasHeader : 0));
    seed += '\0';
    auto put = [&](const std::string& piece) {
        seed += static_cast<char>(piece.size() >> 8);
        seed += static_cast<char>(piece.size());
        seed += piece;
    };
    if (key)
        put(*key);
    if (header != nullptr)
        put(*header);
    if (value)
        seed += *value;
    if (seed.size() < 16384 && (!key || key->size() < 65536))
        std::ofstream(std::string(directory) + "/" + std::to_string(std::hash<std::string>()(seed)))
            << seed;
}

} // namespace kcs::test
