#include "kafka/client_config.hpp"

#include "core/client_properties.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr size_t kMaxFileBytes = 64 * 1024;
constexpr size_t kMaxTextBytes = 350; // of a reason in shared memory, with room for our words

Fault environment(std::string message, std::string detail = {}, std::string hint = {}) {
    Fault fault = Fault::of(ErrorClass::environment, "58000", std::move(message));
    fault.detail = std::move(detail);
    fault.hint = std::move(hint);
    return fault;
}

Fault file_fault(const std::string& path, const std::string& what, std::string hint = {}) {
    return environment("client properties file \"" + path + "\" " + what, {}, std::move(hint));
}

/// Reads the file of secrets, on the conditions that the server has for a TLS key file.
Result<std::string> read_properties_file(const std::string& path) {
    int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return file_fault(path, std::string("could not be opened: ") + std::strerror(errno));
    struct Closer {
        int fd;
        ~Closer() { close(fd); }
    } closer{fd};
    struct stat info {};
    if (fstat(fd, &info) != 0)
        return file_fault(path, std::string("could not be examined: ") + std::strerror(errno));
    if (!S_ISREG(info.st_mode))
        return file_fault(path, "is not a regular file");
    bool ours = info.st_uid == geteuid();
    if (!ours && info.st_uid != 0)
        return file_fault(path, "must be owned by the database user or root");
    if ((info.st_mode & (ours ? 077 : 027)) != 0)
        return file_fault(path, "has group or world access",
                          "It may hold secrets. Its mode should be 0600, or 0640 when it is owned "
                          "by root.");
    std::string text;
    char buffer[4096];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0 && text.size() <= kMaxFileBytes)
        text.append(buffer, static_cast<size_t>(got));
    if (got < 0)
        return file_fault(path, std::string("could not be read: ") + std::strerror(errno));
    if (text.size() > kMaxFileBytes)
        return file_fault(path, "is larger than 64 kB");
    return text;
}

/// librdkafka's own messages repeat the value, so ours name the property only.
Result<bool> set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
    char text[256];
    switch (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text)) {
    case RD_KAFKA_CONF_OK:
        return true;
    case RD_KAFKA_CONF_UNKNOWN:
        return environment("librdkafka does not know the client property \"" + key + "\"",
                           std::string("This server uses librdkafka ") + rd_kafka_version_str() +
                               ".");
    default:
        return environment("librdkafka refused the value of the client property \"" + key + "\"");
    }
}

std::string get(const rd_kafka_conf_t* conf, const char* key) {
    char value[1024];
    size_t size = sizeof value;
    if (rd_kafka_conf_get(conf, key, value, &size) != RD_KAFKA_CONF_OK)
        return {};
    return value;
}

/// Our defaults: users may change them by client_properties.
PropertyList tuning(const ClientSettings& settings) {
    // A fetch may bring as much again as the queue may hold, compressed, so a small part of it per
    // request; never below what one ordinary record needs.
    int64_t fetch = std::clamp<int64_t>(settings.queue_bytes / 32, 1 << 20, 16 << 20);
    return {
        {"client.id", "kafka_cdc_sink"},
        {"fetch.max.bytes", std::to_string(fetch)},
        {"fetch.message.max.bytes", std::to_string(std::min<int64_t>(fetch, 1 << 20))},
        // A record larger than these limits comes alone in its response, which must be let in.
        {"receive.message.max.bytes", "1073741824"},
        // A partition that is given out waits for the fetch that is under way.
        {"fetch.wait.max.ms", "250"},
        {"check.crcs", "true"},
        {"socket.keepalive.enable", "true"},
        // A broker that does not answer is noticed, and one that comes back is found, in seconds.
        {"socket.connection.setup.timeout.ms", "5000"},
        {"reconnect.backoff.max.ms", "2000"},
    };
}

