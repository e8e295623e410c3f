#pragma once

#include "core/fault.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kcs {

/// Where properties come from: it decides on syntax and on what is allowed.
enum class PropertySource : unsigned char {
    setting, ///< client_properties: visible to whoever may see settings, and logged by the server
    file     ///< client_properties_file: the place for secrets
};

using PropertyList = std::vector<std::pair<std::string, std::string>>;

/// Parses `key=value` pairs, one a line; blank lines and lines that begin with `#` are skipped,
/// white space around keys and values is dropped.
///   - In a file a value is the rest of its line, as it is.
///   - In the setting a comma ends a pair, too, when what follows it begins with `name=`; any other
///     comma belongs to the value (`ssl.cipher.suites=A,B,linger.ms=5` is two pairs). `\,` is a
///     comma that never ends a pair; any other backslash stands for itself.
/// Values are not looked at. The fault (class environment, SQLSTATE 22023) names the entry by its
/// position or key, and no part of a value.
Result<PropertyList> parse_client_properties(std::string_view text, PropertySource source);

/// Why a property may not be given there, as the end of the sentence "property "x" ..."; null when
/// it may. Refused: what the sink owns, what loads or runs code, and in the setting secrets.
const char* refused_property(std::string_view key, PropertySource source);

/// Whether values of this property must never be shown.
bool is_secret_property(std::string_view key);

/// Whether the value names a file that the client reads when it starts.
bool is_file_property(std::string_view key);

/// Parses and refuses: what a check hook and the client's start need.
Result<PropertyList> checked_client_properties(std::string_view text, PropertySource source);

} // namespace kcs
