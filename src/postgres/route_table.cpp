#include "postgres/route_table.hpp"

#include "postgres/gucs.hpp"
#include "postgres/gucs_check.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/topic_match.hpp"

extern "C" {
#include "utils/array.h"
#include "utils/guc.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

OwnStatement all_routes = {
    "SELECT id, priority, topic, target, key_columns, excluded_columns, format, delete_mode,"
    " history, time_precision_mode, decimal_handling_mode, binary_handling_mode,"
    " interval_handling_mode, schemaless_decimal_columns, schemaless_timestamp_columns,"
    " unavailable_value FROM kafka_cdc_sink.routes",
    0,
    {},
    nullptr};

/// A row of the table, in the current context.
struct Cells {
    HeapTuple row;
    TupleDesc columns;
};

Datum cell(Cells cells, const char* name, bool* null) {
    int number = SPI_fnumber(cells.columns, name);
    if (number <= 0)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_COLUMN),
                errmsg("table kafka_cdc_sink.routes has no column \"%s\"", name));
    return SPI_getbinval(cells.row, cells.columns, number, null);
}

/// Null: SQL null.
const char* text_cell(Cells cells, const char* name) {
    bool null;
    Datum value = cell(cells, name, &null);
    return null ? nullptr : TextDatumGetCString(value);
}

struct Names {
    const char** names;
    int count;
};

Names names_cell(Cells cells, const char* name) {
    bool null;
    Datum value = cell(cells, name, &null);
    Names out = {nullptr, 0};
    if (null)
        return out;
    Datum* items;
    bool* nulls;
    deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls,
                      &out.count);
    out.names =
        static_cast<const char**>(palloc(sizeof(char*) * static_cast<size_t>(out.count + 1)));
    for (int i = 0; i < out.count; ++i)
        out.names[i] = nulls[i] ? "" : TextDatumGetCString(items[i]);
    return out;
}

// ---- C++ --------------------------------------------------------------------------------------

Fault invalid(std::string message, std::string detail = {}, std::string hint = {}) {
    Fault fault = Fault::of(ErrorClass::environment, "22023",
                            "invalid row for kafka_cdc_sink.routes: " + std::move(message));
    fault.detail = std::move(detail);
    fault.hint = std::move(hint);
    return fault;
}

std::vector<std::string> strings(Names names) {
    return {names.names, names.names + names.count};
}

/// The column of this name, or nothing where it is NULL.
std::optional<std::string> text(Cells cells, const char* name) {
    const char* value = guard([=] { return text_cell(cells, name); });
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// A mode as the setting of the column's name has it. False: `fault` says why not.
template <typename Mode>
bool read_mode(Cells cells, const char* name, std::optional<Mode>& out, Fault& fault) {
    std::optional<std::string> value = text(cells, name);
    if (!value)
        return true;
    std::string known;
    for (const config_enum_entry* o = setting_options(name); o->name != nullptr; ++o) {
        if (*value == o->name) {
            out = static_cast<Mode>(o->val);
            return true;
        }
        if (!o->hidden)
            known += (known.empty() ? "" : ", ") + std::string(o->name);
    }
    fault = invalid("\"" + *value + "\" is no value for column \"" + name + "\"", "",
                    "Available values: " + known + ".");
    return false;
}

bool read_format(Cells cells, RecordFormat& out, Fault& fault) {
    std::string value = text(cells, "format").value_or("auto");
    if (value == "auto")
        out = RecordFormat::detect;
    else if (value == "envelope")
        out = RecordFormat::envelope;
    else if (value == "flattened")
        out = RecordFormat::flattened;
    else {
        fault = invalid("\"" + value + "\" is no value for column \"format\"", "",
                        "Available values: auto, envelope, flattened.");
        return false;
    }
    return true;
}

/// What is wrong beside the modes; without message: nothing.
Fault flaw_of(const Route& route) {
    Fault fault = route_flaw(route);
    if (fault.message.empty() && route.pattern()) {
        std::string complaint = regex_complaint(route.topic);
        if (!complaint.empty())
            fault.message = "invalid regular expression \"" + route.topic + "\": " + complaint;
    }
    if (fault.message.empty() && route.schemaless_decimal_columns)
        fault = decimal_columns_flaw(*route.schemaless_decimal_columns);
    if (fault.message.empty() && route.schemaless_timestamp_columns)
        fault = timestamp_columns_flaw(*route.schemaless_timestamp_columns);
    return fault;
}

uint64_t generation_now() {
    return shared_ready() ? shared().header->routes_generation.load() : 0;
}

/// Routes in the order in which they are asked.
class RouteTable final : public Routes {
public:
    RouteTable(std::vector<Route> routes, uint64_t generation)
        : routes_(std::move(routes)), generation_(generation) {}

    const Route* find(std::string_view topic) override {
        for (const Route& route : routes_)
            if (route.pattern() ? topic_matches(route.topic, topic) : route.topic == topic)
                return &route;
        return nullptr;
    }
    bool stale() const override { return generation_ != generation_now(); }

    const std::vector<Route>& routes() const { return routes_; }
    void fresh(uint64_t generation) { generation_ = generation; }

private:
    std::vector<Route> routes_;
    uint64_t generation_;
};

} // namespace

