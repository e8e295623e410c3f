#include "core/client_properties.hpp"

#include <algorithm>
#include <iterator>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr std::string_view kOwned[] = {
    "auto.commit.enable",
    "auto.commit.interval.ms",
    "auto.offset.reset",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "enabled.events",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "group.protocol.type",
    "group.remote.assignor",
    "internal.termination.signal",
    "isolation.level", // rows of aborted transactions are no rows
    "log.queue",
    "max.poll.interval.ms",
    "metadata.broker.list",
    "offset.store.method",
    "offset.store.path",
    "offset.store.sync.interval.ms",
    "partition.assignment.strategy",
    "queued.max.messages.kbytes",
    "sasl.kerberos.min.time.before.relogin", // else librdkafka runs a shell with kinit
    "statistics.interval.ms",
    "test.mock.num.brokers",
};

constexpr std::string_view kPointers[] = {
    "default.topic.conf",       "interceptors",    "opaque",
    "ssl.engine.callback.data", "ssl.certificate", "ssl.ca",
};

constexpr std::string_view kRunsCode[] = {
    "plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.id",
    "ssl.engine.location",  "ssl.providers",
};

constexpr std::string_view kForKinit[] = {"sasl.kerberos.keytab", "sasl.kerberos.principal"};

/// As the lists above spell it. librdkafka knows names in one spelling only, but what is meant as
/// a secret is one however it is spelled.
std::string plain_name(std::string_view key) {
    std::string out(key);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (c == '_' || c == '-')
            c = '.';
    }
    return out;
}

/// https://user:password@host
bool has_user_info(std::string_view value) {
    size_t scheme = value.find("://");
    if (scheme == std::string_view::npos)
        return false;
    std::string_view host = value.substr(scheme + 3);
    return host.substr(0, host.find('/')).find('@') != std::string_view::npos;
}

template <size_t N> bool contains(const std::string_view (&list)[N], std::string_view key) {
    return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Whether `text` begins, after blanks, with `name` and an equals sign.
bool begins_pair(std::string_view text) {
    size_t i = 0;
    while (i < text.size() && blank(text[i]))
        ++i;
    size_t start = i;
    while (i < text.size() && name_char(text[i]))
        ++i;
    if (i == start)
        return false;
    while (i < text.size() && blank(text[i]))
        ++i;
    return i < text.size() && text[i] == '=';
}

/// Length of the first entry of a line, up to the comma that ends it.
size_t entry_length(std::string_view line) {
    for (size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == ',')
            ++i;
        else if (line[i] == ',' &&
                 (begins_pair(line.substr(i + 1)) || trim(line.substr(i + 1)).empty()))
            return i;
    }
    return line.size();
}

std::string unescape_commas(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',')
            ++i;
        out.push_back(text[i]);
    }
    return out;
}

Fault invalid(std::string message, std::string hint = {}) {
    Fault fault = Fault::of(ErrorClass::environment, "22023", std::move(message));
    fault.hint = std::move(hint);
    return fault;
}

/// Adds one entry to the list; `where` names its place for the fault ("line 3", "entry 2").
Result<bool> add_entry(std::string_view entry, const std::string& where, PropertySource source,
                       PropertyList& list) {
    const char* shape = "Properties are given as key=value pairs.";
    size_t equals = entry.find('=');
    if (equals == std::string_view::npos)
        return invalid(where + " of the client properties has no \"=\"", shape);
    std::string_view key = trim(entry.substr(0, equals));
    if (key.empty() || !std::all_of(key.begin(), key.end(), name_char))
        return invalid(where + " of the client properties does not begin with a property name",
                       shape);
    std::string_view value = trim(entry.substr(equals + 1));
    for (const auto& [name, other] : list) {
        if (name == key)
            return invalid("client property \"" + name + "\" is given twice");
    }
    list.emplace_back(std::string(key), source == PropertySource::setting ? unescape_commas(value)
                                                                          : std::string(value));
    return true;
}

} // namespace

Result<PropertyList> parse_client_properties(std::string_view text, PropertySource source) {
    PropertyList list;
    size_t line_number = 0, entry_number = 0;
    while (!text.empty()) {
        size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line_number;
        if (line.empty() || line.front() == '#')
            continue;
        if (source == PropertySource::file) {
            auto added = add_entry(line, "line " + std::to_string(line_number), source, list);
            if (!added)
                return added.fault();
            continue;
        }
        while (!line.empty()) {
            size_t length = entry_length(line);
            std::string_view entry = trim(line.substr(0, length));
            line.remove_prefix(std::min(length + 1, line.size()));
            ++entry_number;
            auto added = add_entry(entry, "entry " + std::to_string(entry_number), source, list);
            if (!added)
                return added.fault();
        }
    }
    return list;
}

bool is_secret_property(std::string_view given) {
    const std::string key = plain_name(given);
    return has(key, "password") || has(key, "secret") || has(key, "passphrase") ||
           has(key, "passwd") || has(key, "jaas") || has(key, "private.key") ||
           has(key, "keystore.key") || has(key, "user.info") || has(key, "api.key") ||
           (has(key, "token") && !has(key, "token.endpoint")) || key == "ssl.key.pem" ||
           key == "ssl.key" || key == "sasl.oauthbearer.config";
}

bool is_file_property(std::string_view given) {
    constexpr std::string_view kEnd = ".location";
    const std::string key = plain_name(given);
    return has(key, "ssl.") && key.size() > kEnd.size() &&
           key.compare(key.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

const char* refused_property(std::string_view given, PropertySource source) {
    const std::string key = plain_name(given);
    if (contains(kOwned, key))
        return "is set by the extension itself";
    bool callback = key.size() > 3 && key.substr(key.size() - 3) == ".cb";
    if (callback || contains(kPointers, key))
        return "cannot be given as text";
    if (contains(kRunsCode, key))
        return "would run code inside the server";
    if (contains(kForKinit, key))
        return "is for kinit, which is not run inside the server";
    if (source == PropertySource::setting && is_secret_property(given))
        return "is a secret and belongs into client_properties_file";
    return nullptr;
}

Result<PropertyList> checked_client_properties(std::string_view text, PropertySource source) {
    auto list = parse_client_properties(text, source);
    if (!list)
        return list.fault();
    for (const auto& [key, value] : *list) {
        const char* reason = refused_property(key, source);
        const bool secret =
            source == PropertySource::setting && (is_secret_property(key) || has_user_info(value));
        if (reason == nullptr && secret)
            reason = "holds a secret, which belongs into client_properties_file";
        if (reason == nullptr)
            continue;
        const char* hint = "";
        if (contains(kForKinit, plain_name(key)))
            hint = "Keep a ticket in the credential cache of the server's user, with kinit or "
                   "k5start.";
        else if (secret)
            hint = "Put it into a file that only the server's user can read, and name that in "
                   "kafka_cdc_sink.client_properties_file.";
        return invalid("client property \"" + key + "\" " + reason, hint);
    }
    return list;
}

} // namespace kcs
