#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kcs {

/// Families of PostgreSQL types that the decoder and the Datum builder treat apart. Domains count
/// as their base type.
enum class TypeKind : uint8_t {
    boolean,
    int2,
    int4,
    int8,
    float4,
    float8,
    numeric,
    text, ///< text, varchar, bpchar, name, citext: anything that takes characters as they are
    bytea,
    date,
    time,
    timetz,
    timestamp,
    timestamptz,
    interval,
    json,
    jsonb,
    uuid,
    bit, ///< bit(n) and bit varying
    enumeration,
    array,
    hstore,    ///< the extension's type
    geometry,  ///< PostGIS: geometry and geography
    geometric, ///< PostgreSQL's own point, line, lseg, box, path, polygon, circle
    vector,    ///< pgvector: vector and halfvec
    sparsevec, ///< pgvector's
    opaque,    ///< PostgreSQL's connector sends the bytes of its text (include.unknown.datatypes):
               ///< composites, multiranges, pg_lsn, users' own types
    other      ///< through the type's input function
};

/// One attribute of a target table, as far as rooms without the server need it.
struct ColumnShape {
    std::string name;
    int16_t attnum = 0;
    uint32_t type_oid = 0; ///< as declared (may be a domain)
    uint32_t base_oid = 0; ///< type_oid without domains
    int32_t typmod = -1;   ///< effective typmod (of the domain where the column has one)
    uint32_t collation = 0;
    TypeKind kind = TypeKind::other;    ///< of base_oid
    TypeKind element = TypeKind::other; ///< of the array's element type
    /// The element type is a domain: PostgreSQL's connector, which knows domains but not in arrays,
    /// sends the bytes of each element's text (include.unknown.datatypes).
    bool element_domain = false;
    int32_t precision = -1; ///< numeric precision; fractional digits of time types; -1 none
    int32_t scale = -1;     ///< numeric scale where the typmod says one (has_scale)
    bool has_scale = false;
    bool not_null = false;
    bool generated = false;
    bool identity_always = false;
    bool inherited = false;     ///< a parent table says what it is
    bool set_by_nature = false; ///< NOT NULL because of a key or identity
};

/// A target table as the sink knows it. Columns in attribute order, dropped ones left out.
struct TableShape {
    uint32_t relid = 0;
    std::string schema;
    std::string name;
    bool partitioned = false;
    std::vector<ColumnShape> columns;

    const ColumnShape* find(const std::string& column) const {
        for (const ColumnShape& c : columns)
            if (c.name == column)
                return &c;
        return nullptr;
    }
};

} // namespace kcs
