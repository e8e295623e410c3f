#include "postgres/shape.hpp"

#include "postgres/identity.hpp"
#include "postgres/names.hpp"
#include "postgres/type_kind.hpp"

extern "C" {
#include "access/genam.h"
#include "access/nbtree.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "parser/parse_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
}

namespace kcs::pg {

namespace {

// ---- C register: catalogs to plain structs ----------------------------------------------------

struct RawColumn {
    const char* name;
    int16 attnum;
    Oid type;
    Oid base;
    int32 typmod;
    Oid collation;
    TypeKind kind;
    TypeKind element;
    bool element_domain;
    bool not_null;
    bool generated;
    bool identity_always;
    bool inherited;
    bool set_by_nature;
};

struct RawPart {
    int16 attnum;
    Oid collation;
    Oid equality;
    Oid less;
    bool exact;
    const char* equals_schema;
    const char* equals_name;
    const char* collate_schema; ///< null: the column's own
    const char* collate_name;
};

struct RawIndex {
    Oid oid;
    bool primary;
    bool immediate;
    int part_count;
    RawPart* parts;
};

struct RawTable {
    char kind;
    Oid owner;
    Oid schema_oid;
    bool rewritten;
    const char* unlogged;
    bool of_extension;
    const char* schema;
    const char* name;
    int column_count;
    RawColumn* columns;
    int index_count;
    RawIndex* indexes;
};

void read_type(RawColumn* c, Oid type, int32 typmod) {
    c->type = type;
    c->typmod = typmod;
    c->base = getBaseTypeAndTypmod(type, &c->typmod);
    c->kind = type_kind(c->base);
    Oid element = c->kind == TypeKind::array ? get_element_type(c->base) : InvalidOid;
    c->element = OidIsValid(element) ? type_kind(getBaseType(element)) : TypeKind::other;
    c->element_domain = OidIsValid(element) && getBaseType(element) != element;
}

void read_columns(Relation rel, RawTable* table) {
    TupleDesc desc = RelationGetDescr(rel);
    Bitmapset* key = bms_union(RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY),
                               RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_IDENTITY_KEY));
    table->columns = static_cast<RawColumn*>(palloc0(sizeof(RawColumn) * (desc->natts + 1)));
    for (int i = 0; i < desc->natts; ++i) {
        Form_pg_attribute att = TupleDescAttr(desc, i);
        if (att->attisdropped)
            continue;
        RawColumn* c = &table->columns[table->column_count++];
        c->name = pstrdup(NameStr(att->attname));
        c->attnum = att->attnum;
        read_type(c, att->atttypid, att->atttypmod);
        c->collation = att->attcollation;
        c->not_null = att->attnotnull;
        c->generated = att->attgenerated != '\0';
        c->identity_always = att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
        c->inherited = att->attinhcount > 0;
        c->set_by_nature = att->attidentity != '\0' ||
                           bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber, key);
    }
}

/// Whether values that are equal by the operator class always look the same. The operator class may
/// be anybody's: asked as the table's owner, as when the index was built.
bool equal_is_same(Oid opfamily, Oid type, Oid collation, Oid owner) {
    Oid proc = get_opfamily_proc(opfamily, type, type, BTEQUALIMAGE_PROC);
    if (!OidIsValid(proc))
        return false;
    Identity before = act_as(owner);
    bool same = DatumGetBool(OidFunctionCall1Coll(proc, collation, ObjectIdGetDatum(type)));
    act_as_before(before);
    return same;
}

void name_operator(Oid op, RawPart* part) {
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for operator %u", op);
    Form_pg_operator form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    part->equals_name = pstrdup(NameStr(form->oprname));
    part->equals_schema = get_namespace_name(form->oprnamespace);
    ReleaseSysCache(tuple);
}

void name_collation(Oid collation, RawPart* part) {
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for collation %u", collation);
    Form_pg_collation form = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    part->collate_name = pstrdup(NameStr(form->collname));
    part->collate_schema = get_namespace_name(form->collnamespace);
    ReleaseSysCache(tuple);
}

