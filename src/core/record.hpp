#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kcs {

/// One Kafka record header. A header without a value is an empty view whose data() is null.
struct Header {
    std::string_view name;
    std::string_view value;
};

/// A record's headers, which cost time to read: so where somebody asks for them.
struct HeaderList {
    const Header* data = nullptr;
    uint32_t count = 0;
    const Header* begin() const { return data; }
    const Header* end() const { return data + count; }
};
class Headers {
public:
    virtual ~Headers() = default;
    /// Valid as long as the record. By one thread at a time.
    virtual HeaderList read() = 0;
};

/// One Kafka record as consumed. Views point into the client's buffers, which the Source keeps
/// until Source::release().
struct Record {
    uint32_t slot = 0;      ///< partition, as an index into the shared partition slots
    int32_t partition = 0;  ///< Kafka's number of it
    std::string_view topic; ///< valid as long as the record
    int64_t offset = 0;
    int64_t timestamp_ms = 0; ///< Kafka timestamp, -1 when the record has none
    bool has_key = false;     ///< false: Kafka null
    bool has_value = false;   ///< false: Kafka null
    std::string_view key;
    std::string_view value;
    HeaderList known_headers;
    Headers* unread_headers = nullptr; ///< in place of known_headers

    HeaderList headers() const {
        return unread_headers != nullptr ? unread_headers->read() : known_headers;
    }
};

/// Stable 64-bit FNV-1a over timestamp, key and value: kept with the last applied record, so that
/// a recreated topic is noticed (stored in a table: never change it).
inline uint64_t record_hash(const Record& record) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    auto mix = [&h](const char* data, size_t size) {
        for (size_t i = 0; i < size; ++i)
            h = (h ^ static_cast<unsigned char>(data[i])) * UINT64_C(0x100000001b3);
    };
    char head[10];
    for (int i = 0; i < 8; ++i)
        head[i] = static_cast<char>(static_cast<uint64_t>(record.timestamp_ms) >> (8 * i));
    head[8] = static_cast<char>(record.has_key);
    head[9] = static_cast<char>(record.has_value);
    mix(head, sizeof head);
    mix(record.key.data(), record.key.size());
    mix(record.value.data(), record.value.size());
    return h;
}

} // namespace kcs
