#include "core/decimal_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view text, const char* word) {
    size_t i = 0;
    for (; i < text.size() && word[i] != '\0'; i++)
        if (lower(text[i]) != word[i])
            return false;
    return i == text.size() && word[i] == '\0';
}

/// Next significant digit, over the point.
char next_digit(const char** p) {
    if (**p == '.')
        (*p)++;
    return *(*p)++;
}

} // namespace

bool parse_decimal(std::string_view text, DecimalText* out) {
    const char* p = text.data();
    const char* end = p + text.size();
    DecimalText number;
    if (p < end && (*p == '-' || *p == '+'))
        number.negative = *p++ == '-';

    const char* first = nullptr; // first digit that is not zero
    const char* last = nullptr;  // last such digit
    const char* point = nullptr;
    bool any = false;
    const char* body_end = p;
    for (; body_end < end; body_end++) {
        if (*body_end == '.' && point == nullptr) {
            point = body_end;
        } else if (is_digit(*body_end)) {
            any = true;
            if (*body_end != '0') {
                if (first == nullptr)
                    first = body_end;
                last = body_end;
            }
        } else {
            break;
        }
    }
    if (!any)
        return false;

    int64_t exponent = 0;
    p = body_end;
    if (p < end) {
        if (*p != 'e' && *p != 'E')
            return false;
        p++;
        bool down = false;
        if (p < end && (*p == '-' || *p == '+'))
            down = *p++ == '-';
        if (p == end)
            return false;
        for (; p < end; p++) {
            if (!is_digit(*p))
                return false;
            exponent = exponent * 10 + (*p - '0');
            if (exponent > 999999999)
                return false;
        }
        if (down)
            exponent = -exponent;
    }

    if (first == nullptr) { // zero, of whatever sign and scale
        *out = DecimalText{};
        return true;
    }
    number.digits = first;
    number.count = static_cast<int32_t>(last - first + 1);
    if (point != nullptr && point > first && point < last)
        number.count--;
    if (point == nullptr || point > last)
        number.exponent = exponent + ((point ? point : body_end) - last - 1);
    else
        number.exponent = exponent - (last - point);
    *out = number;
    return true;
}

bool same_decimal(const DecimalText& a, const DecimalText& b) {
    if (a.count != b.count || a.exponent != b.exponent || a.negative != b.negative)
        return false;
    const char* p = a.digits;
    const char* q = b.digits;
    for (int32_t i = 0; i < a.count; i++)
        if (next_digit(&p) != next_digit(&q))
            return false;
    return true;
}

bool decimal_as_int64(const DecimalText& number, int64_t* out) {
    if (number.count == 0) {
        *out = 0;
        return true;
    }
    if (number.exponent < 0 || number.count + number.exponent > 19)
        return false;
    uint64_t magnitude = 0; // 19 digits fit
    const char* p = number.digits;
    for (int32_t i = 0; i < number.count; i++)
        magnitude = magnitude * 10 + static_cast<uint64_t>(next_digit(&p) - '0');
    for (int64_t i = 0; i < number.exponent; i++)
        magnitude *= 10;
    const uint64_t limit = UINT64_C(1) << 63;
    if (number.negative) {
        if (magnitude > limit)
            return false;
        *out = static_cast<int64_t>(0 - magnitude);
    } else {
        if (magnitude >= limit)
            return false;
        *out = static_cast<int64_t>(magnitude);
    }
    return true;
}

const char* special_number(std::string_view text) {
    if (text.size() < 3 || text.size() > 17 || is_digit(text.back()))
        return nullptr;
    if (equals_ignoring_case(text, "nan"))
        return "NaN";
    if (equals_ignoring_case(text, "infinity") || equals_ignoring_case(text, "+infinity") ||
        equals_ignoring_case(text, "positive_infinity"))
        return "Infinity";
    if (equals_ignoring_case(text, "-infinity") || equals_ignoring_case(text, "negative_infinity"))
        return "-Infinity";
    return nullptr;
}

} // namespace kcs