PropertyList owned(const ClientSettings& settings, ClientRole role) {
    PropertyList list = {
        {"bootstrap.servers", settings.bootstrap_servers},
        {"log.queue", "true"},
        {"statistics.interval.ms", role == ClientRole::consumer ? "10000" : "0"},
        {"group.id", settings.group_id},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"max.poll.interval.ms", "86400000"}, // no membership to lose by not polling
    };
    PropertyList told = {{"enable.partition.eof", "true"}, {"auto.offset.reset", "error"}};
    list.insert(list.end(), told.begin(), told.end());
    if (role == ClientRole::discovery) {
        // It reads single records; one that is larger comes alone. The limit is one of bytes: what
        // librdkafka itself queues as partitions are assigned counts as messages, and what finds
        // the queue full is looked at again a second later.
        list.emplace_back("fetch.message.max.bytes", "65536");
        list.emplace_back("queued.max.messages.kbytes", "1024");
        // Ends are those of all records: what waits for an open transaction lags.
        list.emplace_back("isolation.level", "read_uncommitted");
        return list;
    }
    // The fetch under way comes on top of it, and is larger once decompressed.
    int64_t kbytes = std::clamp<int64_t>(settings.queue_bytes * 3 / 4 / 1024, 1, 2097151);
    list.emplace_back("queued.max.messages.kbytes", std::to_string(kbytes));
    return list;
}

} // namespace

void Scrubber::add_secret(std::string value) {
    if (value.size() >= 3) // anything shorter would blot out ordinary words
        secrets_.push_back(std::move(value));
}

std::string Scrubber::clean(std::string_view text) const {
    std::string out(text);
    // librdkafka quotes what it cannot parse of this one, from anywhere within it.
    if (size_t at = out.find("sasl.oauthbearer.config"); at != std::string::npos)
        out.resize(at + std::strlen("sasl.oauthbearer.config"));
    for (const std::string& secret : secrets_) {
        for (size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += 3)
            out.replace(at, secret.size(), "***");
    }
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < ' ')
            c = ' ';
    }
    if (out.size() > kMaxTextBytes) {
        size_t end = kMaxTextBytes;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80)
            --end;
        out.resize(end);
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '.'))
        out.pop_back();
    return out;
}

static Result<ClientConfig> configure(const ClientSettings& settings, ClientRole role) {
    ClientConfig config;
    config.conf.reset(rd_kafka_conf_new());
    rd_kafka_conf_t* conf = config.conf.get();

    PropertyList all = tuning(settings);
    auto given = checked_client_properties(settings.client_properties, PropertySource::setting);
    if (!given)
        return given.fault();
    all.insert(all.end(), given->begin(), given->end());
    if (!settings.client_properties_file.empty()) {
        auto text = read_properties_file(settings.client_properties_file);
        if (!text)
            return text.fault();
        auto from_file = checked_client_properties(*text, PropertySource::file);
        if (!from_file)
            return from_file.fault();
        all.insert(all.end(), from_file->begin(), from_file->end());
    }
    PropertyList last = owned(settings, role);
    all.insert(all.end(), last.begin(), last.end());
    for (const auto& [key, value] : all) {
        if (is_secret_property(key))
            config.scrubber.add_secret(value);
        auto done = set(conf, key, value);
        if (!done)
            return done.fault();
    }

    char ignored[256];
    // Zero: librdkafka runs no kinit (a shell command) with SASL GSSAPI. Builds without SASL
    // libraries do not know it.
    rd_kafka_conf_set(conf, "sasl.kerberos.min.time.before.relogin", "0", ignored, sizeof ignored);
    config.needs_wakeups = rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "20", ignored,
                                             sizeof ignored) == RD_KAFKA_CONF_UNKNOWN;
    config.queued_messages = std::strtoll(get(conf, "queued.min.messages").c_str(), nullptr, 10);
    config.sasl_username = get(conf, "sasl.username");
    config.sasl_password = get(conf, "sasl.password");
    rd_kafka_conf_enable_sasl_queue(conf, 1); // see start_client
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR |
                                       RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS |
                                       RD_KAFKA_EVENT_OFFSET_COMMIT);
    return config;
}

