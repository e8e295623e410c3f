#pragma once

#include "postgres/pg.hpp"

// Statements on the open rows of kafka_cdc_sink.dead_letters: those that are pending or fenced.
// C register; in the current memory context.

namespace kcs::pg {

/// A partition of a consumer group.
struct LetterPlace {
    const char* group;
    size_t group_size;
    const char* topic;
    size_t topic_size;
    int32 partition;
};

struct OpenLetterRow {
    const unsigned char* row_key; ///< 16 bytes; null: the record has no key
    int64 offset;
    const char* target; ///< null: the record does not tell it
};

struct OpenLetterRows {
    const OpenLetterRow* rows;
    uint64_t count;
};

/// Of the partition.
OpenLetterRows open_letters_of(const LetterPlace* place, int64 most);
/// Those with one of these row keys (16 bytes each) or offsets, locked.
OpenLetterRows lock_letters(const LetterPlace* place, const unsigned char* row_keys,
                            size_t row_key_count, const int64* offsets, size_t offset_count);

/// The record at `offset` was applied: its letter is replayed.
void close_letter(const LetterPlace* place, int64 offset);
/// As above; earlier ones of the row, for this target or for none, are superseded.
void close_letters_of_row(const LetterPlace* place, int64 offset, const unsigned char* row_key,
                          const char* target);
/// The table was emptied: earlier ones for it are superseded.
void close_letters_of_table(const LetterPlace* place, int64 offset, const char* target);

} // namespace kcs::pg
