#pragma once

#include "core/arena.hpp"
#include "core/record.hpp"

#include <string_view>
#include <vector>

namespace kcs {

/// One member of a row as its record spells it.
struct SpelledMember {
    std::string_view name;  ///< unescaped; empty: a bare value stands in place of a struct
    std::string_view value; ///< JSON, a part of the record
};

using SpelledRow = std::vector<SpelledMember>;

/// What a record says before anything of it is given a meaning: for explain_event, which shows it
/// beside what becomes of it.
struct Spelling {
    bool schema = false;   ///< the value has its schema with it
    bool envelope = false; ///< `row` and `before` are an envelope's images
    std::string_view op;   ///< of the envelope, one letter
    SpelledRow key;
    SpelledRow row; ///< the after image, or the flattened row
    SpelledRow before;
};

/// As far as the record's JSON can be followed; the rest stays empty. Names are in the
/// arena.
Spelling spell_record(const Record& record, Arena& arena);

/// The members of a JSON object, with or without a schema around it; a bare value is one member.
SpelledRow spell_row(std::string_view json, Arena& arena);

/// The first member of that name; null: there is none.
const SpelledMember* find_member(const SpelledRow& row, std::string_view name);

/// What stands there, as JSON names it: "number", "string", "object", ...
const char* json_type_name(std::string_view value);

} // namespace kcs
