#include "postgres/match.hpp"

#include "postgres/guard.hpp"
#include "postgres/names.hpp"

extern "C" {
#include "catalog/pg_operator.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace kcs::pg {

namespace {

struct RawMatch {
    const char* schema; ///< null: the type has no equality
    const char* name;
    const char* base; ///< null: it is no domain
};

RawMatch read_match(Oid type, Oid base) {
    RawMatch out = {};
    if (type != base)
        out.base =
            format_type_extended(base, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
    Oid op = lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr;
    if (!OidIsValid(op))
        return out;
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for operator %u", op);
    Form_pg_operator form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    out.name = pstrdup(NameStr(form->oprname));
    out.schema = get_namespace_name(form->oprnamespace);
    ReleaseSysCache(tuple);
    return out;
}

/// The row anew, with the batch's values of `set`: what an UPDATE may not set, an INSERT may.
std::string replaced(const StatementTarget& t, const std::vector<int>& set,
                     const std::string& batch, const std::string& table, const std::string& one) {
    std::string values, names;
    for (size_t i = 0; i < t.table->columns.size(); ++i) {
        if (t.table->columns[i].generated)
            continue;
        bool changed = std::find(set.begin(), set.end(), static_cast<int>(i)) != set.end();
        std::string name = quote_name(t.table->columns[i].name);
        values += (values.empty() ? "" : ", ") + ((changed ? "b." : "t.") + name);
        names += (names.empty() ? "" : ", ") + name;
    }
    return "gone AS (DELETE FROM " + table + " AS t USING f, " + quote_name(batch) + " AS b" + one +
           " RETURNING " + values + ") INSERT INTO " + quote_names(t.table->schema, t.table->name) +
           " (" + names + ") OVERRIDING SYSTEM VALUE SELECT " + names + " FROM gone";
}

} // namespace

MatchColumn match_column(const TableShape& table, int column, bool null) {
    const ColumnShape& shape = table.columns[column];
    Oid type = shape.type_oid, base = shape.base_oid;
    RawMatch raw = guard([=] { return read_match(type, base); });
    MatchColumn out;
    out.column = column;
    out.null = null;
    if (raw.schema != nullptr)
        out.equals = "OPERATOR(" + quote_name(raw.schema) + "." + raw.name + ")";
    if (raw.base != nullptr)
        out.base = raw.base;
    return out;
}

std::string match_name(size_t i) {
    return "before " + std::to_string(i + 1);
}

/// That row `row` is what the batch's row says it was.
static std::string same_row(const StatementTarget& t, const std::vector<MatchColumn>& match,
                            int unmarked, bool exact, const std::string& row) {
    std::string condition, stored, sought;
    auto require = [&condition](const std::string& text) {
        condition += (condition.empty() ? "" : " AND ") + text;
    };
    for (size_t i = 0; i < match.size(); ++i) {
        const MatchColumn& m = match[i];
        std::string left = row + "." + quote_name(t.table->columns[m.column].name);
        std::string right = "b." + quote_name(match_name(i));
        if (!m.base.empty())
            left = "CAST(" + left + " AS " + m.base + ")";
        if (m.null)
            require(left + " IS NULL"); // an index serves this and =, but no IS NOT DISTINCT FROM
        else if (!m.equals.empty())
            require(left + " " + m.equals + " " + right);
        else if (!exact)
            require("CAST(" + left +
                    " AS pg_catalog.text) COLLATE \"C\" OPERATOR(pg_catalog.=) "
                    "CAST(" +
                    right + " AS pg_catalog.text) COLLATE \"C\"");
        if (m.null)
            continue;
        stored += (stored.empty() ? "" : ", ") + left;
        sought += (sought.empty() ? "" : ", ") + right;
    }
    if (exact && !stored.empty())
        require("CAST(ROW(" + stored +
                ") AS pg_catalog.record) OPERATOR(pg_catalog.*=) "
                "CAST(ROW(" +
                sought + ") AS pg_catalog.record)");
    if (unmarked >= 0)
        require(row + "." + quote_name(t.table->columns[unmarked].name) + " IS NOT TRUE");
    return condition;
}

/// The image of some columns of row `row`.
static std::string image_of(const StatementTarget& t, const std::vector<int>& columns,
                            const std::string& row) {
    return "CAST(ROW(" +
           join(columns, ", ",
                [&](int c) { return row + "." + quote_name(t.table->columns[c].name); }) +
           ") AS pg_catalog.record)";
}

std::string change_one_statement(const StatementTarget& t, const std::vector<MatchColumn>& match,
                                 const std::vector<int>& untold, const std::vector<int>* set,
                                 int unmarked, bool exact, const std::string& batch) {
    std::string condition = same_row(t, match, unmarked, exact, "t");
    if (!untold.empty())
        condition += " AND NOT EXISTS (SELECT FROM " + own_rows(t) + " AS o WHERE " +
                     same_row(t, match, unmarked, exact, "o") + " AND " + image_of(t, untold, "o") +
                     " OPERATOR(pg_catalog.*<>) " + image_of(t, untold, "t") + ")";
    std::string table = own_rows(t);
    std::string sql = "WITH f (part, place) AS (SELECT t.tableoid, t.ctid FROM " + table +
                      " AS t, " + quote_name(batch) + " AS b WHERE " + condition +
                      " LIMIT 1 FOR UPDATE OF t)";
    std::string one = " WHERE t.tableoid = f.part AND t.ctid = f.place";
    if (set == nullptr)
        return sql + " DELETE FROM " + table + " AS t USING f" + one;
    if (std::any_of(set->begin(), set->end(),
                    [&](int c) { return t.table->columns[c].identity_always; }))
        return sql + ", " + replaced(t, *set, batch, table, one);
    std::string values = join(*set, ", ", [&](int c) {
        std::string name = quote_name(t.table->columns[c].name);
        return name + " = b." + name;
    });
    return sql + " UPDATE " + table + " AS t SET " + values + " FROM f, " + quote_name(batch) +
           " AS b" + one;
}

} // namespace kcs::pg
