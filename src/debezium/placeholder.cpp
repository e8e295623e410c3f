#include "debezium/base64.hpp"
#include "debezium/json_cursor.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/md5.hpp"
#include "debezium/number.hpp"
#include "debezium/scalars.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// UUID.nameUUIDFromBytes of Java: MD5 without a namespace.
std::string name_uuid(std::string_view bytes) {
    auto digest = md5(bytes);
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x30); // version 3
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80); // RFC 4122's variant
    std::string hex = encode_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

/// The bytes that the setting stands for: raw ones behind `hex:`, else the text itself.
std::string bytes_of(const std::string& setting) {
    constexpr std::string_view kPrefix = "hex:";
    if (setting.compare(0, kPrefix.size(), kPrefix) != 0)
        return setting;
    std::string bytes = setting.substr(kPrefix.size());
    uint32_t size = 0;
    if (!decode_hex(bytes, bytes.data(), size))
        return setting;
    bytes.resize(size);
    return bytes;
}

bool is_continuation(unsigned char c) {
    return (c & 0xC0) == 0x80;
}

/// How many octets at `at` make a character of UTF-8 (`good`), or are replaced by one U+FFFD where
/// Java makes a string of them: as many as begin a character, and surrogates whole.
size_t java_character(const std::string& bytes, size_t at, bool& good) {
    auto octet = [&](size_t i) {
        return static_cast<unsigned char>(i < bytes.size() ? bytes[i] : 0);
    };
    unsigned char first = octet(at), second = octet(at + 1);
    good = first < 0x80;
    if (first < 0xC2 || first > 0xF4 || !is_continuation(second) ||
        (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second > 0x8F))
        return 1;
    size_t wanted = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    size_t size = 2;
    while (size < wanted && is_continuation(octet(at + size)))
        ++size;
    good = size == wanted && !(first == 0xED && second >= 0xA0);
    return size;
}

/// What `new String(bytes, UTF_8)` of the connector makes of octets that are no text.
std::string java_text(const std::string& bytes) {
    std::string text;
    for (size_t at = 0; at < bytes.size();) {
        bool good = false;
        size_t size = java_character(bytes, at, good);
        text += good ? bytes.substr(at, size) : "\xEF\xBF\xBD";
        at += size;
    }
    return text;
}

/// Java's bytes have a sign, so both readings of an octet stand for it.
bool is_octet(int64_t n, char octet) {
    return n == static_cast<signed char>(octet) || n == static_cast<unsigned char>(octet);
}

} // namespace

Placeholder::Placeholder(const std::string& setting) : bytes_(bytes_of(setting)) {
    if (bytes_.empty())
        return; // no placeholder: nothing matches
    literal_ = java_text(bytes_);
    spelled_plainly_ = std::all_of(literal_.begin(), literal_.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    });
    base64_ = encode_base64(bytes_, Base64Alphabet::standard);
    base64_url_ = encode_base64(bytes_, Base64Alphabet::url_safe);
    hex_ = encode_hex(bytes_);
    uuid_ = name_uuid(bytes_);
}

bool Placeholder::matches_encoded(std::string_view text) const {
    return text == base64_ || text == base64_url_ || text == hex_;
}

bool Placeholder::matches(Semantic semantic, const JsonScalar& scalar) const {
    if (scalar.kind != JsonScalar::Kind::string || bytes_.empty())
        return false;
    std::string_view text = scalar.text();
    switch (semantic) {
    case Semantic::bytes:
        return text == base64_;
    case Semantic::string: // of any binary.handling.mode too, or in string decimals
        return text == literal_ || matches_encoded(text);
    case Semantic::json: // hstore comes as JSON
        return text == literal_ || matches_pair(text);
    case Semantic::uuid:
    case Semantic::enumeration:
    case Semantic::enum_set:
    case Semantic::xml:
    case Semantic::ltree:
    case Semantic::tsvector:
    case Semantic::zoned_timestamp:
    case Semantic::zoned_time:
    case Semantic::iso_date:
    case Semantic::iso_time:
    case Semantic::iso_timestamp:
    case Semantic::interval_text:
        return text == literal_;
    default:
        return false;
    }
}

