#include "postgres/own_lock.hpp"

extern "C" {
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
}

namespace kcs::pg {

namespace {

constexpr uint32 kOurs = 0x6b635363; // first half of the keys

} // namespace

void take_own_lock(OwnLock lock, uint32 key) {
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, kOurs, key, static_cast<uint16>(lock));
    LockAcquire(&tag, ExclusiveLock, false, false);
}

uint32 own_lock_key(const char* text, size_t size) {
    return hash_bytes(reinterpret_cast<const unsigned char*>(text), static_cast<int>(size));
}

} // namespace kcs::pg