Result<ClientConfig> make_client_config(const ClientSettings& settings, ClientRole role) {
    auto config = configure(settings, role);
    if (config || !config.fault().hint.empty())
        return config;
    Fault fault = config.fault();
    fault.hint = "Check kafka_cdc_sink.client_properties and "
                 "kafka_cdc_sink.client_properties_file.";
    return fault;
}

Result<ClientHandle> start_client(ClientConfig& config) {
    char text[512] = "";
    ClientHandle client(rd_kafka_new(RD_KAFKA_CONSUMER, config.conf.get(), text, sizeof text));
    if (!client)
        return environment("could not start a Kafka client: " + config.scrubber.clean(text), {},
                           "Check kafka_cdc_sink.client_properties and "
                           "kafka_cdc_sink.client_properties_file.");
    (void)config.conf.release(); // the client owns it now
    // Log lines come as events of the main queue.
    rd_kafka_set_log_queue(client.get(), nullptr);
    // OAUTHBEARER over HTTP would block whoever polls: let librdkafka's thread do it.
    ErrorHandle not_sasl(rd_kafka_sasl_background_callbacks_enable(client.get()));
    return client;
}

bool concerns_group(rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
           error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
           error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
}

namespace {

bool says(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

constexpr char kWhere[] = " in kafka_cdc_sink.client_properties and client_properties_file.";

ClientTrouble describe_tls(const std::string& tail) {
    std::string message = "TLS handshake with the Kafka broker failed" + tail;
    if (says(tail, "certificate verify failed"))
        return {message, "The broker's certificate must be signed by an authority of "
                         "ssl.ca.location, be valid now, and be made out to the host that "
                         "kafka_cdc_sink.bootstrap_servers or the advertised listener names."};
    return {message, "Check security.protocol and the ssl.* properties" + std::string(kWhere)};
}

ClientTrouble describe_login(const std::string& tail) {
    std::string message = "authentication with the Kafka broker failed" + tail;
    if (says(tail, "nsupported SASL mechanism"))
        return {message, "Set sasl.mechanism to one that the broker has," + std::string(kWhere)};
    std::string hint =
        "Check sasl.username and sasl.password, security.protocol and sasl.mechanism" +
        std::string(kWhere);
    // It repeats its nonce, which Kafka lets pass no more.
    constexpr int kMended = 0x020601ff;
    if (says(tail, "SCRAM") && rd_kafka_version() < kMended)
        hint += std::string(" This server's librdkafka ") + rd_kafka_version_str() +
                " cannot log in by SCRAM at Kafka 4 at all: that takes 2.6.1 or later.";
    return {message, hint};
}

} // namespace

ClientTrouble describe_trouble(rd_kafka_resp_err_t error, const std::string& clean_text) {
    std::string tail = clean_text.empty() ? "" : ": " + clean_text;
    switch (error) {
    case RD_KAFKA_RESP_ERR__RESOLVE:
        return {"could not resolve the name of a Kafka broker" + tail,
                "Check kafka_cdc_sink.bootstrap_servers and the brokers' advertised listeners."};
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        return describe_login(tail);
    case RD_KAFKA_RESP_ERR__SSL:
        return describe_tls(tail);
    case RD_KAFKA_RESP_ERR__TRANSPORT:
        // TLS 1.3: what the broker thinks of the client's certificate comes after the handshake.
        if (says(clean_text, "alert") && says(clean_text, "certificate"))
            return {"the Kafka broker refused the client's certificate" + tail,
                    "Check ssl.certificate.location and ssl.key.location" + std::string(kWhere)};
        [[fallthrough]];
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
        return {"no Kafka broker can be reached" + tail,
                "Check kafka_cdc_sink.bootstrap_servers, that the brokers run, and "
                "security.protocol in kafka_cdc_sink.client_properties."};
    default:
        return {"Kafka client error" +
                    (clean_text.empty() ? std::string(": ") + rd_kafka_err2str(error) : tail),
                {}};
    }
}

} // namespace kcs
