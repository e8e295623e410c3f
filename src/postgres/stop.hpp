#pragma once

#include "pipeline/ports.hpp"
#include "postgres/names.hpp"

#include <exception>

namespace kcs::pg {

/// Ends an attempt to apply a batch with an outcome that is no record's fault. Passes through
/// pg::transaction, which aborts.
class Stop : public std::exception {
public:
    explicit Stop(ApplyOutcome o) : outcome(std::move(o)) {}
    const char* what() const noexcept override { return outcome.fault.message.c_str(); }
    ApplyOutcome outcome;

    /// `record` needs one of another partition.
    static Stop waiting(uint32_t record, Fault fault) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::wait;
        o.record = record;
        o.fault = std::move(fault);
        o.fault.cls = ErrorClass::waiting;
        return Stop(std::move(o));
    }

    /// `target` cannot take changes, for the reason that `fault` says.
    static Stop at_table(const Target* target, Fault fault) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::table;
        o.target = target;
        o.fault = std::move(fault);
        if (o.fault.table.empty())
            o.fault.table = shown_name(target->schema) + "." + shown_name(target->table);
        return Stop(std::move(o));
    }
};

} // namespace kcs::pg
