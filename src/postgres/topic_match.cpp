#include "postgres/topic_match.hpp"

#include "postgres/guard.hpp"

#include <algorithm>
#include <unordered_set>

extern "C" {
#include "catalog/pg_collation.h"
#include "regex/regex.h"
}

namespace kcs::pg {

namespace {

// ---- C register -----------------------------------------------------------------------------

constexpr size_t kComplaintBytes = 200;

struct Text {
    const char* data;
    size_t size;
};

/// Each byte a character: the engine's own wide form, without a look at an encoding.
pg_wchar* widen(Text text) {
    pg_wchar* wide = static_cast<pg_wchar*>(palloc((text.size + 1) * sizeof(pg_wchar)));
    for (size_t i = 0; i < text.size; ++i)
        wide[i] = static_cast<unsigned char>(text.data[i]);
    wide[text.size] = 0;
    return wide;
}

/// False: invalid, and `complaint` says why. Interrupts wait: the engine's own checks for them
/// would leave the check hook by a longjmp.
bool compile(Text pattern, regex_t* regex, char* complaint) {
    pg_wchar* wide = widen(pattern);
    HOLD_INTERRUPTS();
    int code = pg_regcomp(regex, wide, pattern.size, REG_ADVANCED | REG_NOSUB, C_COLLATION_OID);
    RESUME_INTERRUPTS();
    pfree(wide);
    if (code == REG_OKAY)
        return true;
    pg_regerror(code, regex, complaint, kComplaintBytes);
    return false;
}

bool check(Text pattern, char* complaint) {
    regex_t regex;
    if (!compile(pattern, &regex, complaint))
        return false;
    pg_regfree(&regex);
    return true;
}

/// Sets hit[i] for each name that the pattern matches.
void match(Text pattern, const Text* names, size_t count, char* hit) {
    char complaint[kComplaintBytes];
    regex_t regex;
    if (!compile(pattern, &regex, complaint))
        ereport(ERROR, errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
                errmsg("invalid regular expression: %s", complaint));
    int code = REG_NOMATCH;
    for (size_t i = 0; i < count; ++i) {
        pg_wchar* wide = widen(names[i]);
        HOLD_INTERRUPTS();
        code = pg_regexec(&regex, wide, names[i].size, 0, nullptr, 0, nullptr, 0);
        RESUME_INTERRUPTS();
        pfree(wide);
        if (code == REG_OKAY)
            hit[i] = 1;
        else if (code != REG_NOMATCH)
            break;
    }
    if (code != REG_OKAY && code != REG_NOMATCH) {
        pg_regerror(code, &regex, complaint, sizeof complaint);
        pg_regfree(&regex);
        ereport(ERROR, errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
                errmsg("regular expression failed: %s", complaint));
    }
    pg_regfree(&regex);
}

// ---- C++ register ---------------------------------------------------------------------------

Text view(const std::string& s) {
    return {s.data(), s.size()};
}

} // namespace

std::string regex_complaint(const std::string& pattern) {
    char complaint[kComplaintBytes] = "";
    bool valid = guard([&] { return check(view(pattern), complaint); });
    return valid ? std::string() : std::string(complaint);
}

bool topic_matches(const std::string& pattern, std::string_view name) {
    Text topic = {name.data(), name.size()};
    char hit = 0;
    guard([&] { match(view(pattern), &topic, 1, &hit); });
    return hit != 0;
}

TopicSelection select_topics(const std::vector<TopicEntry>& list,
                             const std::vector<std::string>& names) {
    std::vector<Text> texts;
    texts.reserve(names.size());
    for (const std::string& name : names)
        texts.push_back(view(name));
    std::vector<char> hit(names.size(), 0);

    for (const TopicEntry& entry : list)
        if (entry.pattern)
            guard([&] { match(view(entry.text), texts.data(), texts.size(), hit.data()); });
    for (size_t i = 0; i < names.size(); ++i)
        if (internal_topic(names[i]))
            hit[i] = 0;

    TopicSelection selection;
    std::unordered_set<std::string> literal;
    for (const TopicEntry& entry : list)
        if (!entry.pattern)
            literal.insert(entry.text);
    for (size_t i = 0; i < names.size(); ++i) {
        bool named = literal.count(names[i]) != 0;
        if (named || hit[i] != 0)
            selection.matched.push_back(i);
    }
    std::unordered_set<std::string> present(names.begin(), names.end());
    for (const TopicEntry& entry : list)
        if (!entry.pattern && present.count(entry.text) == 0)
            selection.missing.push_back(entry.text);
    return selection;
}

} // namespace kcs::pg