/// False: not an index that can identify rows.
bool read_index(Relation rel, Relation index, RawIndex* out) {
    Form_pg_index form = index->rd_index;
    if (!form->indisunique || !form->indisvalid || index->rd_rel->relam != BTREE_AM_OID ||
        !heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr))
        return false;
    out->oid = RelationGetRelid(index);
    out->primary = form->indisprimary;
    out->immediate = form->indimmediate;
    out->part_count = form->indnkeyatts;
    out->parts = static_cast<RawPart*>(palloc0(sizeof(RawPart) * out->part_count));
    for (int i = 0; i < out->part_count; ++i) {
        RawPart* part = &out->parts[i];
        part->attnum = form->indkey.values[i];
        if (part->attnum <= 0) // an expression
            return false;
        Oid opfamily = index->rd_opfamily[i];
        Oid type = index->rd_opcintype[i];
        part->collation = index->rd_indcollation[i];
        part->equality = get_opfamily_member(opfamily, type, type, BTEqualStrategyNumber);
        part->less = get_opfamily_member(opfamily, type, type, BTLessStrategyNumber);
        if (!OidIsValid(part->equality) || !OidIsValid(part->less))
            return false;
        part->exact = equal_is_same(opfamily, type, part->collation, rel->rd_rel->relowner);
        name_operator(part->equality, part);
        Oid own = TupleDescAttr(RelationGetDescr(rel), part->attnum - 1)->attcollation;
        if (OidIsValid(part->collation) && part->collation != own)
            name_collation(part->collation, part);
    }
    return true;
}

/// Quoted name of the relation, or of a partition of it, that a crash empties; null: there is none.
const char* find_unlogged(Relation rel) {
    Oid relid = RelationGetRelid(rel);
    List* all = rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE
                    ? find_all_inheritors(relid, NoLock, nullptr)
                    : list_make1_oid(relid);
    ListCell* cell;
    foreach (cell, all) {
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(tuple))
            continue; // dropped meanwhile
        Form_pg_class form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
        const char* found = nullptr;
        if (form->relpersistence == RELPERSISTENCE_UNLOGGED)
            found = quote_qualified_identifier(get_namespace_name(form->relnamespace),
                                               NameStr(form->relname));
        ReleaseSysCache(tuple);
        if (found != nullptr)
            return found;
    }
    return nullptr;
}

RawTable* read_table(Oid relid) {
    RawTable* table = static_cast<RawTable*>(palloc0(sizeof(RawTable)));
    Relation rel = relation_open(relid, NoLock);
    table->kind = rel->rd_rel->relkind;
    table->owner = rel->rd_rel->relowner;
    table->schema_oid = RelationGetNamespace(rel);
    for (int i = 0; rel->rd_rules != nullptr && i < rel->rd_rules->numLocks; ++i) {
        CmdType event = rel->rd_rules->rules[i]->event;
        table->rewritten |= event == CMD_INSERT || event == CMD_UPDATE;
    }
    table->unlogged = find_unlogged(rel);
    table->of_extension = OidIsValid(getExtensionOfObject(RelationRelationId, relid));
    table->schema = get_namespace_name(RelationGetNamespace(rel));
    table->name = pstrdup(RelationGetRelationName(rel));
    if (table->kind == RELKIND_RELATION || table->kind == RELKIND_PARTITIONED_TABLE) {
        read_columns(rel, table);
        List* oids = RelationGetIndexList(rel);
        table->indexes =
            static_cast<RawIndex*>(palloc0(sizeof(RawIndex) * (list_length(oids) + 1)));
        ListCell* cell;
        foreach (cell, oids) {
            Relation index = index_open(lfirst_oid(cell), AccessShareLock);
            if (read_index(rel, index, &table->indexes[table->index_count]))
                ++table->index_count;
            index_close(index, AccessShareLock);
        }
    }
    relation_close(rel, NoLock);
    return table;
}

// ---- C++ --------------------------------------------------------------------------------------

ColumnShape to_column(const RawColumn& raw) {
    ColumnShape c;
    c.name = raw.name;
    c.attnum = raw.attnum;
    c.type_oid = raw.type;
    c.base_oid = raw.base;
    c.typmod = raw.typmod;
    c.collation = raw.collation;
    c.kind = raw.kind;
    c.element = raw.element;
    c.element_domain = raw.element_domain;
    c.not_null = raw.not_null;
    c.generated = raw.generated;
    c.identity_always = raw.identity_always;
    c.inherited = raw.inherited;
    c.set_by_nature = raw.set_by_nature;
    read_typmod(c);
    return c;
}

