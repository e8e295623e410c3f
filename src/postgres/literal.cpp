#include "postgres/literal.hpp"

extern "C" {
#include "utils/array.h"
}

#include <cstring>

namespace kcs::pg {

static_assert(MAXDIM == 6);

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// An array's element, up to the delimiter or a brace; space around it does not count.
bool read_element(LiteralReader& in, char delimiter, std::string_view* item) {
    char* const start = in.out;
    if (pass(in, '"')) {
        for (;;) {
            if (in.at == in.end)
                return false;
            char c = *in.at++;
            if (c == '"')
                break;
            if (c == '\\') {
                if (in.at == in.end)
                    return false;
                c = *in.at++;
            }
            *in.out++ = c;
        }
        *item = {start, static_cast<size_t>(in.out - start)};
        skip_space(in);
        return true; // whoever comes next wants a delimiter or a brace
    }
    char* kept = start; // an escaped space counts
    bool escaped = false;
    for (; in.at < in.end && *in.at != delimiter && *in.at != '}'; in.at++) {
        char c = *in.at;
        if (c == '"' || c == '{')
            return false;
        const bool escape = c == '\\';
        if (escape) {
            if (++in.at == in.end)
                return false;
            c = *in.at;
            escaped = true;
        }
        *in.out++ = c;
        if (escape || !is_space(c))
            kept = in.out;
    }
    in.out = kept;
    const size_t size = static_cast<size_t>(kept - start);
    if (size == 0)
        return false;
    const bool null = !escaped && size == 4 && pg_strncasecmp(start, "NULL", 4) == 0;
    *item = null ? std::string_view() : std::string_view(start, size);
    return true;
}

struct ArrayReader {
    LiteralReader in;
    char delimiter;
    ArrayLiteral* out;
    int capacity;
};

void add_item(ArrayReader& r, std::string_view item) {
    if (r.out->count == r.capacity) {
        r.capacity *= 2;
        r.out->items = static_cast<std::string_view*>(
            repalloc_huge(r.out->items, sizeof(std::string_view) * r.capacity));
    }
    r.out->items[r.out->count++] = item;
}

/// What follows a level's opening brace, up to its closing one.
bool read_level(ArrayReader& r, int level) {
    if (level >= MAXDIM)
        return false;
    int size = 0;
    do {
        skip_space(r.in);
        if (pass(r.in, '{')) {
            if (!read_level(r, level + 1))
                return false;
        } else {
            std::string_view item;
            if (r.out->dimensions == 0)
                r.out->dimensions = level + 1;
            if (r.out->dimensions != level + 1 || !read_element(r.in, r.delimiter, &item))
                return false;
            add_item(r, item);
        }
        size++;
        skip_space(r.in);
    } while (pass(r.in, r.delimiter));
    if (r.out->dimensions <= level || !pass(r.in, '}'))
        return false;
    if (r.out->sizes[level] == 0)
        r.out->sizes[level] = size;
    return r.out->sizes[level] == size;
}

bool read_number(LiteralReader& in, int* out) {
    const char* start = in.at;
    int64 number = 0;
    const bool negative = pass(in, '-');
    if (!negative)
        pass(in, '+');
    const char* digits = in.at;
    for (; in.at < in.end && *in.at >= '0' && *in.at <= '9' && in.at - start < 12; in.at++)
        number = number * 10 + (*in.at - '0');
    *out = static_cast<int>(negative ? -number : number);
    return in.at > digits && *out == (negative ? -number : number);
}

/// The bounds that may stand before the braces: [0:1][2:5]=
bool read_bounds(LiteralReader& in, ArrayLiteral* out, int* count) {
    int upper[MAXDIM];
    skip_space(in);
    while (pass(in, '[')) {
        if (*count == MAXDIM || !read_number(in, &out->lower[*count]))
            return false;
        upper[*count] = out->lower[*count];
        if (pass(in, ':')) {
            if (!read_number(in, &upper[*count]))
                return false;
        } else {
            out->lower[*count] = 1;
        }
        const int64 size = static_cast<int64>(upper[*count]) - out->lower[*count] + 1;
        if (size < 1 || size > PG_INT32_MAX || !pass(in, ']'))
            return false;
        out->sizes[(*count)++] = static_cast<int>(size);
        skip_space(in);
    }
    if (*count > 0 && !pass(in, '='))
        return false;
    skip_space(in);
    return true;
}

} // namespace

LiteralReader read_literal(std::string_view text) {
    return {text.data(), text.data() + text.size(), static_cast<char*>(palloc(text.size() + 1))};
}

void skip_space(LiteralReader& in) {
    while (in.at < in.end && is_space(*in.at))
        in.at++;
}

bool pass(LiteralReader& in, char c) {
    if (in.at == in.end || *in.at != c)
        return false;
    in.at++;
    return true;
}

bool at_end(LiteralReader& in) {
    skip_space(in);
    return in.at == in.end;
}

bool read_item(LiteralReader& in, const char* stops, std::string_view* item) {
    char* const start = in.out;
    bool quoted = false;
    for (; in.at < in.end; in.at++) {
        char c = *in.at;
        if (!quoted && c != '\0' && strchr(stops, c) != nullptr) {
            *item = {start, static_cast<size_t>(in.out - start)};
            return true;
        }
        if (c == '"') {
            if (!quoted || in.at + 1 == in.end || in.at[1] != '"') {
                quoted = !quoted;
                continue;
            }
            in.at++; // doubled
        } else if (c == '\\') {
            if (++in.at == in.end)
                return false;
            c = *in.at;
        }
        *in.out++ = c;
    }
    return false;
}

bool read_array(std::string_view text, char delimiter, ArrayLiteral* out) {
    *out = {};
    for (int& lower : out->lower)
        lower = 1;
    ArrayReader r{read_literal(text), delimiter, out, 16};
    int bounds = 0;
    if (!read_bounds(r.in, out, &bounds) || !pass(r.in, '{'))
        return false;
    skip_space(r.in);
    if (bounds == 0 && pass(r.in, '}'))
        return at_end(r.in);
    out->items = static_cast<std::string_view*>(palloc(sizeof(std::string_view) * r.capacity));
    return read_level(r, 0) && (bounds == 0 || bounds == out->dimensions) && at_end(r.in);
}

} // namespace kcs::pg
