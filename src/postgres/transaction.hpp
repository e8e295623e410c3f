#pragma once

#include "postgres/guard.hpp"

// The two places that end what failed (R6): a caught error leaves them only after the abort.

namespace kcs::pg {

/// Where a step of work happens: a worker owns its transaction; apply_event and replays run inside
/// the caller's, in a subtransaction (design 5.2).
enum class Scope : unsigned char { transaction, subtransaction };

namespace detail {
void begin_transaction();
void commit_transaction();
void abort_transaction() noexcept;

struct SubtransactionState {
    MemoryContext context;
    ResourceOwner owner;
};
SubtransactionState begin_subtransaction();
void release_subtransaction(const SubtransactionState& state);
void abort_subtransaction(const SubtransactionState& state) noexcept;
} // namespace detail

/// Runs `body` in a transaction of its own with SPI connected and a snapshot active; commits when
/// it returns, aborts and rethrows when it throws. Inside, CurrentMemoryContext is SPI's procedure
/// context: gone at the end. Waits inside (for a lock, for a buffer) reset the process's latch, and
/// a ring may be lost with it: so it is set afterwards, and whoever waits next looks around once
/// more.
template <typename Body> void transaction(Body&& body) {
    std::exception_ptr failure;
    try {
        detail::begin_transaction();
        body();
        detail::commit_transaction();
        return;
    } catch (...) {
        failure = std::current_exception();
    }
    detail::abort_transaction();
    std::rethrow_exception(failure);
}

/// The same inside a running transaction. SPI must be connected by the caller's level.
template <typename Body> void subtransaction(Body&& body) {
    detail::SubtransactionState state = detail::begin_subtransaction();
    std::exception_ptr failure;
    try {
        body();
        detail::release_subtransaction(state);
        return;
    } catch (...) {
        failure = std::current_exception();
    }
    detail::abort_subtransaction(state);
    std::rethrow_exception(failure);
}

} // namespace kcs::pg
