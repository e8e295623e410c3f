#pragma once

#include "postgres/pg.hpp"

#include "core/table_shape.hpp"
#include "core/value.hpp"

// Values become Datums here. C register throughout: plain data, may raise, called inside a guard,
// once per value of a batch.

namespace kcs::pg {

/// Types of TypeKind::other that values reach in ways of their own. Those of extensions are told by
/// their names.
enum class TypeFamily : uint8_t {
    plain, ///< through the input function
    money,
    hstore,
    geometry,     ///< PostGIS's geometry and geography
    native_shape, ///< point, lseg, path, box, polygon
    vector,       ///< pgvector's vector and halfvec
    sparse_vector,
    composite,
    range,
    multirange
};

/// Everything needed to turn values into Datums of one attribute. Made by prepare_converter in a
/// long-lived memory context; plain data, no destructor.
struct Converter {
    TypeKind kind = TypeKind::other; ///< of the base type
    TypeFamily family = TypeFamily::plain;
    const char* column = "";    ///< for messages
    Oid type = InvalidOid;      ///< base type: what the Datum is of (never a domain)
    Oid domain = InvalidOid;    ///< the domain over it that the attribute or element has, if any
    Oid element = InvalidOid;   ///< arrays
    int32 typmod = -1;          ///< the attribute's
    Oid collation = InvalidOid; ///< the attribute's
    Oid io_param = InvalidOid;
    FmgrInfo input = {};  ///< the type's input function
    FmgrInfo coerce = {}; ///< length coercion for the typmod (fn_oid invalid: none)
    FmgrInfo equal = {};  ///< the type's own equality, to see whether coercion changed it
    int16 typlen = 0;
    bool typbyval = false;
    char typalign = 'i';
    char delimiter = ',';           ///< arrays: between elements
    bool plain_text = false;        ///< characters are stored as they are, behind a varlena header
    void* domain_cache = nullptr;   ///< domain_check()'s
    Converter* parts = nullptr;     ///< of array elements, range bounds, and composites' attributes
    TupleDesc parts_desc = nullptr; ///< composites: a copy of the row type
    uint64 parts_version = 0;       ///< composites: the row type that `parts` is for
    MemoryContext context = nullptr; ///< where the converter lives
};

/// Why a value cannot be stored exactly; plain data so that it survives the frame.
struct ConvertError {
    char sqlstate[6] = "22000";
    char message[512] = ""; ///< names the value, shortened
};

/// Prepare for an attribute. Allocates in CurrentMemoryContext. May raise.
void prepare_converter(Converter& converter, const ColumnShape& column);

/// The Datum of `value`, NULL included, as base type of the attribute, already conforming to the
/// typmod: nothing is rounded, cut or shifted (design, promise 3). `value` is typed (no token), not
/// absent, not unavailable. False: it cannot be stored exactly, `error` says why. What the type's
/// input function refuses is raised as PostgreSQL's own error. Allocates in CurrentMemoryContext.
bool convert_value(const Value& value, Converter& converter, Datum* datum, bool* is_null,
                   ConvertError& error);

/// The value for a message: at most 64 bytes, in ASCII where the server is not UTF8.
using ShownValue = char[128];
void show_value(const Value& value, ShownValue& out);

/// The value as text that the attribute's input function takes (for literals in DDL, and values
/// of types without a direct path). NUL-terminated, in CurrentMemoryContext; null when it cannot
/// be.
char* render_value(const Value& value, ConvertError& error);

} // namespace kcs::pg