bool Placeholder::matches_array(Semantic element, const Value* items, uint32_t count) const {
    if (bytes_.empty() || count == 0)
        return false;
    switch (element) {
    case Semantic::string:
    case Semantic::json:
    case Semantic::enumeration:
    case Semantic::enum_set:
    case Semantic::xml:
    case Semantic::ltree:
    case Semantic::tsvector:
        return count == 1 && !literal_.empty() &&
               (items[0].kind == ValueKind::text || items[0].kind == ValueKind::json) &&
               items[0].text() == literal_;
    case Semantic::bytes:
        return count == 1 && items[0].kind == ValueKind::bytes && items[0].text() == bytes_;
    case Semantic::uuid:
        return count == 1 && items[0].kind == ValueKind::text && items[0].text() == uuid_;
    case Semantic::int32:
    case Semantic::int64:
    case Semantic::date: {
        if (count != bytes_.size())
            return false;
        ValueKind kind = element == Semantic::date ? ValueKind::date : ValueKind::integer;
        int64_t epoch = element == Semantic::date ? kEpochDays : 0;
        for (uint32_t i = 0; i < count; ++i) {
            if (items[i].kind != kind || items[i].integer == kInfinity ||
                !is_octet(items[i].integer + epoch, bytes_[i]))
                return false;
        }
        return true;
    }
    default:
        return false;
    }
}

bool Placeholder::matches_text(std::string_view text) const {
    if (bytes_.empty())
        return false;
    return text == literal_ || matches_encoded(text) || matches_pair(text);
}

bool Placeholder::matches_pair(std::string_view json) const {
    // Most documents are let go without being taken apart.
    return !json.empty() && json[0] == '{' &&
           (!spelled_plainly_ || json.find(literal_) != std::string_view::npos) &&
           matches_json(json);
}

bool Placeholder::matches_json(std::string_view json) const {
    // Each octet takes at most six characters (\u0000, or a number with its comma and blank), and
    // stands twice in a pair; larger documents need not be looked into.
    if (bytes_.empty() || json.size() > bytes_.size() * 12 + 64)
        return false;
    Arena arena(4096);
    JsonParts document;
    if (split_json(json, arena, document) != JsonError::none || document.parts.empty())
        return false;
    const JsonPart& first = document.parts[0];
    bool one_text = document.parts.size() == 1 && first.value.kind == ValueKind::token_text;
    if (document.is_object)
        return one_text && first.name == literal_ && first.value.text() == literal_;
    if (one_text) {
        std::string_view text = first.value.text();
        return text == literal_ || matches_encoded(text) || text == uuid_;
    }
    if (document.parts.size() != bytes_.size())
        return false;
    for (size_t i = 0; i < document.parts.size(); ++i) {
        const Value& item = document.parts[i].value;
        int64_t n = 0;
        if (item.kind != ValueKind::token_number ||
            to_integer(item.text(), 0, n) != Exactness::exact || !is_octet(n, bytes_[i]))
            return false;
    }
    return true;
}

const Placeholder& placeholder_of(const DecoderSettings& settings) {
    struct Known {
        explicit Known(const std::string& setting) : of(setting), forms(setting) {}
        std::string of;
        Placeholder forms;
    };
    constexpr size_t kMost = 16; // routes may have their own
    // One list for each thread: records are decoded on two.
    thread_local std::vector<std::unique_ptr<Known>> known;
    size_t at = 0;
    while (at < known.size() && known[at]->of != settings.unavailable_value)
        ++at;
    if (at == known.size()) {
        known.push_back(std::make_unique<Known>(settings.unavailable_value));
        if (known.size() > kMost) {
            known.erase(known.begin());
            --at;
        }
    }
    return known[at]->forms;
}

} // namespace kcs
