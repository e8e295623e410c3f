#include "debezium/json_cursor.hpp"

#include "debezium/json_chars.hpp"

#include <cstring>

#include "core/pure.hpp"

namespace kcs {

using namespace json_chars;

namespace {

char* put_utf8(char* to, uint32_t c) {
    if (c < 0x80) {
        *to++ = static_cast<char>(c);
    } else if (c < 0x800) {
        *to++ = static_cast<char>(0xC0 | (c >> 6));
        *to++ = static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = static_cast<char>(0xE0 | (c >> 12));
        *to++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        *to++ = static_cast<char>(0x80 | (c & 0x3F));
    } else {
        *to++ = static_cast<char>(0xF0 | (c >> 18));
        *to++ = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        *to++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        *to++ = static_cast<char>(0x80 | (c & 0x3F));
    }
    return to;
}

} // namespace

bool valid_utf8(const char* begin, const char* end) {
    auto at = [](const char* q) { return static_cast<unsigned char>(*q); };
    const char* p = begin;
    while (p < end) {
        while (end - p >= 8 && (load8(p) & kHighs) == 0)
            p += 8;
        if (p == end)
            break;
        unsigned char lead = at(p);
        if (lead < 0x80) {
            ++p;
            continue;
        }
        int follow = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || end - p <= follow)
            return false;
        for (int i = 1; i <= follow; ++i)
            if ((at(p + i) & 0xC0) != 0x80)
                return false;
        unsigned char second = at(p + 1);
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
            return false;
        p += follow + 1;
    }
    return true;
}

bool JsonCursor::next_name(std::string_view& name) {
    if (!separator('}'))
        return false;
    char* data;
    uint32_t size;
    if (!read_string(data, size))
        return false;
    name = {data, size};
    return colon();
}

bool JsonCursor::read_string(char*& data, uint32_t& size) {
    Token token = peek();
    if (token != Token::string)
        return fail(token == Token::end ? JsonError::truncated : JsonError::syntax);
    // The memory was given as writable (constructor).
    char* start = const_cast<char*>(++p_);
    p_ = run<PlainRun>(p_, end_);
    char* end_of_text = const_cast<char*>(p_);
    if (p_ < end_ && *p_ == '"')
        ++p_;
    else if (!unescape(end_of_text, end_of_text))
        return false;
    if (!known_utf8_ && !valid_utf8(start, end_of_text))
        return fail(JsonError::encoding, start);
    data = start;
    size = static_cast<uint32_t>(end_of_text - start);
    fresh_ = false;
    return true;
}

/// Goes on from the first character of a string that is not plain; p_ ends behind the closing
/// quote.
bool JsonCursor::unescape(char* to, char*& end_of_text) {
    for (;;) {
        const char* stop = run<PlainRun>(p_, end_);
        size_t plain = static_cast<size_t>(stop - p_);
        if (to != p_)
            std::memmove(to, p_, plain);
        to += plain;
        p_ = stop;
        if (p_ == end_)
            return fail(JsonError::truncated);
        if (*p_ == '"') {
            ++p_;
            end_of_text = to;
            return true;
        }
        if (*p_ != '\\') {
            if (!tolerant_)
                return fail(JsonError::syntax);
            if (*p_ == '\0')
                return fail(JsonError::nul);
            *to++ = *p_++;
            continue;
        }
        if (end_ - p_ < 2)
            return fail(JsonError::truncated);
        if (p_[1] == 'u') {
            if (end_ - p_ < 6)
                return fail(JsonError::truncated);
            int32_t unit = code_unit(p_ + 2, end_);
            if (unit < 0)
                return fail(JsonError::syntax);
            if (unit == 0)
                return fail(JsonError::nul);
            uint32_t c = static_cast<uint32_t>(unit);
            if (c >= 0xD800 && c <= 0xDFFF) {
                int32_t low =
                    end_ - p_ >= 12 && p_[6] == '\\' && p_[7] == 'u' ? code_unit(p_ + 8, end_) : -1;
                if (c > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
                    return fail(JsonError::encoding);
                c = 0x10000 + ((c - 0xD800) << 10) + static_cast<uint32_t>(low - 0xDC00);
                p_ += 6;
            }
            p_ += 6;
            to = put_utf8(to, c);
            continue;
        }
        char meaning = escape_meaning(p_[1]);
        if (meaning == 0)
            return fail(JsonError::syntax);
        *to++ = meaning;
        p_ += 2;
    }
}

bool JsonCursor::read_scalar(JsonScalar& out) {
    out = JsonScalar();
    std::string_view token;
    switch (peek()) {
    case Token::string:
        out.kind = JsonScalar::Kind::string;
        return read_string(out.data, out.size);
    case Token::number:
        out.kind = JsonScalar::Kind::number;
        if (!read_number(token))
            return false;
        out.data = const_cast<char*>(token.data());
        out.size = static_cast<uint32_t>(token.size());
        return true;
    case Token::boolean:
        out.kind = JsonScalar::Kind::boolean;
        return read_boolean(out.boolean);
    case Token::null:
        return read_null();
    case Token::end:
        return fail(JsonError::truncated);
    default:
        return fail(JsonError::syntax);
    }
}

bool JsonCursor::keep_value(std::string_view& span) {
    if (!skip_value(span))
        return false;
    if (!known_utf8_ && !valid_utf8(span.data(), span.data() + span.size()))
        return fail(JsonError::encoding, span.data());
    return true;
}

bool JsonCursor::read_bare(std::string_view& text) {
    peek();
    const char* start = p_;
    while (p_ < end_ && *p_ != ',' && *p_ != '}' && *p_ != ']')
        ++p_;
    const char* stop = p_;
    while (stop > start && is_space(stop[-1]))
        --stop;
    if (p_ == end_)
        return fail(JsonError::truncated);
    if (stop == start)
        return fail(JsonError::syntax);
    text = {start, static_cast<size_t>(stop - start)};
    fresh_ = false;
    return true;
}

} // namespace kcs
