#include "postgres/transaction.hpp"

extern "C" {
#include "storage/latch.h"
#include "utils/resowner.h"
}

namespace kcs::pg::detail {

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
        pgstat_report_stat(false);
        SetLatch(MyLatch);
    });
}

void abort_transaction() noexcept {
    // An error while aborting is beyond repair; the server itself escalates it.
    AbortCurrentTransaction();
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
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(state.context);
    CurrentResourceOwner = state.owner;
}

} // namespace kcs::pg::detail
