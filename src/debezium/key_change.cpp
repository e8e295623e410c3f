#include "debezium/key_change.hpp"

#include "core/decimal_text.hpp"
#include "debezium/md5.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/pure.hpp"

namespace kcs {

namespace {

void put_number(std::string_view spelled, std::string& out) {
    DecimalText number;
    if (!parse_decimal(spelled, &number)) {
        out.append(spelled);
        return;
    }
    out += number.negative ? '-' : '+';
    const char* p = number.digits;
    for (int32_t i = 0; i < number.count; ++p)
        if (*p != '.') {
            out += *p;
            ++i;
        }
    out += 'E' + std::to_string(number.exponent);
}

/// A text that equal values have, however they were spelled. False: there is none.
bool put_value(const Value& value, std::string& out) {
    switch (value.kind) {
    case ValueKind::null:
        out += "null";
        return true;
    case ValueKind::decimal:
        put_number(std::to_string(value.integer) + "E" + std::to_string(-int64_t{value.scale}),
                   out);
        return true;
    case ValueKind::integer:
        put_number(std::to_string(value.integer), out);
        return true;
    case ValueKind::real:
    case ValueKind::numeric:
    case ValueKind::token_number:
        put_number(value.text(), out);
        return true;
    case ValueKind::boolean:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        out += 't' + std::to_string(value.integer);
        return true;
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json:
    case ValueKind::bits:
    case ValueKind::token_text:
        out += '"';
        out.append(value.text());
        return true;
    default:
        return false;
    }
}

const Value* find_value(const Row& row, const std::string& name) {
    for (size_t i = 0; i < row.layout->columns.size(); ++i)
        if (row.layout->columns[i].name == name)
            return &row.values[i];
    return nullptr;
}

} // namespace

uint64_t record_key_change(const Row& from, const Row& to, uint64_t pair) {
    if (!from || !to || from.layout->columns.size() != to.layout->columns.size())
        return 0;
    std::vector<std::string> columns;
    for (size_t i = 0; i < from.layout->columns.size(); ++i) {
        const std::string& name = from.layout->columns[i].name;
        const Value* other = find_value(to, name);
        std::string was, is;
        if (other == nullptr || !put_value(from.values[i], was) || !put_value(*other, is))
            return 0;
        // Without schemas a header may have a value in another form than the record key.
        bool null = was == "null" || is == "null";
        if (!null && (was[0] == '"') != (is[0] == '"'))
            return 0;
        columns.push_back(std::to_string(was.size()) + ' ' + std::to_string(is.size()) + ' ' +
                          name + '\0' + was + is);
    }
    std::sort(columns.begin(), columns.end());
    std::string text = std::to_string(pair);
    for (const std::string& column : columns)
        text.append(1, '\0').append(column);
    std::array<unsigned char, 16> digest = md5(text);
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof h; ++i)
        h = h << 8 | digest[i];
    return h != 0 ? h : 1;
}

} // namespace kcs
