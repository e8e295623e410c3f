#pragma once

#include "core/routes.hpp"
#include "postgres/pg.hpp"

#include <memory>

// The table kafka_cdc_sink.routes.

namespace kcs::pg {

/// The route that a row of the table says. Fault (22023): it says nothing sensible. Throws
/// pg::Error and std::bad_alloc.
Result<Route> read_route(HeapTuple row, TupleDesc columns);

/// All of them, in a transaction with SPI connected; `before` again where they are still the same.
/// Throws pg::Error: a row that is not sensible, too, because records would go elsewhere without
/// it.
std::shared_ptr<Routes> load_routes(const std::shared_ptr<Routes>& before);

} // namespace kcs::pg
