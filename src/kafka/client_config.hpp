#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"
#include "kafka/handles.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// Removes what must not be shown from texts of librdkafka.
class Scrubber {
public:
    void add_secret(std::string value);
    /// `text` with every secret value replaced, on one line, shortened to what fits a status.
    std::string clean(std::string_view text) const;

private:
    std::vector<std::string> secrets_;
};

enum class ClientRole : unsigned char { consumer, discovery };

/// A configuration ready for rd_kafka_new, and what goes with it.
struct ClientConfig {
    ConfHandle conf;
    Scrubber scrubber;
    /// This librdkafka sleeps up to a second when its queue was full, whatever is taken from it
    /// meanwhile (before 2.2, which has fetch.queue.backoff.ms): it wants to be woken.
    bool needs_wakeups = false;
    int64_t queued_messages = 0; ///< queued.min.messages: the queue's other limit
    std::string sasl_username;   ///< for the wake-up
    std::string sasl_password;
};

/// Ours, then client_properties, then those of the file, then what nobody may change. Fault: class
/// environment, naming the property that was refused, never its value.
Result<ClientConfig> make_client_config(const ClientSettings& settings, ClientRole role);

/// Starts a client from `config`. Its threads block all signals (R22).
Result<ClientHandle> start_client(ClientConfig& config);

/// A trouble of the connection, fit for a status view.
struct ClientTrouble {
    std::string message; ///< without a final period
    std::string hint;
};
/// Trouble with the Kafka group only, which we neither join nor depend on.
bool concerns_group(rd_kafka_resp_err_t error);
ClientTrouble describe_trouble(rd_kafka_resp_err_t error, const std::string& clean_text);

} // namespace kcs
