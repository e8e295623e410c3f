#include "debezium/lenient.hpp"

#include <algorithm>
#include <string>

#include "core/pure.hpp"

namespace kcs {

Decoded LenientReader::decode(Decoder& decoder) {
    Decoded decoded = decoder.decode(record_, arena_);
    Record rest = record_;
    while (decoded.kind == Decoded::Kind::reject && leave_out(decoded.fault)) {
        rest.value = without_refused();
        decoded = decoder.decode(rest, arena_);
    }
    return decoded;
}

const Fault* LenientReader::refusal_of(const SpelledMember& member) const {
    for (const Refused& refused : refused_)
        if (refused.member == &member)
            return &refused.fault;
    return nullptr;
}

/// The fault names a column, which may be of either image.
bool LenientReader::leave_out(const Fault& fault) {
    constexpr size_t kMost = 100; // each is another reading
    if (fault.column.empty() || refused_.size() == kMost)
        return false;
    for (const SpelledRow* row : {&spelling_.row, &spelling_.before}) {
        const SpelledMember* member = find_member(*row, fault.column);
        if (member == nullptr || refusal_of(*member) != nullptr)
            continue;
        refused_.push_back({member, fault});
        return true;
    }
    return false;
}

std::string_view LenientReader::without_refused() {
    std::vector<std::string_view> spans;
    for (const Refused& refused : refused_)
        spans.push_back(refused.member->value);
    std::sort(spans.begin(), spans.end(),
              [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
    std::string text;
    const char* from = record_.value.data();
    for (std::string_view span : spans) {
        text.append(from, span.data()).append("null");
        from = span.data() + span.size();
    }
    text.append(from, record_.value.data() + record_.value.size());
    return arena_.copy(text);
}

} // namespace kcs
