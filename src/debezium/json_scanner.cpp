#include "debezium/json_scanner.hpp"

#include "debezium/json_chars.hpp"

#include <cstring>

#include "core/pure.hpp"

namespace kcs {

using namespace json_chars;

bool JsonScanner::fail(JsonError error, const char* at) {
    if (error_ == JsonError::none) {
        error_ = error;
        error_offset_ = static_cast<size_t>(at - begin_);
    }
    return false;
}

bool JsonScanner::open(char bracket) {
    peek();
    if (failed())
        return false;
    if (p_ == end_)
        return fail(JsonError::truncated);
    if (*p_ != bracket)
        return fail(JsonError::syntax);
    ++p_;
    fresh_ = true;
    return true;
}

/// Passes the comma before the next member or element. False: closed, or an error.
bool JsonScanner::separator(char close) {
    if (failed())
        return false;
    skip_space();
    if (p_ == end_)
        return fail(JsonError::truncated);
    if (*p_ == close) {
        ++p_;
        fresh_ = false;
        return false;
    }
    if (!fresh_) {
        if (*p_ != ',')
            return fail(JsonError::syntax);
        ++p_;
        skip_space();
        if (p_ == end_)
            return fail(JsonError::truncated);
        if (*p_ == close)
            return fail(JsonError::syntax);
    }
    fresh_ = false;
    return true;
}

bool JsonScanner::next_element() {
    return separator(']');
}

bool JsonScanner::next_member(std::string_view& raw_name) {
    return separator('}') && skip_string(raw_name) && colon();
}

bool JsonScanner::colon() {
    skip_space();
    if (p_ == end_)
        return fail(JsonError::truncated);
    if (*p_ != ':')
        return fail(JsonError::syntax);
    ++p_;
    return true;
}

/// Passes a string, p_ at its opening quote.
bool JsonScanner::pass_string() {
    ++p_;
    for (;;) {
        p_ = run<PlainRun>(p_, end_);
        if (p_ == end_)
            return fail(JsonError::truncated);
        if (*p_ == '"') {
            ++p_;
            return true;
        }
        if (*p_ != '\\')
            return fail(JsonError::syntax);
        if (end_ - p_ < 2)
            return fail(JsonError::truncated);
        if (escape_meaning(p_[1]) != 0) {
            p_ += 2;
        } else if (p_[1] == 'u') {
            if (end_ - p_ < 6)
                return fail(JsonError::truncated);
            if (code_unit(p_ + 2, end_) < 0)
                return fail(JsonError::syntax);
            p_ += 6;
        } else {
            return fail(JsonError::syntax);
        }
    }
}

bool JsonScanner::skip_string(std::string_view& raw) {
    Token token = peek();
    if (token != Token::string)
        return fail(token == Token::end ? JsonError::truncated : JsonError::syntax);
    const char* start = p_ + 1;
    if (!pass_string())
        return false;
    raw = {start, static_cast<size_t>(p_ - 1 - start)};
    fresh_ = false;
    return true;
}

bool JsonScanner::read_number(std::string_view& token) {
    Token next = peek();
    if (next != Token::number)
        return fail(next == Token::end ? JsonError::truncated : JsonError::syntax);
    const char* start = p_;
    const char* p = p_;
    auto digits = [&] {
        const char* first = p;
        while (p < end_ && is_digit(*p))
            ++p;
        return p != first;
    };
    if (*p == '-')
        ++p;
    const char* integer = p;
    bool good = digits() && (*integer != '0' || p - integer == 1);
    if (good && p < end_ && *p == '.') {
        ++p;
        good = digits();
    }
    if (good && p < end_ && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p < end_ && (*p == '+' || *p == '-'))
            ++p;
        good = digits();
    }
    if (!good)
        return fail(p == end_ ? JsonError::truncated : JsonError::syntax, p);
    p_ = p;
    fresh_ = false;
    token = {start, static_cast<size_t>(p - start)};
    return true;
}

bool JsonScanner::literal(const char* word, size_t size) {
    size_t left = static_cast<size_t>(end_ - p_);
    size_t compare = left < size ? left : size;
    if (std::memcmp(p_, word, compare) != 0)
        return fail(JsonError::syntax);
    if (left < size)
        return fail(JsonError::truncated);
    p_ += size;
    fresh_ = false;
    return true;
}

bool JsonScanner::read_boolean(bool& value) {
    if (peek() != Token::boolean)
        return fail(JsonError::syntax);
    value = *p_ == 't';
    return value ? literal("true", 4) : literal("false", 5);
}

bool JsonScanner::read_null() {
    if (peek() != Token::null)
        return fail(JsonError::syntax);
    return literal("null", 4);
}

bool JsonScanner::skip_value() {
    bool object[kMaxJsonDepth]; // which bracket each open level has
    unsigned depth = 0;
    std::string_view ignored;
    bool truth;
    for (;;) {
        bool done = true; // a whole value was passed
        switch (peek()) {
        case Token::object:
        case Token::array:
            if (depth == kMaxJsonDepth)
                return fail(JsonError::depth);
            object[depth++] = *p_ == '{';
            ++p_;
            fresh_ = true;
            done = false;
            break;
        case Token::string:
            if (!pass_string())
                return false;
            break;
        case Token::number:
            if (!read_number(ignored))
                return false;
            break;
        case Token::boolean:
            if (!read_boolean(truth))
                return false;
            break;
        case Token::null:
            if (!read_null())
                return false;
            break;
        case Token::end:
            return fail(JsonError::truncated);
        case Token::invalid:
            return fail(JsonError::syntax);
        }
        if (done)
            fresh_ = false;
        while (depth > 0) {
            if (object[depth - 1] ? next_member(ignored) : next_element())
                break; // another value follows
            if (failed())
                return false;
            --depth;
        }
        if (depth == 0)
            return true;
    }
}

/// Passes an object or array, p_ at its opening bracket.
bool JsonScanner::pass_brackets() {
    unsigned depth = 0;
    do {
        if (*p_ == '"') {
            if (!pass_string())
                return false;
        } else if (*p_ == '{' || *p_ == '[') {
            if (++depth > kMaxJsonDepth)
                return fail(JsonError::depth);
            ++p_;
        } else {
            --depth;
            ++p_;
        }
        if (depth > 0)
            p_ = run<FlatRun>(p_, end_);
    } while (depth > 0 && p_ < end_);
    fresh_ = false;
    return depth == 0 || fail(JsonError::truncated);
}

bool JsonScanner::pass_value(std::string_view& span) {
    Token token = peek();
    const char* start = p_;
    bool brackets = token == Token::object || token == Token::array;
    if (!(brackets ? pass_brackets() : skip_value()))
        return false;
    span = {start, static_cast<size_t>(p_ - start)};
    return true;
}

bool JsonScanner::skip_value(std::string_view& span) {
    peek();
    const char* start = p_;
    if (!skip_value())
        return false;
    span = {start, static_cast<size_t>(p_ - start)};
    return true;
}

} // namespace kcs
