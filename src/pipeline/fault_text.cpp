#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

std::string describe(const Fault& fault) {
    std::string text = "SQLSTATE " + fault.sqlstate;
    if (!fault.table.empty())
        text += ", table " + fault.table;
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

std::string place_text(const Record& record) {
    return ", topic " + std::string(record.topic) + ", partition " +
           std::to_string(record.partition) + ", offset " + std::to_string(record.offset);
}

} // namespace kcs