Result<Route> read_route(HeapTuple row, TupleDesc columns) {
    Cells cells = {row, columns};
    Route route;
    bool null;
    route.id = DatumGetInt32(guard([&] { return cell(cells, "id", &null); }));
    route.priority = DatumGetInt32(guard([&] { return cell(cells, "priority", &null); }));
    route.history = DatumGetBool(guard([&] { return cell(cells, "history", &null); }));
    route.topic = text(cells, "topic").value_or("");
    route.target = text(cells, "target");
    route.key_columns = strings(guard([=] { return names_cell(cells, "key_columns"); }));
    route.excluded_columns = strings(guard([=] { return names_cell(cells, "excluded_columns"); }));
    route.schemaless_decimal_columns = text(cells, "schemaless_decimal_columns");
    route.schemaless_timestamp_columns = text(cells, "schemaless_timestamp_columns");
    route.unavailable_value = text(cells, "unavailable_value");
    Fault fault;
    if (!read_format(cells, route.format, fault) ||
        !read_mode(cells, "delete_mode", route.delete_mode, fault) ||
        !read_mode(cells, "time_precision_mode", route.time_precision_mode, fault) ||
        !read_mode(cells, "decimal_handling_mode", route.decimal_handling_mode, fault) ||
        !read_mode(cells, "binary_handling_mode", route.binary_handling_mode, fault) ||
        !read_mode(cells, "interval_handling_mode", route.interval_handling_mode, fault))
        return fault;
    fault = flaw_of(route);
    if (!fault.message.empty())
        return invalid(fault.message, fault.detail, fault.hint);
    return route;
}

std::shared_ptr<Routes> load_routes(const std::shared_ptr<Routes>& before) {
    uint64_t generation = generation_now(); // before the table is read: it may change meanwhile
    std::vector<Route> routes;
    uint64_t count = guard([] { return run_own(&all_routes, nullptr, nullptr); });
    SPITupleTable* table = SPI_tuptable;
    for (uint64_t i = 0; i < count; ++i) {
        Result<Route> route = read_route(table->vals[i], table->tupdesc);
        if (!route)
            throw Error(route.fault());
        routes.push_back(std::move(*route));
    }
    guard([table] { SPI_freetuptable(table); });
    sort_routes(routes);
    auto known = std::static_pointer_cast<RouteTable>(before);
    if (known && known->routes() == routes) {
        known->fresh(generation);
        return before;
    }
    return std::make_shared<RouteTable>(std::move(routes), generation);
}

} // namespace kcs::pg
