#include "debezium/number.hpp"

#include <algorithm>
#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Parts of a number's text.
struct Spelling {
    bool negative = false;
    std::string_view whole;    ///< digits before the point
    std::string_view fraction; ///< digits behind it
    int64_t exponent = 0;      ///< clamped far outside of what any digits can make up for
};

std::string_view take_digits(std::string_view& text) {
    size_t n = 0;
    while (n < text.size() && is_digit(text[n]))
        ++n;
    std::string_view digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

bool split(std::string_view text, bool allow_plus, Spelling& out) {
    if (!text.empty() && (text[0] == '-' || (allow_plus && text[0] == '+'))) {
        out.negative = text[0] == '-';
        text.remove_prefix(1);
    }
    out.whole = take_digits(text);
    if (out.whole.empty())
        return false;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        out.fraction = take_digits(text);
        if (out.fraction.empty())
            return false;
    }
    if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
        text.remove_prefix(1);
        bool negative = !text.empty() && text[0] == '-';
        if (!text.empty() && (text[0] == '-' || text[0] == '+'))
            text.remove_prefix(1);
        std::string_view digits = take_digits(text);
        if (digits.empty())
            return false;
        constexpr int64_t kFar = INT64_C(1000000000000);
        for (char c : digits)
            out.exponent = std::min(out.exponent * 10 + (c - '0'), kFar);
        if (negative)
            out.exponent = -out.exponent;
    }
    return text.empty();
}

/// The spelling of nearly every integer: up to 18 digits and nothing else.
bool plain_integer(std::string_view text, int64_t& out) {
    bool negative = !text.empty() && text[0] == '-';
    if (negative)
        text.remove_prefix(1);
    if (text.empty() || text.size() > 18)
        return false;
    int64_t n = 0;
    for (char c : text) {
        if (!is_digit(c))
            return false;
        n = n * 10 + (c - '0');
    }
    out = negative ? -n : n;
    return true;
}

} // namespace

bool is_json_number(std::string_view text) {
    Spelling s;
    return split(text, false, s) && (s.whole.size() == 1 || s.whole[0] != '0');
}

bool is_decimal_number(std::string_view text) {
    Spelling s;
    return split(text, true, s);
}

Exactness to_integer(std::string_view text, int32_t shift, int64_t& out) {
    if (shift == 0 && plain_integer(text, out))
        return Exactness::exact;
    Spelling s;
    if (!split(text, true, s))
        return Exactness::no_number;

    size_t count = s.whole.size() + s.fraction.size();
    auto digit = [&s](size_t i) {
        return i < s.whole.size() ? s.whole[i] - '0' : s.fraction[i - s.whole.size()] - '0';
    };
    size_t first = 0;
    while (first < count && digit(first) == 0)
        ++first;
    out = 0;
    if (first == count)
        return Exactness::exact;

    // Where the decimal point of the result stands: that many digits from `first` on are integral.
    int64_t integral =
        static_cast<int64_t>(s.whole.size()) + s.exponent + shift - static_cast<int64_t>(first);
    if (integral > 19)
        return Exactness::out_of_range;

    uint64_t magnitude = 0;
    for (int64_t i = 0; i < integral; ++i) {
        size_t at = first + static_cast<size_t>(i);
        uint64_t next = at < count ? static_cast<uint64_t>(digit(at)) : 0;
        // Nineteen digits are below 10^19, which 64 bits without sign can hold.
        magnitude = magnitude * 10 + next;
    }
    Exactness result = Exactness::exact;
    size_t rest = integral > 0 ? first + static_cast<size_t>(integral) : first;
    if (rest < count) {
        int head = integral >= 0 ? digit(rest) : 0; // the first digit that is dropped
        bool beyond = integral < 0;
        bool any = beyond || head != 0;
        for (size_t i = rest + 1; i < count && !(beyond && any); ++i) {
            if (digit(i) != 0)
                beyond = any = true;
        }
        if (any) {
            result = Exactness::rounded;
            if (head > 5 || (head == 5 && (beyond || magnitude % 2 == 1)))
                ++magnitude;
        }
    }
    uint64_t most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (magnitude > most + (s.negative ? 1 : 0))
        return Exactness::out_of_range;
    out = s.negative ? static_cast<int64_t>(~magnitude + 1) : static_cast<int64_t>(magnitude);
    return result;
}

} // namespace kcs
