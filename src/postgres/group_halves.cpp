#include "postgres/group.hpp"

#include "debezium/md5.hpp"
#include "postgres/moves.hpp"
#include "postgres/names.hpp"

extern "C" {
#include "utils/typcache.h"
}

#include <cstring>
#include <map>
#include <tuple>

// Key changes (wire format 1.5): a delete with the new key and an insert with the old one, which
// may lack values that did not change. In a topic of several partitions either may be read first,
// so they meet through the table `moves`. The insert never waits for a delete that waits for it: a
// delete half waits for nothing, and in the source's order it stands directly before its insert, so
// that of all records that wait the first one's delete half is in front of no waiting record.

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

struct KeyTexts {
    const char** spelled; ///< as their types' output functions write the parts
    const char** names;   ///< the same text for equal parts
};

/// A part whose equal values may look different goes by its hash.
const char* name_part(Datum value, const char* spelled, Oid type, Oid collation) {
    TypeCacheEntry* entry = lookup_type_cache(type, TYPECACHE_HASH_EXTENDED_PROC_FINFO);
    if (!OidIsValid(entry->hash_extended_proc))
        return spelled;
    Datum hash =
        FunctionCall2Coll(&entry->hash_extended_proc_finfo, collation, value, UInt64GetDatum(0));
    return psprintf("%016llx", static_cast<unsigned long long>(DatumGetUInt64(hash)));
}

KeyTexts spell_key(const KeyBook* book, KeyId id, const KeyPart* parts, const Oid* types,
                   size_t count) {
    KeyTexts out = {static_cast<const char**>(palloc0(sizeof(char*) * count)),
                    static_cast<const char**>(palloc0(sizeof(char*) * count))};
    for (size_t i = 0; i < count; ++i) {
        Oid output;
        bool varlena;
        getTypeOutputInfo(types[i], &output, &varlena);
        Datum value = key_datums(book, id)[i];
        out.spelled[i] = OidOutputFunctionCall(output, value);
        out.names[i] = parts[i].exact
                           ? out.spelled[i]
                           : name_part(value, out.spelled[i], types[i], parts[i].collation);
    }
    return out;
}

/// The row that a statement returned. False: it returned none.
bool returned_row(ParkedRow* row) {
    if (SPI_tuptable == nullptr || SPI_tuptable->numvals == 0)
        return false;
    TupleDesc desc = SPI_tuptable->tupdesc;
    row->count = static_cast<size_t>(desc->natts);
    row->columns = static_cast<const char**>(palloc0(sizeof(char*) * row->count));
    row->values = static_cast<const char**>(palloc0(sizeof(char*) * row->count));
    for (int i = 0; i < desc->natts; ++i) {
        row->columns[i] = pstrdup(NameStr(TupleDescAttr(desc, i)->attname));
        row->values[i] = SPI_getvalue(SPI_tuptable->vals[0], desc, i + 1);
    }
    SPI_freetuptable(SPI_tuptable);
    return true;
}

// ---- C++ --------------------------------------------------------------------------------------

constexpr char kTake = 't', kCount = 'n';

bool is_gap(const Value& value) {
    return value.kind == ValueKind::unavailable || value.kind == ValueKind::absent;
}

} // namespace

/// A delete half whose insert is in the batch, from the same partition and whole, needs no meeting:
/// what the batch makes of both is a plain delete and a plain insert.
void Group::pair_halves() {
    std::map<std::tuple<uint32_t, KeyId, KeyId, uint64_t>, GroupChange*> inserts;
    for (size_t i = changes_.size(); i-- > 0;) {
        GroupChange& c = changes_[i];
        if (!c.is_half() || c.change->moves)
            continue;
        const bool leaves = c.change->op == Op::remove;
        KeyId from = leaves ? c.key : c.other, to = leaves ? c.other : c.key;
        std::tuple name(c.change->slot, from, to, c.change->pair);
        if (c.change->half != 0)
            name = {c.change->slot, kNoKey, kNoKey, c.change->half};
        if (!leaves) {
            inserts[name] = &c;
            continue;
        }
        auto found = inserts.find(name);
        if (found != inserts.end() && !found->second->partial && !found->second->carries)
            c.paired = found->second->paired = true;
    }
}

/// Topic and partition of the change's record.
std::string Group::place_of(const Change& change) const {
    if (context_.records == nullptr)
        return {};
    const Record& record = (*context_.records)[change.record];
    return std::to_string(record.partition) + '/' + std::string(record.topic);
}

