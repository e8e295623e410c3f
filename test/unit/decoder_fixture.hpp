#pragma once

#include "../fuzz/seed.hpp"
#include "debezium/decoder.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kcs::test {

/// A record under construction; unset key or value: Kafka null.
struct RecordText {
    std::string topic = "srv.public.t";
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// A Connect JSON field: its schema members after `"type"`, without braces.
inline std::string field(const std::string& name, const std::string& type) {
    return "{\"type\":" + type + ",\"field\":\"" + name + "\"}";
}
inline std::string plain_field(const std::string& name, const std::string& type) {
    return field(name, "\"" + type + "\",\"optional\":true");
}
inline std::string named_field(const std::string& name, const std::string& type,
                               const std::string& logical) {
    return field(name,
                 "\"" + type + "\",\"optional\":true,\"name\":\"" + logical + "\",\"version\":1");
}
inline std::string struct_schema(const std::string& name, const std::string& fields) {
    return "{\"type\":\"struct\",\"optional\":false,\"name\":\"" + name + "\",\"fields\":[" +
           fields + "]}";
}
/// Schema of an envelope whose rows have `fields` (comma separated field nodes).
inline std::string envelope_schema(const std::string& fields,
                                   const std::string& connector = "postgresql") {
    auto row = [&](const char* name) {
        return std::string("{\"type\":\"struct\",\"optional\":true,\"name\":\"srv.public.t.Value\","
                           "\"fields\":[") +
               fields + "],\"field\":\"" + name + "\"}";
    };
    return "{\"type\":\"struct\",\"optional\":false,\"name\":\"srv.public.t.Envelope\",\"version\":"
           "2,\"fields\":[" +
           row("before") + "," + row("after") +
           ",{\"type\":\"struct\",\"optional\":false,\"name\":\"io.debezium.connector." +
           connector +
           ".Source\",\"field\":\"source\",\"fields\":[{\"type\":\"string\",\"optional\":false,"
           "\"field\":\"connector\"}]},{\"type\":\"string\",\"optional\":false,\"field\":\"op\"}]}";
}
inline std::string framed(const std::string& schema, const std::string& payload) {
    return "{\"schema\":" + schema + ",\"payload\":" + payload + "}";
}
inline std::string source_block(const std::string& connector = "postgresql",
                                const std::string& table = "t") {
    return "{\"version\":\"3.6.0.Final\",\"connector\":\"" + connector +
           "\",\"name\":\"srv\",\"ts_ms\":1529507596945,\"snapshot\":null,\"db\":\"inventory\","
           "\"sequence\":\"[\\\"24023119\\\",\\\"24023128\\\"]\",\"ts_us\":1529507596945104,"
           "\"schema\":\"public\",\"table\":\"" +
           table + "\",\"txId\":571,\"lsn\":24023128,\"xmin\":null}";
}
inline std::string envelope(const std::string& op, const std::string& after,
                            const std::string& before = "null",
                            const std::string& source = source_block()) {
    return "{\"before\":" + before + ",\"after\":" + after + ",\"source\":" + source +
           ",\"transaction\":null,\"op\":\"" + op + "\",\"ts_ms\":1529507597001}";
}

inline constexpr const char* kPlaceholder = "__debezium_unavailable_value";
inline constexpr const char* kNewKey = "__debezium.newkey";
inline constexpr const char* kOldKey = "__debezium.oldkey";

class DecoderTest : public ::testing::Test {
protected:
    Decoded decode(const RecordText& text) {
        headers_.clear();
        const std::string* new_key = nullptr;
        const std::string* old_key = nullptr;
        for (const auto& header : text.headers) {
            headers_.push_back({header.first, header.second});
            (header.first == kNewKey ? new_key : old_key) = &header.second;
        }
        keep_seed(text.key, text.value, new_key, old_key);
        Record record;
        record.slot = 3;
        record.offset = 42;
        record.topic = text.topic;
        record.has_key = text.key.has_value();
        record.has_value = text.value.has_value();
        if (text.key)
            record.key = *text.key;
        if (text.value)
            record.value = *text.value;
        record.known_headers = {headers_.data(), static_cast<uint32_t>(headers_.size())};
        return decoder.decode(record, arena);
    }
    Decoded decode(std::optional<std::string> key, std::optional<std::string> value) {
        RecordText text;
        text.key = std::move(key);
        text.value = std::move(value);
        return decode(text);
    }
    /// A record without schema whose `after` is given.
    Decoded row(const std::string& op, const std::string& after) {
        return decode("{\"id\":1}", envelope(op, after));
    }
    /// A record with schema of one column `c`.
    Decoded typed(const std::string& field_node, const std::string& value,
                  const std::string& op = "u", const std::string& connector = "postgresql") {
        return decode("{\"id\":1}", framed(envelope_schema(field_node, connector),
                                           envelope(op, "{\"c\":" + value + "}", "null",
                                                    source_block(connector))));
    }

    static const Value* find(const Row& row, const std::string& column) {
        if (!row)
            return nullptr;
        for (size_t i = 0; i < row.layout->columns.size(); ++i)
            if (row.layout->columns[i].name == column)
                return &row.values[i];
        return nullptr;
    }
    static ValueKind kind(const Row& row, const std::string& column) {
        const Value* value = find(row, column);
        return value != nullptr ? value->kind : ValueKind::absent;
    }
    static std::string text(const Row& row, const std::string& column) {
        const Value* value = find(row, column);
        return value != nullptr ? std::string(value->text()) : "(none)";
    }
    static std::string names(const Row& row) {
        std::string out;
        if (row)
            for (const LayoutColumn& column : row.layout->columns)
                out += (out.empty() ? "" : ",") + column.name;
        return out;
    }

    Decoder decoder{DecoderSettings()};
    Arena arena;

private:
    std::vector<Header> headers_;
};

inline void expect_change(const Decoded& decoded, Op op) {
    ASSERT_EQ(decoded.kind, Decoded::Kind::change) << decoded.fault.message;
    EXPECT_EQ(decoded.change.op, op);
    ASSERT_NE(decoded.change.target, nullptr);
    EXPECT_EQ(decoded.change.target, decoded.target);
    EXPECT_EQ(decoded.change.slot, 3u);
    EXPECT_EQ(decoded.change.offset, 42);
}
inline void expect_skip(const Decoded& decoded, SkipReason reason) {
    ASSERT_EQ(decoded.kind, Decoded::Kind::skip) << decoded.fault.message;
    EXPECT_EQ(decoded.skip, reason);
}
inline void expect_reject(const Decoded& decoded, const std::string& sqlstate,
                          const std::string& in_message) {
    ASSERT_EQ(decoded.kind, Decoded::Kind::reject);
    EXPECT_EQ(decoded.fault.sqlstate, sqlstate) << decoded.fault.message;
    EXPECT_NE(decoded.fault.message.find(in_message), std::string::npos) << decoded.fault.message;
}

} // namespace kcs::test
