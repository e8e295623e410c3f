#pragma once

#include "debezium/json_chars.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kcs {

/// What is wrong with a JSON text.
enum class JsonError : uint8_t {
    none,
    syntax,
    truncated,
    depth,    ///< nested more than kMaxJsonDepth levels
    encoding, ///< invalid UTF-8, or half of a surrogate pair
    nul       ///< U+0000 in a string, which PostgreSQL's text cannot hold
};

/// Deepest nesting that is read; all structure is walked without recursion.
inline constexpr unsigned kMaxJsonDepth = 128;

/// Walks JSON text front to back without changing it and without reading past its end. Used for
/// structure: where members are, and passing over values that nobody needs. Strict JSON. The first
/// error sticks: every later call fails.
///
/// A pull parser of our own, because rows need what RapidJSON's readers cannot give at once: nested
/// documents as spelled beside strings unescaped in place, numbers beyond the range of double, and
/// an error at the member where it happens.
class JsonScanner {
public:
    using Token = JsonToken;

    JsonScanner(const char* begin, const char* end) : p_(begin), end_(end), begin_(begin) {}
    explicit JsonScanner(std::string_view text)
        : JsonScanner(text.data(), text.data() + text.size()) {}

    /// What comes next, after white space.
    Token peek() {
        skip_space();
        return failed() ? Token::invalid : p_ == end_ ? Token::end : json_chars::kTokens.of(*p_);
    }

    /// Steps into an object or array. False: something else is there.
    bool open_object() { return open('{'); }
    bool open_array() { return open('['); }
    /// Next member of the open object: its name as spelled, without quotes. False: the object was
    /// closed, or an error. The member's value must be consumed before the next call.
    bool next_member(std::string_view& raw_name);
    /// Next element of the open array, to be consumed. False: it was closed, or an error.
    bool next_element();

    /// Passes over one value of any kind, checking its syntax.
    bool skip_value();
    /// Same, giving where it lies.
    bool skip_value(std::string_view& span);
    /// Passes over one value looking at brackets and strings only: for what is read again later, or
    /// never. A flaw inside goes unnoticed.
    bool pass_value(std::string_view& span);
    /// A string without changing it: the text between the quotes, as spelled.
    bool skip_string(std::string_view& raw);
    bool read_number(std::string_view& token);
    bool read_boolean(bool& value);
    bool read_null();

    /// Nothing but white space is left.
    bool at_end() { return peek() == Token::end; }
    const char* position() const { return p_; }

    bool failed() const { return error_ != JsonError::none; }
    JsonError error() const { return error_; }
    /// Bytes from the start to the error.
    size_t error_offset() const { return error_offset_; }

protected:
    bool fail(JsonError error) { return fail(error, p_); }
    bool fail(JsonError error, const char* at);
    void skip_space() {
        while (p_ < end_ && json_chars::is_space(*p_))
            ++p_;
    }
    bool open(char bracket);
    bool separator(char close);
    bool literal(const char* word, size_t size);
    bool pass_string();
    bool pass_brackets();
    bool colon();

    const char* p_;
    const char* end_;
    const char* begin_;
    bool fresh_ = false; ///< just opened: no comma before the next member
    JsonError error_ = JsonError::none;
    size_t error_offset_ = 0;
};

} // namespace kcs
