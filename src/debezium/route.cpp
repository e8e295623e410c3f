#include "debezium/route.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr size_t kMaxName = 63; // NAMEDATALEN - 1

/// Part `number` (from 1) of a topic name between its dots; empty when there are fewer.
std::string_view topic_part(std::string_view topic, int number) {
    for (; number > 1; --number) {
        size_t dot = topic.find('.');
        if (dot == std::string_view::npos)
            return {};
        topic.remove_prefix(dot + 1);
    }
    return topic.substr(0, topic.find('.'));
}

/// Cuts the name off the end of a topic's name where it stands there, else the last part.
std::string_view take_last(std::string_view& topic, std::string_view name) {
    size_t dot = topic.rfind('.');
    if (!name.empty() && topic.size() > name.size() &&
        topic.substr(topic.size() - name.size()) == name &&
        topic[topic.size() - name.size() - 1] == '.')
        dot = topic.size() - name.size() - 1;
    std::string_view last = dot == std::string_view::npos ? topic : topic.substr(dot + 1);
    topic = dot == std::string_view::npos ? std::string_view() : topic.substr(0, dot);
    return last;
}

} // namespace

RouteParts parts_of_topic(std::string_view topic, std::string_view db, std::string_view schema,
                          std::string_view table) {
    RouteParts parts;
    parts.topic = topic;
    std::string_view rest = topic;
    parts.table = take_last(rest, table);
    parts.schema = take_last(rest, schema.empty() ? db : schema);
    parts.db = take_last(rest, db);
    return parts;
}

RouteParts parts_of_topic(std::string_view topic) {
    return parts_of_topic(topic, {}, {}, {});
}

Router::Router(TargetBook& book, const DecoderSettings& settings, bool routed, bool history)
    : book_(book), delete_mode_(history ? DeleteMode::remove : settings.delete_mode),
      history_(history),
      format_name_(routed ? "the target in kafka_cdc_sink.routes" : "kafka_cdc_sink.table_format") {
    Result<std::vector<FormatPiece>> parsed = parse_table_format(settings.table_format);
    if (!parsed) {
        problem_ = parsed.fault().message;
        return;
    }
    for (FormatPiece& piece : *parsed) {
        if (piece.kind == FormatPiece::Kind::dot)
            schema_ = std::exchange(table_, {}); // what came so far names the schema
        else
            table_.push_back(std::move(piece));
    }
    if (schema_.empty()) {
        schema_.emplace_back();
        schema_.back().text = "public";
    }
}

std::string Router::render(const std::vector<FormatPiece>& pieces, const RouteParts& parts) {
    using Kind = FormatPiece::Kind;
    std::string out;
    for (const FormatPiece& piece : pieces) {
        switch (piece.kind) {
        case Kind::literal:
            out += piece.text;
            break;
        case Kind::dot: // not among the pieces of a name
            break;
        case Kind::topic:
            out += parts.topic;
            break;
        case Kind::db:
            out += parts.db;
            break;
        case Kind::schema:
            out += parts.schema.empty() ? parts.db : parts.schema;
            break;
        case Kind::table:
            out += parts.table;
            break;
        case Kind::part:
            out += topic_part(parts.topic, piece.part);
            break;
        }
    }
    return out;
}

const Target* TargetBook::intern(Target target) {
    std::string content = target.schema;
    content += '\0';
    content += target.table;
    content += '\0';
    content += static_cast<char>('0' + static_cast<int>(target.delete_mode));
    content += target.history ? 'h' : 'm';
    auto found = by_content_.find(content);
    if (found != by_content_.end())
        return found->second;
    target.id = static_cast<uint32_t>(targets_.size());
    targets_.push_back(std::move(target));
    by_content_.emplace(std::move(content), &targets_.back());
    return &targets_.back();
}

bool Router::tells_tables(const RouteParts& parts) const {
    using Kind = FormatPiece::Kind;
    bool table = false, schema = false;
    for (const std::vector<FormatPiece>* pieces : {&schema_, &table_})
        for (const FormatPiece& piece : *pieces) {
            table |= piece.kind == Kind::table;
            schema |=
                piece.kind == Kind::schema || (piece.kind == Kind::db && parts.schema.empty());
        }
    return table && schema;
}

Result<const Target*> Router::target(const RouteParts& parts) {
    if (!problem_.empty())
        return Fault::of(ErrorClass::target, "22023", std::string(format_name_) + ": " + problem_);
    std::string schema = render(schema_, parts);
    std::string table = render(table_, parts);
    for (const std::string* name : {&schema, &table}) {
        if (name->size() > kMaxName) {
            Fault fault = Fault::of(ErrorClass::target, "42622",
                                    "target name \"" + *name + "\" is longer than 63 bytes");
            fault.hint = "Choose a shorter target in kafka_cdc_sink.routes, or with "
                         "kafka_cdc_sink.table_format.";
            return fault;
        }
        if (name->empty()) {
            Fault fault = Fault::data(
                "42602", std::string("the target's ") + (name == &schema ? "schema" : "table") +
                             " name is empty for topic \"" + std::string(parts.topic) + "\"");
            fault.hint =
                std::string("Name it in ") + format_name_ + ", for example \"public.${table}\".";
            return fault;
        }
    }
    Target target;
    target.schema = std::move(schema);
    target.table = std::move(table);
    target.delete_mode = delete_mode_;
    target.history = history_;
    return book_.intern(std::move(target));
}

} // namespace kcs
