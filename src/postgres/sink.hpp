#pragma once

#include "core/settings.hpp"
#include "pipeline/ports.hpp"
#include "postgres/transaction.hpp"

#include <memory>

namespace kcs::pg {

/// The back door: changes become rows, in one transaction with their offsets and dead letters
/// (design section 4, Apply). Keeps shapes, bindings and plans between batches.
class PgSink final : public Sink {
public:
    /// Scope::transaction for workers; Scope::subtransaction for apply_event, which runs in the
    /// caller's transaction with SPI connected. Empty Work::offsets move nothing.
    PgSink(Scope scope, const Settings& settings);
    ~PgSink() override;

    void configure(const Settings& settings);

    ApplyOutcome apply(Work& work, bool careful) override;
    Result<OffsetMove> read_offset(uint32_t slot, const std::string& topic,
                                   int32_t partition) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kcs::pg
