#include "postgres/explain_words.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace kcs::pg {

Outcome outcome_of(const Fault& fault, const ApplySettings& settings) {
    switch (fault.cls) {
    case ErrorClass::data:
        return settings.on_error == OnError::pause ? Outcome::stops : Outcome::dead_letter;
    case ErrorClass::target:
    case ErrorClass::ddl:
        return Outcome::parks;
    case ErrorClass::locked:
    case ErrorClass::waiting:
    case ErrorClass::retry:
        return Outcome::waits;
    default:
        return Outcome::pauses;
    }
}

const char* outcome_words(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
        return "applied";
    case Outcome::dead_letter:
        return "dead letter";
    case Outcome::stops:
        return "stops the sink: on_error is pause";
    case Outcome::waits:
        return "waits";
    case Outcome::parks:
        return "parks the table";
    case Outcome::pauses:
        return "pauses the sink";
    case Outcome::untold:
        break;
    }
    return "not told";
}

std::string error_text(const Fault& fault) {
    std::string text = fault.sqlstate + ": " + fault.message;
    if (!fault.detail.empty())
        text += "\nDETAIL: " + fault.detail;
    if (!fault.hint.empty())
        text += "\nHINT: " + fault.hint;
    return text;
}

std::string form_words(const Change& change, const Spelling& spelling) {
    if (change.tombstone)
        return "tombstone";
    std::string form = spelling.envelope ? "change event" : "flattened record";
    return spelling.schema ? form + " with schema" : form;
}

const char* operation_name(const Change& change) {
    if (change.new_key || change.old_key || change.half != 0)
        return "key change";
    switch (change.op) {
    case Op::create:
        return "insert";
    case Op::read:
        return "snapshot read";
    case Op::update:
        return "update";
    case Op::upsert:
        return "insert or update";
    case Op::remove:
        return "delete";
    case Op::truncate:
        return "truncate";
    }
    return "";
}

namespace {

std::string delete_words(const Change& change) {
    switch (change.target->delete_mode) {
    case DeleteMode::soft:
        return "sets __deleted of the row with this key: delete_mode is soft";
    case DeleteMode::ignore:
        return "ignored: delete_mode is ignore";
    case DeleteMode::remove:
        break;
    }
    return change.keyed() ? "removes the row with this key, if there is one"
                          : "removes one of the rows that equal the former values";
}

std::string row_words(const Change& change) {
    if (!change.keyed())
        return change.before ? "updates one of the rows that equal the former values"
               : change.key  ? "appended: a part of the record's key is NULL"
                             : "appended: the record has no key";
    return "updates the row with this key, or inserts it";
}

} // namespace

std::string operation_words(const Change& change, bool exists) {
    if (change.target->history)
        return "appended to the history";
    if (change.new_key)
        return "first half: the row with the old key gets the new one";
    if (change.old_key)
        return "second half: the row moves from the old key, if it has not yet, and is updated";
    if (change.half != 0)
        return change.op == Op::remove
                   ? "first half: the row goes, if the second half has not kept its key"
                   : "second half: updates the row with this key, or inserts it, after the first";
    if (change.op == Op::truncate)
        return "removes all rows, where the topic has one partition";
    if (change.op != Op::remove)
        return row_words(change);
    if (!exists)
        return "nothing to do: the table does not exist";
    return (change.tombstone ? "tombstone: " : "") + delete_words(change);
}

std::string moment_text(int64_t unix_us) {
    int64_t time = 0;
    bool valid = !__builtin_sub_overflow(unix_us, kEpochMicros, &time) && IS_VALID_TIMESTAMP(time);
    return valid ? guard([time] { return timestamptz_to_str(time); }) : std::to_string(unix_us);
}

} // namespace kcs::pg
