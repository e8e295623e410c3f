#include "postgres/transaction.hpp"

#include "postgres/held_schema.hpp"

extern "C" {
#include "storage/latch.h"
#include "storage/lock.h"
#include "utils/resowner.h"
}

namespace kcs::pg::detail {

namespace {

/// A target's code may have taken advisory locks for the session: a worker's is nobody's.
void release_session_locks() {
    LockReleaseSession(USER_LOCKMETHOD);
}

} // namespace

void begin_transaction() {
    guard([] {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
        PushActiveSnapshot(GetTransactionSnapshot());
    });
}

void commit_transaction() {
    guard([] {
        PopActiveSnapshot();
        SPI_finish();
    });
    // Where an error of the commit itself is copied to: SPI's memory is gone, and the transaction's
    // may be.
    MemoryContextSwitchTo(TopMemoryContext);
    guard([] {
        CommitTransactionCommand();
        release_session_locks();
        pgstat_report_stat(false);
        SetLatch(MyLatch);
    });
}

void abort_transaction() noexcept {
    // An error while aborting is beyond repair; the server itself escalates it.
    let_schema_go();
    AbortCurrentTransaction();
    release_session_locks();
    pgstat_report_stat(false);
    SetLatch(MyLatch);
}

SubtransactionState begin_subtransaction() {
    return guard([]() -> SubtransactionState {
        SubtransactionState state{CurrentMemoryContext, CurrentResourceOwner};
        BeginInternalSubTransaction(nullptr);
        MemoryContextSwitchTo(state.context);
        return state;
    });
}

void release_subtransaction(const SubtransactionState& state) {
    guard([&state] {
        ReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(state.context);
        CurrentResourceOwner = state.owner;
    });
}

void abort_subtransaction(const SubtransactionState& state) noexcept {
    let_schema_go();
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(state.context);
    CurrentResourceOwner = state.owner;
}

} // namespace kcs::pg::detail
