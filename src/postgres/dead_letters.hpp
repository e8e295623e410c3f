#pragma once

#include "core/record.hpp"
#include "pipeline/ports.hpp"

#include <string>

// Records that could not be applied: kafka_cdc_sink.dead_letters. Called in a transaction with SPI
// connected; throws pg::Error.

namespace kcs::pg {

/// Writes the record whole, with its error. One open letter per record: the newest error stays.
void write_dead_letter(const std::string& group_id, const Record& record, const Target* target,
                       const Fault& fault);

/// Whether the user may write dead letters: only then may what he applies close or add them, since
/// they are a whole topic's, whoever owns its target. C register.
bool may_write_letters();

/// Until the end of the transaction no other worker of the group counts its letters.
void lock_allowance(const std::string& group_id);
/// Letters of the group within the last hour and since resume().
int64_t recent_dead_letters(const std::string& group_id);

/// The record's headers as the column `headers` holds them; empty: none. `utf8`: the server's
/// encoding is UTF-8, otherwise only ASCII is written as text.
std::string headers_json(const Record& record, bool utf8);

} // namespace kcs::pg