/// What names a key change in the table; in the batch's memory. A key that is not known is kNoKey.
MoveId Group::name_move(const Change& change, KeyId from, KeyId to) {
    std::vector<Oid> types;
    for (const KeyPart& part : key_->parts)
        types.push_back(state_.table.shape.columns[part.column].base_oid);
    MemoryContext memory = context_.memory.batch;
    const KeyBook* book = book_;
    std::string name = quote_names(state_.name.schema, state_.name.table);
    MoveId move = {};
    move.group = context_.group_id.c_str();
    move.parts = types.size();
    const KeyPart* key_parts = key_->parts.data();
    KeyTexts was = {}, is = {};
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        if (from != kNoKey)
            was = spell_key(book, from, key_parts, types.data(), types.size());
        if (to != kNoKey)
            is = spell_key(book, to, key_parts, types.data(), types.size());
        move.target = pstrdup(name.c_str());
        MemoryContextSwitchTo(before);
    });
    move.old_key = was.spelled;
    move.new_key = is.spelled;
    std::string text = name + '\0' + std::to_string(change.pair);
    if (change.half != 0)
        text += '/' + std::to_string(change.half);
    else
        for (const char* const* parts : {was.names, is.names})
            for (size_t i = 0; parts != nullptr && i < move.parts; ++i)
                text.append(1, '\0').append(parts[i]);
    std::array<unsigned char, 16> digest = md5(text);
    std::memcpy(move.change, digest.data(), digest.size());
    move.offset = change.offset;
    move.queued = change.pair == 0 && change.half == 0;
    if (move.queued)
        digest = md5(text + '\0' + std::to_string(change.offset) + '/' + place_of(change));
    std::memcpy(move.id, digest.data(), digest.size());
    return move;
}

/// What is known of the change; of several that are called the same, of the one whose other half is
/// in state `other` (see find_queued(); `ordered`: both halves are of one partition); none: of this
/// record.
KnownMove Group::look_up(MoveId& move, MoveState other, bool ordered) {
    MemoryContext memory = context_.memory.batch;
    return guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        KnownMove known = move.queued && other != MoveState::none
                              ? find_queued(&move, other, ordered)
                              : find_move(&move);
        MemoryContextSwitchTo(before);
        return known;
    });
}

/// Deletes the row at `key`; what it was. False: there is none.
bool Group::take_row(KeyId key, ParkedRow& row) {
    std::vector<int> returned;
    for (size_t c = 0; c < state_.table.shape.columns.size(); ++c)
        if (!state_.table.shape.columns[c].generated)
            returned.push_back(static_cast<int>(c));
    Plan* use = plan(plan_prefix(*state_.target) + kTake + std::to_string(key_->oid), [&] {
        PlanSource source = key_source();
        source.sql = take_statement(statement_target(), returned, source.relation);
        return source;
    });
    ParkedRow* out = &row;
    return run_for_keys(use, {key}, [out](uint64_t) { return returned_row(out); });
}

/// Whether a row has the key. One that is marked as deleted is what an earlier life of the key
/// left, and where deletes are ignored so may any.
bool Group::lives(KeyId key) {
    if (state_.target->delete_mode == DeleteMode::ignore)
        return false;
    int mark = mark_column();
    Plan* use = plan(plan_prefix(*state_.target) + kCount + std::to_string(key_->oid), [&] {
        PlanSource source = key_source();
        source.sql = count_statement(statement_target(), mark, source.relation);
        return source;
    });
    return run_for_keys(use, {key}) > 0;
}

/// The row leaves its key; what it was waits for the other half, unless that was here.
void Group::leave_key(const GroupChange& c) {
    if (c.change->half != 0) {
        leave_record_key(c);
        return;
    }
    ParkedRow row = {};
    bool displaced = take_displaced(c, c.key, row);
    if (c.paired) {
        if (!displaced)
            apply_keyed({{c.change, c.key, true}});
        return;
    }
    MoveId move = name_move(*c.change, c.key, c.other);
    MemoryContext memory = context_.memory.batch;
    MoveState state = look_up(move, MoveState::created, false).state;
    bool found = (displaced || take_row(c.key, row)) && !c.stale;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        if (state == MoveState::none && found && !add_move(&move, MoveState::parked, &row))
            state = MoveState::created; // by another worker, just now
        if (state == MoveState::created)
            drop_move(&move, MoveState::created);
        MemoryContextSwitchTo(before);
    });
}

