#pragma once

#include "pipeline/fold.hpp"
#include "postgres/shape.hpp"

// Which keys of a batch are equal, asked of the key index's own operators (citext, numeric, char(n)
// and collations have their own idea), and their order. C register throughout.

namespace kcs::pg {

/// Operators of one unique index, ready to call. Allocated in a long-lived context.
struct KeyOperators;

/// May raise.
KeyOperators* make_key_operators(const KeyPart* parts, size_t count, MemoryContext context);

/// The distinct keys of a batch, as Datums. Lives in the context that was current when it was made.
struct KeyBook;

KeyBook* make_key_book(KeyOperators* operators, uint32_t expected);
/// The number of `key` (one Datum for each part, none NULL), a new one when no equal key was seen.
KeyId intern_key(KeyBook* book, const Datum* key);
/// Keeps this spelling of a key that is in the book already.
void respell_key(KeyBook* book, KeyId id, const Datum* key);
uint32_t key_count(const KeyBook* book);
/// The parts of key `id`.
const Datum* key_datums(const KeyBook* book, KeyId id);
/// Orders `items` (of `size` bytes, each beginning with a KeyId) by the index's order.
void sort_by_key(const KeyBook* book, void* items, size_t count, size_t size);

} // namespace kcs::pg
