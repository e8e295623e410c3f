#include "postgres/statements.hpp"

#include "postgres/names.hpp"

namespace kcs::pg {

namespace {

std::string table_name(const StatementTarget& t) {
    return quote_names(t.table->schema, t.table->name);
}

std::string column_name(const StatementTarget& t, int column) {
    return quote_name(t.table->columns[column].name);
}

std::string column_list(const StatementTarget& t, const std::vector<int>& columns) {
    return join(columns, ", ", [&](int c) { return column_name(t, c); });
}

std::string key_list(const StatementTarget& t) {
    return join(t.key->parts, ", ", [&](const KeyPart& p) { return column_name(t, p.column); });
}

/// left.key = right.key for every part, by the index's operators and collations.
template <typename RightName>
std::string same_key(const StatementTarget& t, const char* left, RightName&& right) {
    std::string out;
    for (size_t i = 0; i < t.key->parts.size(); ++i) {
        const KeyPart& part = t.key->parts[i];
        out += (i > 0 ? " AND " : "") + std::string(left) + "." + column_name(t, part.column) +
               part.collate + " " + part.equals + " " + right(i);
    }
    return out;
}

auto batch_key(const StatementTarget& t) {
    return [&t](size_t i) { return "b." + column_name(t, t.key->parts[i].column); };
}

std::string set_list(const StatementTarget& t, const std::vector<int>& columns,
                     const char* source) {
    return join(columns, ", ", [&](int c) {
        return column_name(t, c) + " = " + source + "." + column_name(t, c);
    });
}

} // namespace

std::string own_rows(const StatementTarget& t) {
    return (t.table->partitioned ? "" : "ONLY ") + table_name(t);
}

std::vector<int> updated_columns(const StatementTarget& t, const std::vector<int>& columns) {
    std::vector<int> out;
    for (int c : columns) {
        bool fixed = false;
        for (const KeyPart& part : t.key->parts)
            fixed = fixed || (part.column == c && part.exact);
        if (!fixed && !t.table->columns[c].identity_always && !t.table->columns[c].generated)
            out.push_back(c);
    }
    return out;
}

std::string insert_statement(const StatementTarget& t, const std::vector<int>& columns, bool upsert,
                             const std::string& batch) {
    std::vector<int> written; // a generated key column finds the row only
    for (int c : columns)
        if (!t.table->columns[c].generated)
            written.push_back(c);
    std::string names = column_list(t, written);
    std::string sql = "INSERT INTO " + table_name(t) + " (" + names +
                      ") OVERRIDING SYSTEM VALUE SELECT " + names + " FROM " + quote_name(batch);
    if (!upsert)
        return sql;
    std::vector<int> updated = updated_columns(t, columns);
    sql += " ON CONFLICT (" + key_list(t) + ") DO ";
    if (updated.empty())
        return sql + "NOTHING";
    return sql + "UPDATE SET " + set_list(t, updated, "EXCLUDED");
}

std::string update_statement(const StatementTarget& t, const std::vector<int>& columns,
                             const std::string& batch) {
    return "UPDATE " + own_rows(t) + " AS t SET " + set_list(t, updated_columns(t, columns), "b") +
           " FROM " + quote_name(batch) + " AS b WHERE " + same_key(t, "t", batch_key(t));
}

std::string renumber_statement(const StatementTarget& t, const std::vector<int>& columns,
                               const std::string& batch) {
    std::string differ, returned, names;
    for (size_t i = 0; i < t.table->columns.size(); ++i) {
        const ColumnShape& column = t.table->columns[i];
        int c = static_cast<int>(i);
        if (column.generated)
            continue;
        bool fixed =
            column.identity_always && std::find(columns.begin(), columns.end(), c) != columns.end();
        std::string name = column_name(t, c);
        if (fixed)
            differ += (differ.empty() ? "" : " OR ") + ("t." + name + " <> b." + name);
        returned += (returned.empty() ? "" : ", ") + ((fixed ? "b." : "t.") + name);
        names += (names.empty() ? "" : ", ") + name;
    }
    return "WITH gone AS (DELETE FROM " + own_rows(t) + " AS t USING " + quote_name(batch) +
           " AS b WHERE " + same_key(t, "t", batch_key(t)) + " AND (" + differ + ") RETURNING " +
           returned + ") INSERT INTO " + table_name(t) + " (" + names +
           ") OVERRIDING SYSTEM VALUE SELECT " + names + " FROM gone";
}

std::string delete_any_statement(const StatementTarget& t) {
    const KeyPart& part = t.key->parts[0];
    return "DELETE FROM " + own_rows(t) + " WHERE " + column_name(t, part.column) + part.collate +
           " " + part.equals + " ANY ($1)";
}

std::string delete_statement(const StatementTarget& t, const std::string& batch) {
    return "DELETE FROM " + own_rows(t) + " AS t USING " + quote_name(batch) + " AS b WHERE " +
           same_key(t, "t", batch_key(t));
}

std::string take_statement(const StatementTarget& t, const std::vector<int>& columns,
                           const std::string& batch) {
    return delete_statement(t, batch) + " RETURNING " +
           join(columns, ", ", [&](int c) { return "t." + column_name(t, c); });
}

std::string mark_statement(const StatementTarget& t, int mark, const std::string& batch) {
    std::string name = column_name(t, mark);
    return "UPDATE " + own_rows(t) + " AS t SET " + name + " = true FROM " + quote_name(batch) +
           " AS b WHERE t." + name + " IS NOT TRUE AND " + same_key(t, "t", batch_key(t));
}

std::string count_statement(const StatementTarget& t, int mark, const std::string& batch) {
    return "SELECT count(*) FROM " + own_rows(t) + " AS t, " + quote_name(batch) + " AS b WHERE " +
           (mark < 0 ? "" : "t." + column_name(t, mark) + " IS NOT TRUE AND ") +
           same_key(t, "t", batch_key(t));
}

std::string missing_statement(const StatementTarget& t, const std::string& batch) {
    return "SELECT count(*) FROM " + quote_name(batch) + " AS b WHERE NOT EXISTS (SELECT FROM " +
           own_rows(t) + " AS t WHERE " + same_key(t, "t", batch_key(t)) + ")";
}

std::string holder_statement(const StatementTarget& t, const UniqueIndex& other,
                             const std::string& batch) {
    StatementTarget by_other{t.table, &other};
    return "SELECT " +
           join(t.key->parts, ", ",
                [&](const KeyPart& p) { return "t." + column_name(t, p.column); }) +
           " FROM " + own_rows(t) + " AS t, " + quote_name(batch) + " AS b WHERE " +
           same_key(by_other, "t", batch_key(by_other));
}

} // namespace kcs::pg
