#include "entry/commit_actions.hpp"

#include "postgres/recent_errors.hpp"
#include "postgres/shared_memory.hpp"

#include <cstring>

extern "C" {
#include "catalog/objectaccess.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data in TopTransactionContext ------------------------------------------

/// One message. Those of a subtransaction that is rolled back are dropped with it.
struct Action {
    enum class Kind : unsigned char { pause, resume, reread, reroute, letters };
    Kind kind;
    SubTransactionId level;
    int32 partition;
    int64 offset;
    char topic[kTopicBytes];
    char reason[kReasonBytes];
    Action* next;
};

Action* first_action = nullptr;
Action** last_link = &first_action;
bool extensions_changed = false;
bool callbacks_registered = false;
object_access_hook_type previous_object_access_hook = nullptr;

void forget() {
    first_action = nullptr; // the memory goes with the transaction
    last_link = &first_action;
    extensions_changed = false;
}

/// Subtransactions inside one that is rolled back have higher numbers than it.
void drop_from(SubTransactionId level) {
    Action** link = &first_action;
    while (*link != nullptr) {
        if ((*link)->level >= level)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    last_link = link;
}

void pause_sink(const char* reason) noexcept {
    SharedHeader* header = shared().header;
    put_text(header->pause_reason, sizeof header->pause_reason, reason);
    header->pause_hint[0] = '\0';
    header->pause_cause = PauseCause::asked;
    header->control_generation.fetch_add(1);
    if (!header->paused.exchange(true))
        count_pause(PauseCause::asked);
}

void resume_sink() noexcept {
    SharedHeader* header = shared().header;
    header->pause_reason[0] = header->pause_hint[0] = '\0';
    header->pause_cause = PauseCause::none;
    header->resumed_us.store(wall_us());
    header->control_generation.fetch_add(1);
    header->paused.store(false);
    for (int i = 0; i < header->partition_slots; ++i) {
        PartitionSlot& slot = shared().partitions[i];
        auto state = static_cast<PartitionState>(slot.state.load());
        if (slot.used && (state == PartitionState::paused || state == PartitionState::lost))
            ++slot.seek_generation;
    }
    header->resume_generation.fetch_add(1);
}

void reread_partition(const Action& action) noexcept {
    for (int i = 0; i < shared().header->partition_slots; ++i) {
        PartitionSlot& slot = shared().partitions[i];
        if (!slot.used || slot.partition != action.partition ||
            std::strcmp(slot.topic, action.topic) != 0)
            continue;
        ++slot.seek_generation;
        // So that nobody takes the progress of before for that of after: its holder tells no more
        // of it until it has read the offset.
        slot.next_offset.store(action.offset);
        slot.position.store(action.offset);
        slot.catchup_from.store(-1);
    }
}

void publish() {
    lock_shared_state(true);
    for (const Action* action = first_action; action != nullptr; action = action->next) {
        switch (action->kind) {
        case Action::Kind::pause:
            pause_sink(action->reason);
            break;
        case Action::Kind::resume:
            resume_sink();
            break;
        case Action::Kind::reread:
            reread_partition(*action);
            break;
        case Action::Kind::reroute:
            shared().header->routes_generation.fetch_add(1);
            break;
        case Action::Kind::letters:
            shared().header->letters_generation.fetch_add(1);
            break;
        }
    }
    unlock_shared_state();
    ring_workers();
    ring_coordinator();
}

extern "C" {

void kcs_transaction_event(XactEvent event, void*) {
    switch (event) {
    case XACT_EVENT_COMMIT:
        if (first_action != nullptr && shared_ready())
            publish();
        if (extensions_changed && shared_ready()) {
            ring_launcher();
            ring_coordinator();
        }
        forget();
        break;
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PREPARE:
        forget();
        break;
    case XACT_EVENT_PRE_PREPARE:
        if (first_action != nullptr)
            ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot PREPARE a transaction that paused, resumed, moved or rerouted "
                           "kafka_cdc_sink"));
        break;
    default:
        break;
    }
}

void kcs_subtransaction_event(SubXactEvent event, SubTransactionId level, SubTransactionId, void*) {
    if (event == SUBXACT_EVENT_ABORT_SUB)
        drop_from(level);
}

void kcs_object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id,
                       void* argument);
}

void register_callbacks() {
    if (callbacks_registered)
        return;
    RegisterXactCallback(kcs_transaction_event, nullptr);
    RegisterSubXactCallback(kcs_subtransaction_event, nullptr);
    callbacks_registered = true;
}

Action* note(Action::Kind kind) {
    register_callbacks();
    Action* action =
        static_cast<Action*>(MemoryContextAllocZero(TopTransactionContext, sizeof(Action)));
    action->kind = kind;
    action->level = GetCurrentSubTransactionId();
    *last_link = action;
    last_link = &action->next;
    return action;
}

void kcs_object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id,
                       void* argument) {
    if (previous_object_access_hook != nullptr)
        previous_object_access_hook(access, class_id, object_id, sub_id, argument);
    if (class_id != ExtensionRelationId && class_id != DatabaseRelationId)
        return;
    if (access != OAT_POST_CREATE && access != OAT_POST_ALTER && access != OAT_DROP)
        return;
    register_callbacks();
    extensions_changed = true;
}

} // namespace

void pause_at_commit(const char* reason) {
    Action* action = note(Action::Kind::pause);
    put_text(action->reason, sizeof action->reason, reason == nullptr ? "" : reason);
}

void resume_at_commit() {
    note(Action::Kind::resume);
}

void reread_at_commit(const char* topic, int32 partition, int64 offset) {
    Action* action = note(Action::Kind::reread);
    put_text(action->topic, sizeof action->topic, topic);
    action->partition = partition;
    action->offset = offset;
}

void reroute_at_commit() {
    note(Action::Kind::reroute);
}

void look_for_letters_at_commit() {
    note(Action::Kind::letters);
}

void watch_extensions() {
    previous_object_access_hook = object_access_hook;
    object_access_hook = kcs_object_access;
}

} // namespace kcs::pg
