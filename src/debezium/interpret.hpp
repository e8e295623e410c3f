#pragma once

#include "core/arena.hpp"
#include "core/fault.hpp"
#include "core/settings.hpp"
#include "core/table_shape.hpp"
#include "core/value.hpp"
#include "debezium/change.hpp"

namespace kcs {

/// Gives a value read without schema its meaning for a target column (wire format 3.8, and the
/// special rules of design 5.1). `token` is one of null, boolean, token_number, token_text,
/// token_json; the result is never a token. `source`: the connector that wrote it. Placeholders of
/// wire format section 4 become `unavailable` where `may_miss` says that they can occur. Fault:
/// class data, naming the column.
Result<Value> interpret(const Value& token, const ColumnShape& column,
                        const DecoderSettings& settings, SourceKind source, bool may_miss,
                        Arena& arena);

/// Whether a typed value's meaning hangs on its target all the same: text may be bytes as
/// binary_handling_mode spells them where the target is bytea (its input function would store the
/// spelling) or has types that the connector sends as bytes; a set may become an array.
bool target_has_say(const LayoutColumn& column, const ColumnShape& target, BinaryMode mode);

/// Such a value for its target. Fault as of interpret().
Result<Value> adapt(const Value& value, const LayoutColumn& column, const ColumnShape& target,
                    const DecoderSettings& settings, bool may_miss, Arena& arena);

} // namespace kcs
