#pragma once

#include "core/settings.hpp"
#include "debezium/change.hpp"
#include "postgres/convert.hpp"
#include "postgres/keys.hpp"
#include "postgres/plans.hpp"
#include "postgres/shape.hpp"
#include "postgres/widening.hpp"

#include <deque>
#include <unordered_map>
#include <vector>

// Targets as the sink knows them: found by name, locked, checked, and matched with what records
// bring. Kept between batches until the relation changes.

namespace kcs::pg {

/// How the rows of one layout meet a table's columns.
struct RowBinding {
    struct Column {
        int value = 0;  ///< into the layout's columns
        int column = 0; ///< into TableShape::columns
    };
    std::vector<Column> columns;   ///< what is written; generated columns are not
    std::vector<Column> computed;  ///< generated ones: they may be part of the key
    std::vector<Column> asking;    ///< of `columns`: see target_has_say()
    std::vector<int> missing;      ///< layout columns that the table lacks and could be added
    std::vector<int> undetermined; ///< those whose type is not known yet: only NULL can be passed
};

/// How the keys of one layout meet a unique index.
struct KeyBinding {
    /// Null: none on exactly these columns, but for what topic routing added and the table lacks.
    const UniqueIndex* index = nullptr;
    std::vector<uint16_t> places; ///< for each part, its place in the layout
};

/// In the database's encoding, as are all names in a TableShape.
struct CatalogName {
    std::string schema;
    std::string table;
};

/// One target. References stay valid while the Targets live; bindings until the next find().
class TargetState {
public:
    const Target* target = nullptr;
    CatalogName name;
    bool exists = false; ///< as of the last find()
    TargetTable table;
    Oid acting = InvalidOid; ///< whom its statements run as
    int upserts_left = 0;    ///< batches that shall not try a plain INSERT
    uint64_t rows_given = 0; ///< rows inserted or upserted so far
    int64_t slot = -1;       ///< of its counters in shared memory; -1: not asked for

    const RowBinding& bind_row(const RowLayout& layout);
    /// A layout of all the table's columns, by their names.
    const RowLayout& whole_layout();
    const KeyBinding& bind_key(const RowLayout& layout);
    /// What the table lacks for rows of the layout.
    const std::vector<Shortfall>& shortfalls(const RowLayout& layout);
    /// Ready to use; made on first use. Throws pg::Error.
    Converter* converter(int column);
    KeyOperators* operators(const UniqueIndex& index);

    /// As the catalogs spell it. Throws Stop where the database's encoding lacks a character.
    std::string column_name(const LayoutColumn& column) const;
    /// Whether the column is what topic routing added to a key, and the table has none for it.
    bool leaves_out(const LayoutColumn& column) const {
        return column.routing && table.shape.find(column.name) == nullptr;
    }
    std::string text() const { return name.schema + "." + name.table; }

private:
    friend class Targets;
    void load(Oid relid);
    const UniqueIndex* bare_key(const RowLayout& layout) const;
    void clear();

    uint64_t generation_ = 0;
    MemoryContext context_ = nullptr; ///< of converters and key operators
    std::vector<Converter*> converters_;
    std::unordered_map<Oid, KeyOperators*> operators_;
    RowLayout whole_; ///< id 0: not made yet
    std::unordered_map<uint64_t, RowBinding> rows_;
    std::unordered_map<uint64_t, KeyBinding> keys_;
    std::unordered_map<uint64_t, std::vector<Shortfall>> shortfalls_;
};

class Targets {
public:
    explicit Targets(PlanCache& plans) : plans_(plans) {}

    /// Looks the target up by name and, when it exists, locks it RowExclusive in the running
    /// transaction and checks that changes may go there. Throws Stop (a view, a refused schema, row
    /// security, ...) and pg::Error.
    TargetState& find(const Target& target, const ApplySettings& settings);

    /// Lets go of what is kept of it, so that the next find() reads the catalogs again.
    void forget(const Target& target);
    /// Lets go of all; the next find() may bring other Targets of the same ids.
    void clear();

private:
    void check(TargetState& state, const ApplySettings& settings);

    PlanCache& plans_;
    std::deque<TargetState> states_; ///< by target id
};

/// The target's name as the catalogs spell it. Throws Stop where no table of this name can or may
/// be.
CatalogName catalog_name(const Target& target);

/// A name of the target's ("column", "table", ...: `what`), which is UTF-8, in the database's
/// encoding. Throws Stop where that lacks a character.
std::string server_name(const Target& target, const char* what, const std::string& name);

/// Name for error texts: "view", "foreign table", ...
const char* relation_kind_name(char kind);

/// Identifies the plans of one target in the cache.
std::string plan_prefix(const Target& target);

} // namespace kcs::pg
