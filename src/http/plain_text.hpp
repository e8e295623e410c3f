#pragma once

#include <string>
#include <string_view>

namespace kcs {

/// `text` as UTF-8 without control characters. Shared memory holds the target database's encoding,
/// which the exporter cannot convert: what is valid UTF-8 passes, any other byte and each control
/// character become \xNN. Different texts stay different: a backslash that would read like one of
/// those becomes \x5c.
std::string plain_text(std::string_view text);

} // namespace kcs
