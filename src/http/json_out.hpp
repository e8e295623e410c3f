#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kcs {

/// Writes one JSON object, member after member. What is not known becomes null: empty text, and
/// numbers, spans and points in time as each says. Text goes through plain_text().
class JsonOut {
public:
    JsonOut(); ///< begins the object
    ~JsonOut();
    JsonOut(const JsonOut&) = delete;
    JsonOut& operator=(const JsonOut&) = delete;

    JsonOut& text(const char* name, std::string_view value);
    JsonOut& number(const char* name, int64_t value);
    JsonOut& known(const char* name, int64_t value); ///< null when negative
    JsonOut& real(const char* name, double value);   ///< null when negative or not finite
    JsonOut& seconds(const char* name, int64_t us);  ///< null when negative
    JsonOut& moment(const char* name, int64_t us);   ///< ISO 8601, UTC; null when 0
    JsonOut& null(const char* name);
    JsonOut& object(const char* name); ///< until end()
    JsonOut& array(const char* name);  ///< of objects, each element() to end(); until end_array()
    JsonOut& element();
    JsonOut& end();
    JsonOut& end_array();

    /// Ends the outermost object and returns the text, a line of it.
    std::string take();

private:
    struct Writer;
    std::unique_ptr<Writer> writer_;
};

} // namespace kcs
