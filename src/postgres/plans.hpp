#pragma once

#include "postgres/guard.hpp"

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

extern "C" {
#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"
}

// Kept generic plans over an ephemeral named relation: a tuplestore that a statement reads like a
// table. Its name and attributes are frozen with the plan (apply-performance, sections 10 and 11).

namespace kcs::pg {

/// One attribute of the ephemeral relation: a base type, never a domain.
struct BatchColumn {
    std::string name;
    Oid type = InvalidOid;
    int32 typmod = -1;
    Oid collation = InvalidOid;
};

/// A kept plan. Plain data; PlanCache owns what it points to.
struct Plan {
    SPIPlanPtr plan;
    MemoryContext context; ///< of the relation and its descriptor
    /// Null for a plan that takes parameters instead of a batch.
    EphemeralNamedRelation relation;
    TupleDesc desc;
    uint64_t planned_at; ///< rows that its table had been given when it was planned
};

/// What a plan is made of.
struct PlanSource {
    std::string sql;
    std::string relation; ///< empty: none
    std::vector<BatchColumn> columns;
    Oid parameter = InvalidOid; ///< type of $1, where there is one
};

/// Plans by key, the least recently used dropped beyond a bound. Keys begin with the target's id.
class PlanCache {
public:
    explicit PlanCache(size_t limit) : limit_(limit) {}
    PlanCache(const PlanCache&) = delete;
    PlanCache& operator=(const PlanCache&) = delete;

    /// The plan kept under `key`, or null.
    Plan* find(const std::string& key);
    /// Prepares (SPI connected, acting as whom the plan is for) and keeps it. Throws pg::Error. The
    /// pointer is valid until the next add() or forget().
    Plan* add(const std::string& key, const PlanSource& source);
    void remove(const std::string& key);
    /// Drops all plans whose key begins with `prefix`.
    void forget(const std::string& prefix);
    /// A relation name that no plan has had.
    std::string next_relation_name();

private:
    struct Entry {
        std::string key;
        Plan plan;
    };
    void drop(std::list<Entry>::iterator entry);

    size_t limit_;
    uint64_t names_ = 0;
    std::list<Entry> entries_; ///< most recently used first
    std::unordered_map<std::string, std::list<Entry>::iterator> index_;
};

// ---- C register -------------------------------------------------------------------------------

/// Executes with the rows in `store`, in SPI's current connection; returns the rows it changed, or
/// for a query the value of its one bigint. May raise.
uint64_t run_plan(Plan* plan, Tuplestorestate* store);
/// Executes a query likewise; returns its rows, which are in SPI_tuptable until SPI is used again.
uint64_t query_plan(Plan* plan, Tuplestorestate* store);
uint64_t run_plan_with(Plan* plan, Datum parameter);
/// After an error within run_plan: the connection must not keep the dead store. Raises nothing.
void forget_registered_relation();

} // namespace kcs::pg
