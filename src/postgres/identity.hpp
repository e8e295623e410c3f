#pragma once

#include "postgres/pg.hpp"

#include <string>

// Acting as somebody else: target statements run as the role or the table's owner, our own tables
// are written as theirs (design section 4, Who runs what). C register. What an error leaves behind
// is put right by the abort of the (sub)transaction, which restores user and settings.

namespace kcs::pg {

/// Where the caller stood before.
struct Identity {
    Oid user;
    int security;
    int guc_level;
};

/// From here on `user`, in a security-restricted operation and a level of settings of its own.
Identity act_as(Oid user);
/// The same for statements on targets: refused (42501) unless the current user could become `user`
/// by SET ROLE, so that calling apply_event lends nobody another's rights. Workers always can.
Identity act_for_target(Oid user);
/// Back to the caller; settings made meanwhile are gone.
void act_as_before(const Identity& before);

/// The role of that name, InvalidOid when there is none.
Oid find_role(const char* name);
/// The owner of a table.
Oid relation_owner(Oid relid);
/// The owner of a schema; the database's owner for pg_database_owner.
Oid schema_owner(Oid schema);
Oid database_owner();
/// The owner of the extension's schema: who writes its tables.
Oid own_tables_owner();

} // namespace kcs::pg
