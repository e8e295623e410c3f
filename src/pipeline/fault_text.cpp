#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

std::string describe(const Fault& fault) {
    std::string text = "SQLSTATE " + fault.sqlstate;
    if (!fault.table.empty())
        text += ", table " + fault.table;
    if (fault.names_of_others()) // the table is the target, see name_target()
        return text;
    if (!fault.column.empty())
        text += ", column " + fault.column;
    if (!fault.constraint.empty())
        text += ", constraint " + fault.constraint;
    return text;
}

} // namespace

std::string safe_reason(const Fault& fault) {
    bool safe = fault.ours && fault.cls != ErrorClass::data;
    return safe ? fault.message + " (" + describe(fault) + ")" : describe(fault);
}

ErrorNote note_of(const Fault& fault, const Record* at) {
    ErrorNote note;
    note.cls = fault.cls;
    note.sqlstate = fault.sqlstate;
    note.message = safe_reason(fault);
    note.hint = fault.hint;
    if (at != nullptr) {
        note.topic = at->topic;
        note.partition = at->partition;
        note.offset = at->offset;
    }
    return note;
}

std::string place_text(const Record& record) {
    return ", topic " + std::string(record.topic) + ", partition " +
           std::to_string(record.partition) + ", offset " + std::to_string(record.offset);
}

} // namespace kcs
