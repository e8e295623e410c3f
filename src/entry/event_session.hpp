#pragma once

#include "debezium/decoder.hpp"
#include "postgres/sink.hpp"

#include <string>

// Records that a session applies, in its own transaction: for apply_event and replays. One decoder
// and one sink for each process, with what they have cached.

namespace kcs::pg {

/// What became of a record.
struct EventResult {
    enum class Kind : unsigned char {
        applied,
        skipped, ///< `why` says what kind of message it is
        refused, ///< its own fault: `fault`
        blocked  ///< the fault of its table, or of a lock
    };
    Kind kind = Kind::applied;
    std::string why;
    Fault fault;
    const Target* target = nullptr; ///< of what is refused, where known; until the next record
    bool rejected = false;          ///< refused, and a dead letter was written
};

/// One call of a function: what a setting of the caller could bend is pinned, SPI is connected, and
/// routes are as the caller's transaction sees them. Ended by end(), or by the abort.
class EventCall {
public:
    /// Throws pg::Error, within another call (a trigger of a target that calls) too.
    EventCall();
    ~EventCall();
    EventCall(const EventCall&) = delete;
    EventCall& operator=(const EventCall&) = delete;

    /// In a subtransaction. `reject`: a record that is refused becomes a dead letter. Throws
    /// pg::Error for what is neither the record's fault nor its table's.
    EventResult apply(const Record& record, bool reject);
    const Settings& settings() const;
    void end();

private:
    int level_ = 0;
};

} // namespace kcs::pg
