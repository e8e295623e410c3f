#include "kafka/client_advice.hpp"

#include "kafka/client_config.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr char kSubject[] = "client";
constexpr int kScramMended = 0x020601ff; ///< see describe_login()

class Examination {
public:
    explicit Examination(const rd_kafka_conf_t* conf)
        : conf_(conf), protocol_(get("security.protocol")), mechanism_(get("sasl.mechanisms")) {}

    std::vector<Finding> run(bool has_file) {
        version();
        if (has_file)
            add("client_properties_file", Verdict::ok, "can be read by the server alone", {});
        protocol();
        certificates();
        return std::move(findings_);
    }

private:
    std::string get(const char* key) const {
        char value[512];
        size_t size = sizeof value;
        if (rd_kafka_conf_get(conf_, key, value, &size) != RD_KAFKA_CONF_OK)
            return {};
        return value;
    }
    bool tls() const { return protocol_ == "ssl" || protocol_ == "sasl_ssl"; }
    bool sasl() const { return protocol_ == "sasl_plaintext" || protocol_ == "sasl_ssl"; }

    void add(const char* item, Verdict verdict, std::string found, std::string hint) {
        findings_.push_back({kSubject, item, verdict, std::move(found), std::move(hint)});
    }

    void version() {
        std::string found = std::string("librdkafka ") + rd_kafka_version_str();
        bool scram = sasl() && mechanism_.compare(0, 5, "SCRAM") == 0;
        if (scram && rd_kafka_version() < kScramMended)
            add("library", Verdict::warning, found + ", which cannot log in by SCRAM at Kafka 4",
                "Use librdkafka 2.6.1 or later, or another sasl.mechanism.");
        else
            add("library", Verdict::ok, std::move(found), {});
    }

    void protocol() {
        std::string found = protocol_ + (sasl() ? ", mechanism " + mechanism_ : "");
        if (protocol_ == "sasl_plaintext" && mechanism_ == "PLAIN")
            add("security.protocol", Verdict::warning,
                found + ": the password crosses the network in clear",
                "Set security.protocol to sasl_ssl, or sasl.mechanism to a SCRAM one.");
        else
            add("security.protocol", Verdict::ok, std::move(found), {});
    }

    void certificates() {
        if (!tls())
            return;
        if (get("enable.ssl.certificate.verification") == "false")
            add("enable.ssl.certificate.verification", Verdict::warning,
                "false: anybody can pass for the broker",
                "Remove it, and set ssl.ca.location where the authority is your own.");
        else if (get("ssl.endpoint.identification.algorithm") == "none")
            add("ssl.endpoint.identification.algorithm", Verdict::warning,
                "none: whoever has a certificate of this authority can pass for the broker",
                "Remove it, and use brokers' certificates that name their hosts.");
    }

    const rd_kafka_conf_t* conf_;
    std::string protocol_;
    std::string mechanism_;
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> examine_client(const ClientSettings& settings) {
    auto config = make_client_config(settings, ClientRole::discovery);
    if (!config)
        return {
            {kSubject, "properties", Verdict::error, config.fault().message, config.fault().hint}};
    return Examination(config->conf.get()).run(!settings.client_properties_file.empty());
}

} // namespace kcs
