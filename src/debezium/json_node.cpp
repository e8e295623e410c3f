#include "debezium/json_node.hpp"

#include "debezium/json_cursor.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "core/rapidjson_assert.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Builds the tree from the reader's events.
class TreeBuilder {
public:
    bool Null() { return add(JsonNode()); }
    bool Bool(bool value) {
        JsonNode node;
        node.kind = JsonNode::Kind::boolean;
        node.boolean = value;
        return add(std::move(node));
    }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        return add(leaf(JsonNode::Kind::number, text, size));
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return clean(text, size) && add(leaf(JsonNode::Kind::string, text, size));
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        keys_.back().assign(text, size);
        return clean(text, size);
    }
    bool StartObject() { return open(JsonNode::Kind::object); }
    bool StartArray() { return open(JsonNode::Kind::array); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }
    // Numbers come as text (kParseNumbersAsStringsFlag).
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(int64_t) { return false; }
    bool Uint64(uint64_t) { return false; }
    bool Double(double) { return false; }

    JsonNode root;

private:
    static JsonNode leaf(JsonNode::Kind kind, const char* text, size_t size) {
        JsonNode node;
        node.kind = kind;
        node.text.assign(text, size);
        return node;
    }
    static bool clean(const char* text, size_t size) {
        return size == 0 || std::memchr(text, 0, size) == nullptr;
    }
    bool open(JsonNode::Kind kind) {
        if (open_.size() == kMaxJsonDepth)
            return false;
        open_.emplace_back();
        open_.back().kind = kind;
        keys_.emplace_back();
        return true;
    }
    bool close() {
        JsonNode node = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        return add(std::move(node));
    }
    bool add(JsonNode node) {
        if (open_.empty())
            root = std::move(node);
        else if (open_.back().kind == JsonNode::Kind::array)
            open_.back().items.push_back(std::move(node));
        else
            open_.back().members.emplace_back(std::move(keys_.back()), std::move(node));
        return true;
    }

    std::vector<JsonNode> open_;    ///< containers not yet closed
    std::vector<std::string> keys_; ///< beside each: the name of the member being read
};

using TextWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void put_string(TextWriter& out, const std::string& text) {
    out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// No deeper than the tree, which has at most kMaxJsonDepth levels.
void put_node(TextWriter& out, const JsonNode& node) {
    switch (node.kind) {
    case JsonNode::Kind::null:
        out.Null();
        break;
    case JsonNode::Kind::boolean:
        out.Bool(node.boolean);
        break;
    case JsonNode::Kind::number:
        out.RawValue(node.text.data(), node.text.size(), rapidjson::kNumberType);
        break;
    case JsonNode::Kind::string:
        put_string(out, node.text);
        break;
    case JsonNode::Kind::array:
        out.StartArray();
        for (const JsonNode& item : node.items)
            put_node(out, item);
        out.EndArray();
        break;
    case JsonNode::Kind::object:
        out.StartObject();
        for (const auto& member : node.members) {
            put_string(out, member.first);
            put_node(out, member.second);
        }
        out.EndObject();
        break;
    }
}

} // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
    for (const auto& member : members)
        if (member.first == name)
            return &member.second;
    return nullptr;
}

std::string_view JsonNode::string(std::string_view name) const {
    const JsonNode* node = find(name);
    return node != nullptr && node->kind == Kind::string ? std::string_view(node->text)
                                                         : std::string_view();
}

int32_t JsonNode::integer(std::string_view name, int32_t otherwise) const {
    const JsonNode* node = find(name);
    if (node == nullptr || (node->kind != Kind::number && node->kind != Kind::string) ||
        node->text.empty() || node->text.size() > 11)
        return otherwise;
    char* end = nullptr;
    long long value = std::strtoll(node->text.c_str(), &end, 10);
    if (*end != '\0' || value < INT32_MIN || value > INT32_MAX)
        return otherwise;
    return static_cast<int32_t>(value);
}

bool JsonNode::truth(std::string_view name, bool otherwise) const {
    const JsonNode* node = find(name);
    return node != nullptr && node->kind == Kind::boolean ? node->boolean : otherwise;
}

bool parse_json(std::string_view text, JsonNode& out) {
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseNumbersAsStringsFlag;
    TreeBuilder builder;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    if (reader.Parse<kFlags>(stream, builder).IsError())
        return false;
    out = std::move(builder.root);
    return true;
}

std::string json_text(const JsonNode& node) {
    rapidjson::StringBuffer buffer;
    TextWriter writer(buffer);
    put_node(writer, node);
    return {buffer.GetString(), buffer.GetSize()};
}

} // namespace kcs
