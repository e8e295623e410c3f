#include "postgres/recent_errors.hpp"

#include "postgres/shared_memory.hpp"

#include <cstring>
#include <string>

extern "C" {
#include "postmaster/bgworker.h"
}

namespace kcs::pg {

namespace {

/// "worker 0", "coordinator"; a backend's is "session".
std::string source_name() {
    constexpr char kPrefix[] = "kafka_cdc_sink ";
    if (MyBgworkerEntry == nullptr)
        return "session";
    const char* name = MyBgworkerEntry->bgw_name;
    return std::strncmp(name, kPrefix, sizeof kPrefix - 1) == 0 ? name + sizeof kPrefix - 1 : name;
}

/// Where it goes: to an equal one, else to a free slot, else to the oldest.
ErrorSlot& slot_for(const ErrorSlot& wanted) noexcept {
    ErrorSlot* slots = shared().errors;
    ErrorSlot* oldest = slots;
    for (int i = 0; i < kErrorSlots; ++i) {
        ErrorSlot& slot = slots[i];
        if (slot.count > 0 && slot.cls == wanted.cls &&
            std::strcmp(slot.sqlstate, wanted.sqlstate) == 0 &&
            std::strcmp(slot.message, wanted.message) == 0 &&
            std::strcmp(slot.source, wanted.source) == 0 &&
            std::strcmp(slot.topic, wanted.topic) == 0)
            return slot;
        if (slot.count == 0 ? oldest->count > 0
                            : oldest->count > 0 && slot.last_us < oldest->last_us)
            oldest = &slot;
    }
    oldest->count = 0;
    return *oldest;
}

} // namespace

void note_error(const ErrorNote& note) {
    ErrorSlot fresh;
    fresh.cls = note.cls;
    put_text(fresh.sqlstate, sizeof fresh.sqlstate, note.sqlstate);
    put_text(fresh.source, sizeof fresh.source, source_name());
    put_text(fresh.topic, sizeof fresh.topic, note.topic);
    fresh.partition = note.partition;
    fresh.offset = note.offset;
    put_text(fresh.message, sizeof fresh.message, note.message);
    put_text(fresh.hint, sizeof fresh.hint, note.hint);
    fresh.first_us = fresh.last_us = wall_us();
    SharedHeader& header = *shared().header;
    locked(true, [&]() noexcept {
        ErrorSlot& slot = slot_for(fresh);
        if (slot.count > 0)
            fresh.first_us = slot.first_us;
        fresh.count = slot.count + note.count;
        slot = fresh;
        std::memcpy(header.last_error, fresh.message, sizeof header.last_error);
        header.last_error_us = fresh.last_us;
    });
}

void count_pause(PauseCause cause) noexcept {
    shared().header->pauses[static_cast<int>(cause)].fetch_add(1, std::memory_order_relaxed);
}

} // namespace kcs::pg
