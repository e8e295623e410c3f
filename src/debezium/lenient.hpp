#pragma once

#include "debezium/decoder.hpp"
#include "debezium/spelling.hpp"

#include <vector>

namespace kcs {

/// Reads a record whose values the decoder refuses without them, so that an explanation tells all
/// of them and not only the first.
class LenientReader {
public:
    /// All must outlive the reader.
    LenientReader(const Record& record, const Spelling& spelling, Arena& arena)
        : record_(record), spelling_(spelling), arena_(arena) {}

    /// As Decoder::decode(); refused values are NULL in it. Rejected for what no value is at fault
    /// for.
    Decoded decode(Decoder& decoder);

    /// Why the member was left out; null: it was not.
    const Fault* refusal_of(const SpelledMember& member) const;

private:
    struct Refused {
        const SpelledMember* member;
        Fault fault;
    };
    bool leave_out(const Fault& fault);
    std::string_view without_refused();

    const Record& record_;
    const Spelling& spelling_;
    Arena& arena_;
    std::vector<Refused> refused_;
};

} // namespace kcs
