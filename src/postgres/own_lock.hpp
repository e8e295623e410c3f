#pragma once

#include "postgres/pg.hpp"

namespace kcs::pg {

/// What processes of ours do one after the other. The numbers are the last part of an advisory
/// lock's key, where users' locks have 1 or 2: nobody can hold one of these but us.
enum class OwnLock : uint16 {
    moves = 3,    ///< queued key changes of a table
    ddl = 4,      ///< DDL for the target of a name
    allowance = 5 ///< counting a consumer group's dead letters
};

/// Holds it until the end of the transaction. C register; raises when lock_timeout is over.
void take_own_lock(OwnLock lock, uint32 key);
uint32 own_lock_key(const char* text, size_t size);

} // namespace kcs::pg
