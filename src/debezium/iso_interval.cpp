#include "debezium/iso_text.hpp"
#include "debezium/text_cursor.hpp"

#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// One part: sign, digits, fraction and the letter behind them.
struct Part {
    bool negative = false;
    int64_t count = 0;
    bool has_fraction = false;
    int64_t micros = 0;
    char letter = '\0';
};

bool read_part(TextCursor& in, Part& out) {
    out = Part{};
    out.negative = in.eat('-');
    if (!out.negative)
        in.eat('+');
    if (!in.number(1, 18, out.count))
        return false;
    if (in.eat('.')) {
        out.has_fraction = true;
        if (!in.fraction(out.micros))
            return false;
    }
    out.letter = in.peek();
    return in.eat(out.letter) && out.letter != '\0';
}

/// sum += count x factor, with the part's sign.
bool add(int64_t& sum, const Part& part, int64_t factor) {
    int64_t product = 0;
    if (__builtin_mul_overflow(part.count, factor, &product))
        return false;
    return part.negative ? !__builtin_sub_overflow(sum, product, &sum)
                         : !__builtin_add_overflow(sum, product, &sum);
}

bool fits_int32(int64_t n) {
    return n >= std::numeric_limits<int32_t>::min() && n <= std::numeric_limits<int32_t>::max();
}

} // namespace

bool parse_iso_interval(std::string_view text, IsoInterval& out, Refusal& refusal) {
    constexpr const char* kForm = "is not an interval in ISO 8601 form";
    constexpr const char* kRange = "is out of range for type interval";
    TextCursor in(text);
    if (!in.eat('P') || in.done())
        return refuse(refusal, "22007", kForm);

    int64_t months = 0;
    int64_t days = 0;
    int64_t micros = 0;
    bool in_range = true;
    // Letters must come in this order; `T` opens the second half.
    std::string_view letters = "YMD";
    bool time = false;
    while (!in.done()) {
        if (!time && in.eat('T')) {
            time = true;
            letters = "HMS";
            if (in.done())
                return refuse(refusal, "22007", kForm);
            continue;
        }
        Part part;
        if (!read_part(in, part))
            return refuse(refusal, "22007", kForm);
        size_t at = letters.find(part.letter);
        if (at == std::string_view::npos || (part.has_fraction && part.letter != 'S'))
            return refuse(refusal, "22007", kForm);
        letters.remove_prefix(at + 1);
        if (!time) {
            if (part.letter == 'D')
                in_range = in_range && add(days, part, 1);
            else
                in_range = in_range && add(months, part, part.letter == 'Y' ? 12 : 1);
        } else if (part.letter == 'S') {
            in_range = in_range && add(micros, part, INT64_C(1000000));
            part.count = part.micros;
            in_range = in_range && add(micros, part, 1);
        } else {
            in_range =
                in_range &&
                add(micros, part, part.letter == 'H' ? INT64_C(3600000000) : INT64_C(60000000));
        }
    }
    if (!in_range || !fits_int32(months) || !fits_int32(days))
        return refuse(refusal, "22008", kRange);
    out.months = static_cast<int32_t>(months);
    out.days = static_cast<int32_t>(days);
    out.micros = micros;
    return true;
}

} // namespace kcs
