#pragma once

#include "core/arena.hpp"
#include "core/record.hpp"
#include "core/routes.hpp"
#include "core/settings.hpp"
#include "debezium/change.hpp"

#include <memory>

namespace kcs {

/// Why a record was passed over (wire format 1.1).
enum class SkipReason : uint8_t {
    none,
    keyless_tombstone,
    move_tombstone,     ///< tombstone with __debezium.newkey: the delete before it said all
    unplaced_tombstone, ///< tombstone whose table nothing tells
    unkeyed_tombstone,  ///< tombstone without the key columns of its route
    history_tombstone,  ///< tombstone for a history, which has the event before it
    logical_message,
    schema_change,
    heartbeat,
    transaction_boundary,
    notification
};

/// What such a record is, in words.
const char* skip_text(SkipReason reason);

struct Decoded {
    enum class Kind : uint8_t { change, skip, reject };
    Kind kind = Kind::skip;
    SkipReason skip = SkipReason::none;
    Change change; ///< kind == change
    Fault fault;   ///< kind == reject: class data (a dead letter) or target (a name too long: park)
    const Target* target = nullptr; ///< where known, also of a reject
};

/// Turns records into changes. Holds the caches: schemas by topic, layouts, targets.
class Decoder {
public:
    explicit Decoder(const DecoderSettings& settings, std::shared_ptr<Routes> routes = nullptr);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// New settings (reload) or routes: caches are dropped, layouts and targets stay valid until
    /// trim(). Changes that were decoded before stay what they are.
    void configure(const DecoderSettings& settings, std::shared_ptr<Routes> routes);

    /// Decode one record (wire format sections 1, 3, 4). The payload is copied once into `arena`
    /// (without an embedded schema that is already known) and parsed in place there; every view in
    /// the result points into that copy, the arena or this decoder's layouts. Never throws for
    /// input; std::bad_alloc and what the routes throw may pass.
    Decoded decode(const Record& record, Arena& arena);

    /// Whether decode() needs no look at the routes for records of this topic.
    bool knows(std::string_view topic) const;
    /// Whether trim() has something to let go of.
    bool wants_trim() const;
    /// Between batches: lets go of layouts that fell out of the caches. Invalidates Row::layout.
    void trim();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kcs
