#pragma once

#include <cstdint>
#include <string_view>

namespace kcs {

/// Reads a text from the left, for the parsers of ISO forms.
class TextCursor {
public:
    explicit TextCursor(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    char peek() const { return rest_.empty() ? '\0' : rest_[0]; }

    bool eat(char c) {
        if (rest_.empty() || rest_[0] != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Between `least` and `most` (up to 18) digits, all that are there.
    bool number(size_t least, size_t most, int64_t& out) {
        size_t n = 0;
        out = 0;
        while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') {
            if (n == most)
                return false;
            out = out * 10 + (rest_[n++] - '0');
        }
        rest_.remove_prefix(n);
        return n >= least;
    }

    /// The digits of a fraction of a second, at least one, as microseconds 0 ... 1000000, rounded
    /// half to even.
    bool fraction(int64_t& micros) {
        size_t n = 0;
        micros = 0;
        bool beyond = false; // something but zeros behind the seventh digit
        int seventh = 0;
        for (; n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9'; ++n) {
            int digit = rest_[n] - '0';
            if (n < 6)
                micros = micros * 10 + digit;
            else if (n == 6)
                seventh = digit;
            else
                beyond = beyond || digit != 0;
        }
        for (size_t i = n; i < 6; ++i)
            micros *= 10;
        if (seventh > 5 || (seventh == 5 && (beyond || micros % 2 == 1)))
            ++micros;
        rest_.remove_prefix(n);
        return n > 0;
    }

private:
    std::string_view rest_;
};

} // namespace kcs
