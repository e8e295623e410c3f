#include "postgres/gucs_check.hpp"

#include "core/client_properties.hpp"
#include "core/listen_address.hpp"
#include "core/table_format.hpp"
#include "core/topic_list.hpp"
#include "core/trimmed.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/topic_match.hpp"

namespace kcs::pg {

namespace {

/// What a check found, as plain data: the hooks report it after all C++ is over. A message always
/// stands where something is wrong, because the server's own would repeat the value.
struct Complaint {
    bool wrong = false;
    char message[400] = "";
    char detail[400] = "";
    char hint[300] = "";
};

// ---- C++ register ---------------------------------------------------------------------------

void put(Complaint& to, const Fault& fault) {
    to.wrong = true;
    put_text(to.message, sizeof to.message, fault.message);
    put_text(to.detail, sizeof to.detail, fault.detail);
    put_text(to.hint, sizeof to.hint, fault.hint);
}

Fault invalid(std::string message, std::string detail = {}, std::string hint = {}) {
    Fault fault = Fault::data("22023", std::move(message));
    fault.detail = std::move(detail);
    fault.hint = std::move(hint);
    return fault;
}

Fault about(const char* setting, Fault fault) {
    fault.message = std::string("invalid value for parameter \"kafka_cdc_sink.") + setting +
                    "\": " + fault.message;
    return fault;
}

/// Runs a check that returns a Fault whose message is empty when all is well.
template <typename Check> Complaint run(const char* setting, Check&& check) noexcept {
    Complaint complaint;
    try {
        Fault fault = check();
        if (!fault.message.empty())
            put(complaint, about(setting, std::move(fault)));
    } catch (...) {
        complaint.wrong = true;
        put_text(complaint.message, sizeof complaint.message,
                 "out of memory while a setting of kafka_cdc_sink was checked");
    }
    return complaint;
}

/// Calls `check(entry)` for each entry of a comma-separated list; the first Fault wins. An empty
/// list is fine, an empty entry is not.
template <typename Check> Fault each_entry(std::string_view list, Check&& check) {
    if (trimmed(list).empty())
        return {};
    while (true) {
        size_t comma = std::min(list.find(','), list.size());
        std::string_view entry = trimmed(list.substr(0, comma));
        if (entry.empty())
            return invalid("the list has an empty entry");
        Fault fault = check(entry);
        if (!fault.message.empty())
            return fault;
        if (comma == list.size())
            return {};
        list.remove_prefix(comma + 1);
    }
}

bool is_number(std::string_view s, long low, long high) {
    if (s.empty() || s.size() > 9 ||
        !std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    long value = std::stol(std::string(s));
    return value >= low && value <= high;
}

/// [protocol://]host[:port]; an IPv6 address stands in brackets when a port follows.
Fault check_broker(std::string_view entry) {
    std::string name(entry);
    size_t scheme = entry.find("://");
    if (scheme != std::string_view::npos)
        entry.remove_prefix(scheme + 3);
    std::string_view host = entry, port;
    if (!entry.empty() && entry.front() == '[') {
        size_t end = entry.find(']');
        if (end == std::string_view::npos)
            return invalid("\"" + name + "\" has no closing bracket");
        host = entry.substr(1, end - 1);
        port = entry.substr(end + 1);
        if (!port.empty() && port.front() != ':')
            return invalid("\"" + name + "\" is not of the form host:port");
    } else if (std::count(entry.begin(), entry.end(), ':') == 1) {
        host = entry.substr(0, entry.find(':'));
        port = entry.substr(entry.find(':'));
    }
    if (host.empty() || host.find_first_of(" \t\r\n/@") != std::string_view::npos)
        return invalid("\"" + name + "\" is not of the form host:port");
    if (!port.empty() && !is_number(port.substr(1), 1, 65535))
        return invalid("\"" + name + "\" has no valid port", "A port is a number from 1 to 65535.");
    return {};
}

Fault check_decimal_column(std::string_view entry) {
    size_t colon = entry.rfind(':');
    if (colon == std::string_view::npos)
        return {};
    if (colon == 0)
        return invalid("\"" + std::string(entry) + "\" names no column");
    if (!is_number(entry.substr(colon + 1), 0, 16383))
        return invalid("\"" + std::string(entry) + "\" has no valid scale",
                       "A scale is a number from 0 to 16383.");
    return {};
}

Fault check_topic_list(std::string_view list) {
    Result<std::vector<TopicEntry>> entries = parse_topic_list(list);
    if (!entries)
        return entries.fault();
    for (const TopicEntry& entry : *entries) {
        if (!entry.pattern)
            continue;
        std::string complaint = regex_complaint(entry.text);
        if (!complaint.empty())
            return invalid("invalid regular expression \"" + entry.text + "\": " + complaint, "",
                           "In postgresql.conf, a backslash is written twice.");
    }
    return {};
}

Fault not_empty(const char* value) {
    return trimmed(value).empty() ? invalid("it must not be empty") : Fault{};
}

// ---- C register: from the verdict to the server's words ---------------------------------------

bool verdict(const Complaint& complaint) {
    if (!complaint.wrong)
        return true;
    GUC_check_errcode(ERRCODE_INVALID_PARAMETER_VALUE);
    GUC_check_errmsg("%s", complaint.message);
    if (complaint.detail[0] != '\0')
        GUC_check_errdetail("%s", complaint.detail);
    if (complaint.hint[0] != '\0')
        GUC_check_errhint("%s", complaint.hint);
    return false;
}

} // namespace

Fault decimal_columns_flaw(std::string_view list) {
    return each_entry(list, check_decimal_column);
}

Fault timestamp_columns_flaw(std::string_view list) {
    return each_entry(list, [](std::string_view) { return Fault{}; });
}

bool kcs_check_bootstrap_servers(char** value, void**, GucSource) {
    return verdict(run("bootstrap_servers", [&] { return each_entry(*value, check_broker); }));
}

bool kcs_check_client_properties(char** value, void**, GucSource) {
    return verdict(run("client_properties", [&]() -> Fault {
        Result<PropertyList> list = checked_client_properties(*value, PropertySource::setting);
        return list ? Fault{} : list.fault();
    }));
}

bool kcs_check_database(char** value, void**, GucSource) {
    return verdict(run("database", [&] { return not_empty(*value); }));
}

bool kcs_check_group_id(char** value, void**, GucSource) {
    return verdict(run("group_id", [&] { return not_empty(*value); }));
}

bool kcs_check_metrics_listen_address(char** value, void**, GucSource) {
    return verdict(run("metrics_listen_address", [&]() -> Fault {
        Result<std::vector<ListenAddress>> addresses = parse_listen_addresses(*value);
        return addresses ? Fault{} : addresses.fault();
    }));
}

bool kcs_check_schemaless_decimal_columns(char** value, void**, GucSource) {
    return verdict(run("schemaless_decimal_columns", [&] { return decimal_columns_flaw(*value); }));
}

bool kcs_check_schemaless_timestamp_columns(char** value, void**, GucSource) {
    return verdict(
        run("schemaless_timestamp_columns", [&] { return timestamp_columns_flaw(*value); }));
}

bool kcs_check_table_format(char** value, void**, GucSource) {
    return verdict(run("table_format", [&]() -> Fault {
        Result<std::vector<FormatPiece>> pieces = parse_table_format(*value);
        return pieces ? Fault{} : pieces.fault();
    }));
}

bool kcs_check_topics(char** value, void**, GucSource) {
    return verdict(run("topics", [&] { return check_topic_list(*value); }));
}

bool kcs_check_unavailable_value(char** value, void**, GucSource) {
    return verdict(run("unavailable_value", [&]() -> Fault {
        return **value == '\0' ? invalid("it must not be empty") : Fault{};
    }));
}

} // namespace kcs::pg