/// A whole row takes its key: the other half need not keep anything for it.
void Group::settle_half(const GroupChange& c) {
    if (c.change->half != 0) {
        settle_record_key(c);
        return;
    }
    MoveId move = name_move(*c.change, c.other, c.key);
    bool ordered = c.change->ordered;
    MemoryContext memory = context_.memory.batch;
    bool met = guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        if (move.queued)
            find_queued(&move, MoveState::parked, ordered);
        bool dropped = drop_move(&move, MoveState::parked);
        if (!dropped && !ordered && !add_move(&move, MoveState::created, nullptr))
            dropped = drop_move(&move, MoveState::parked);
        MemoryContextSwitchTo(before);
        return dropped;
    });
    if (met)
        context_.met.push_back(c.change->slot);
}

/// A row that lacks values takes its key: they come from the row that left the old one.
void Group::take_key(const GroupChange& c) {
    const Change& change = *c.change;
    const bool half = change.half != 0;
    MoveId move = name_move(change, c.other, c.key);
    MemoryContext memory = context_.memory.batch;
    const MoveId own = move;
    KnownMove kept = move.queued ? look_up(move, MoveState::none, false) : KnownMove();
    KnownMove known = look_up(move, MoveState::parked, change.ordered);
    ParkedRow& row = kept.state == MoveState::done ? kept.row : known.row;
    bool have = known.state == MoveState::parked || known.state == MoveState::done ||
                kept.state == MoveState::done;
    if (half) // a whole row may have left nothing in there
        have = known.state == MoveState::parked || known.row.count > 0;
    bool first = half && awaits_delete(known, change);
    // It did not leave its key, or is read for a second time; or the key's own row leaves it later.
    if (!have && !first && !(c.contended && may_wait(change)) && lives(c.key)) {
        if (half)
            settle_record_key(c);
        apply_keyed({{&change, c.key, false}});
        return;
    }
    // In the order of one partition the old row is still there only if the connector leaves deletes
    // out.
    have = have || (change.ordered && !half && take_row(c.other, row));
    if (!have || first) {
        Fault fault = Fault::data("P0002", "the row whose key changed is not there, and not all of "
                                           "its values are in the record");
        fault.ours = true;
        fault.table = state_.text();
        need_other(change, std::move(fault));
    }
    context_.met.push_back(change.slot);
    ParkedRow displaced = {};
    displace_row(c, displaced);
    std::vector<const char*> columns, values;
    write_whole(c, row, columns, values);
    ParkedRow used = {columns.size(), columns.data(), values.data()};
    bool keep = change.pair != 0;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        bool left = known.state == MoveState::parked || known.state == MoveState::left;
        if (left && keep)
            change_move(&move, MoveState::done, &used);
        else if (left)
            drop_move(&move, known.state);
        else if (known.state != MoveState::done && keep)
            add_move(&move, MoveState::done, &used);
        if (move.queued)
            add_move(&own, MoveState::done, &used);
        MemoryContextSwitchTo(before);
    });
}

/// One record tells both keys: the row takes the new one.
void Group::move_row(const GroupChange& c) {
    ParkedRow row = {};
    if (!take_displaced(c, c.other, row) && !take_row(c.other, row)) {
        apply_keyed({{c.change, c.key, false}}); // it has taken it before
        return;
    }
    ParkedRow displaced = {};
    displace_row(c, displaced);
    std::vector<const char*> columns, values;
    write_whole(c, row, columns, values);
}

/// Writes the record's row with all that `old` has and the record has not; the latter are told.
void Group::write_whole(const GroupChange& c, const ParkedRow& old,
                        std::vector<const char*>& columns, std::vector<const char*>& values) {
    const std::vector<ColumnShape>& shape = state_.table.shape.columns;
    const RowLayout& layout = state_.whole_layout();
    Value* whole = context_.arena.make_array<Value>(shape.size());
    std::fill_n(whole, shape.size(), Value());
    for (const RowBinding::Column& b : state_.bind_row(*c.change->row.layout).columns)
        if (!is_gap(c.change->row.values[b.value]))
            whole[b.column] = c.change->row.values[b.value];
    int mark = mark_column();
    for (size_t i = 0; i < old.count; ++i)
        for (size_t s = 0; s < shape.size(); ++s) {
            if (shape[s].name != old.columns[i] || whole[s].kind != ValueKind::absent ||
                shape[s].generated || static_cast<int>(s) == mark)
                continue;
            whole[s] = old.values[i] == nullptr ? Value::of(ValueKind::null)
                                                : Value::of(ValueKind::spelled, old.values[i]);
            columns.push_back(old.columns[i]);
            values.push_back(old.values[i]);
            ++context_.tally.kept;
        }
    FoldedRow row;
    row.key = c.key;
    row.layout = &layout;
    row.values = whole;
    row.record = c.change->record;
    execute_rows({row}, false);
}

} // namespace kcs::pg
