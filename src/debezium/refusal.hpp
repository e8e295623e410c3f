#pragma once

#include <string>
#include <string_view>

namespace kcs {

/// Why one value was refused: an SQLSTATE, and the end of a sentence that begins with the value
/// ("is out of range for type date"). All are literals; who knows the column writes the message.
struct Refusal {
    const char* sqlstate = "22000";
    const char* problem = "was refused";
    const char* hint = ""; ///< a whole sentence, or empty
};

/// Fills `refusal` and returns false, for `return refuse(...)`.
inline bool refuse(Refusal& refusal, const char* sqlstate, const char* problem) {
    refusal.sqlstate = sqlstate;
    refusal.problem = problem;
    return false;
}

/// The value as it stands in a message: cut to about 64 bytes at a character boundary, control
/// characters escaped.
std::string shorten_value(std::string_view value);

/// `value "<shortened>" <problem>`, with ` of column "<column>"` between where one is named.
std::string refusal_message(std::string_view value, std::string_view problem,
                            std::string_view column = {});

} // namespace kcs