UniqueIndex to_index(const RawIndex& raw, const TableShape& shape) {
    UniqueIndex index;
    index.oid = raw.oid;
    index.primary = raw.primary;
    for (int i = 0; i < raw.part_count; ++i) {
        const RawPart& p = raw.parts[i];
        KeyPart part;
        for (size_t c = 0; c < shape.columns.size(); ++c)
            if (shape.columns[c].attnum == p.attnum)
                part.column = static_cast<int>(c);
        part.collation = p.collation;
        part.equality = p.equality;
        part.less = p.less;
        part.exact = p.exact;
        part.equals = "OPERATOR(" + quote_name(p.equals_schema) + "." + p.equals_name + ")";
        if (p.collate_name != nullptr)
            part.collate = " COLLATE " + quote_names(p.collate_schema, p.collate_name);
        index.parts.push_back(std::move(part));
    }
    return index;
}

// ---- invalidation -----------------------------------------------------------------------------

struct Watch {
    std::unordered_map<Oid, uint64_t> generations;
    uint64_t everything = 0;
};

/// Made on first use, never destroyed: the server may call back until the process is gone.
Watch* watch = nullptr;

extern "C" {
void kcs_relation_changed(Datum, Oid relid) {
    if (!OidIsValid(relid)) {
        ++watch->everything;
        return;
    }
    auto it = watch->generations.find(relid);
    if (it != watch->generations.end())
        ++it->second;
}

/// Names of schemas are kept with a table: its own, those of its operators.
void kcs_schema_changed(Datum, int, uint32) {
    ++watch->everything;
}
}

} // namespace

TargetTable load_table(Oid relid) {
    RawTable* raw = guard([relid] { return read_table(relid); });
    TargetTable table;
    table.kind = raw->kind;
    table.owner = raw->owner;
    table.schema = raw->schema_oid;
    table.rewritten = raw->rewritten;
    table.of_extension = raw->of_extension;
    if (raw->unlogged != nullptr)
        table.unlogged = raw->unlogged;
    table.shape.relid = relid;
    table.shape.schema = raw->schema;
    table.shape.name = raw->name;
    table.shape.partitioned = raw->kind == RELKIND_PARTITIONED_TABLE;
    for (int i = 0; i < raw->column_count; ++i)
        table.shape.columns.push_back(to_column(raw->columns[i]));
    for (int i = 0; i < raw->index_count; ++i)
        (raw->indexes[i].immediate ? table.unique_indexes : table.deferrable)
            .push_back(to_index(raw->indexes[i], table.shape));
    std::stable_sort(table.unique_indexes.begin(), table.unique_indexes.end(),
                     [](const UniqueIndex& a, const UniqueIndex& b) {
                         return a.primary != b.primary ? a.primary : a.oid < b.oid;
                     });
    return table;
}

ColumnShape type_shape(const std::string& type) {
    const char* text = type.c_str();
    RawColumn raw = guard([text] {
        RawColumn c = {};
        Oid oid;
        int32 typmod;
#if PG_VERSION_NUM >= 160000
        parseTypeString(text, &oid, &typmod, nullptr);
#else
        parseTypeString(text, &oid, &typmod, false);
#endif
        c.name = "";
        read_type(&c, oid, typmod);
        c.collation = get_typcollation(c.base);
        return c;
    });
    return to_column(raw);
}

Oid find_and_lock(const char* schema, const char* table, LOCKMODE mode) {
    for (;;) {
        Oid space = get_namespace_oid(schema, true);
        Oid relid = OidIsValid(space) ? get_relname_relid(table, space) : InvalidOid;
        if (!OidIsValid(relid))
            return InvalidOid;
        LockRelationOid(relid, mode);
        space = get_namespace_oid(schema, true);
        if (OidIsValid(space) && get_relname_relid(table, space) == relid)
            return relid;
        UnlockRelationOid(relid, mode);
    }
}

void watch_relations() {
    if (watch != nullptr)
        return;
    watch = new Watch;
    guard([] {
        CacheRegisterRelcacheCallback(kcs_relation_changed, Datum{0});
        CacheRegisterSyscacheCallback(NAMESPACEOID, kcs_schema_changed, Datum{0});
    });
}

uint64_t relation_generation(Oid relid) {
    return watch->everything + watch->generations.emplace(relid, 0).first->second;
}

} // namespace kcs::pg
