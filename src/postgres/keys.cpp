#include "postgres/keys.hpp"

extern "C" {
#include "common/hashfn.h"
#include "utils/sortsupport.h"
}

#include <cstring>

namespace kcs::pg {

struct KeyOperators {
    struct Part {
        FmgrInfo equal;
        FmgrInfo hash;
        SortSupportData order;
        Oid collation;
    };
    size_t count;
    bool hashable; ///< every part has a hash function that agrees with its equality
    Part* parts;
};

struct KeyBook {
    KeyOperators* operators;
    uint32_t count;
    uint32_t capacity;
    Datum* datums;    ///< count x parts
    uint32_t* hashes; ///< of each key, when hashable
    uint32_t* slots;  ///< open addressing, KeyId + 1; when not hashable: ids in order
    uint32_t slot_mask;
};

KeyOperators* make_key_operators(const KeyPart* parts, size_t count, MemoryContext context) {
    KeyOperators* out =
        static_cast<KeyOperators*>(MemoryContextAllocZero(context, sizeof(KeyOperators)));
    out->count = count;
    out->hashable = true;
    out->parts = static_cast<KeyOperators::Part*>(
        MemoryContextAllocZero(context, sizeof(KeyOperators::Part) * count));
    for (size_t i = 0; i < count; ++i) {
        KeyOperators::Part* part = &out->parts[i];
        part->collation = parts[i].collation;
        fmgr_info_cxt(get_opcode(parts[i].equality), &part->equal, context);
        RegProcedure left, right;
        if (get_op_hash_functions(parts[i].equality, &left, &right))
            fmgr_info_cxt(left, &part->hash, context);
        else
            out->hashable = false;
        part->order.ssup_cxt = context;
        part->order.ssup_collation = part->collation;
        PrepareSortSupportFromOrderingOp(parts[i].less, &part->order);
    }
    return out;
}

KeyBook* make_key_book(KeyOperators* operators, uint32_t expected) {
    KeyBook* book = static_cast<KeyBook*>(palloc0(sizeof(KeyBook)));
    book->operators = operators;
    book->capacity = expected == 0 ? 1 : expected;
    book->datums = static_cast<Datum*>(
        palloc_extended(sizeof(Datum) * operators->count * book->capacity, MCXT_ALLOC_HUGE));
    book->hashes = static_cast<uint32_t*>(palloc(sizeof(uint32_t) * book->capacity));
    uint32_t slots = 16;
    while (slots < book->capacity * 2)
        slots *= 2;
    book->slots = static_cast<uint32_t*>(palloc0(sizeof(uint32_t) * slots));
    book->slot_mask = slots - 1;
    return book;
}

uint32_t key_count(const KeyBook* book) {
    return book->count;
}

const Datum* key_datums(const KeyBook* book, KeyId id) {
    return book->datums + size_t{id} * book->operators->count;
}

namespace {

uint32_t hash_key(const KeyOperators* operators, const Datum* key) {
    uint32_t h = 0;
    for (size_t i = 0; i < operators->count; ++i) {
        KeyOperators::Part* part = &operators->parts[i];
        h = hash_combine(h,
                         DatumGetUInt32(FunctionCall1Coll(&part->hash, part->collation, key[i])));
    }
    return murmurhash32(h);
}

bool equal_keys(const KeyOperators* operators, const Datum* a, const Datum* b) {
    for (size_t i = 0; i < operators->count; ++i) {
        KeyOperators::Part* part = &operators->parts[i];
        if (!DatumGetBool(FunctionCall2Coll(&part->equal, part->collation, a[i], b[i])))
            return false;
    }
    return true;
}

int compare_keys(const KeyOperators* operators, const Datum* a, const Datum* b) {
    for (size_t i = 0; i < operators->count; ++i) {
        SortSupport order = &operators->parts[i].order;
        int c = ApplySortComparator(a[i], false, b[i], false, order);
        if (c != 0)
            return c;
    }
    return 0;
}

KeyId add_key(KeyBook* book, const Datum* key) {
    if (book->count == book->capacity)
        elog(ERROR, "more keys than changes");
    memcpy(book->datums + size_t{book->count} * book->operators->count, key,
           sizeof(Datum) * book->operators->count);
    return book->count++;
}

KeyId intern_hashed(KeyBook* book, const Datum* key) {
    uint32_t h = hash_key(book->operators, key);
    uint32_t slot = h & book->slot_mask;
    for (; book->slots[slot] != 0; slot = (slot + 1) & book->slot_mask) {
        KeyId id = book->slots[slot] - 1;
        if (book->hashes[id] == h && equal_keys(book->operators, key_datums(book, id), key))
            return id;
    }
    KeyId id = add_key(book, key);
    book->hashes[id] = h;
    book->slots[slot] = id + 1;
    return id;
}

/// For operators without a hash function: binary search in `slots`, kept in order.
KeyId intern_ordered(KeyBook* book, const Datum* key) {
    uint32_t low = 0, high = book->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int c = compare_keys(book->operators, key_datums(book, book->slots[middle]), key);
        if (c == 0)
            return book->slots[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    KeyId id = add_key(book, key);
    memmove(&book->slots[low + 1], &book->slots[low], sizeof(uint32_t) * (book->count - 1 - low));
    book->slots[low] = id;
    return id;
}

int compare_items(const void* a, const void* b, void* arg) {
    const KeyBook* book = static_cast<const KeyBook*>(arg);
    return compare_keys(book->operators, key_datums(book, *static_cast<const KeyId*>(a)),
                        key_datums(book, *static_cast<const KeyId*>(b)));
}

} // namespace

KeyId intern_key(KeyBook* book, const Datum* key) {
    return book->operators->hashable ? intern_hashed(book, key) : intern_ordered(book, key);
}

void respell_key(KeyBook* book, KeyId id, const Datum* key) {
    memcpy(book->datums + size_t{id} * book->operators->count, key,
           sizeof(Datum) * book->operators->count);
}

void sort_by_key(const KeyBook* book, void* items, size_t count, size_t size) {
    qsort_arg(items, count, size, compare_items, const_cast<KeyBook*>(book));
}

} // namespace kcs::pg
