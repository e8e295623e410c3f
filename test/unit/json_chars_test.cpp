// Runs of characters that need no look: sixteen, eight and one at a time must agree.
#include "debezium/json_chars.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

using namespace json_chars;

/// Exactly as large as its text, so that a sanitizer sees a look beyond the end.
using Bytes = std::vector<char>;

template <typename Run> size_t one_by_one(const Bytes& text, size_t from) {
    while (from < text.size() && !Run::ends(text[from]))
        ++from;
    return from;
}

/// The first hit among eight characters, by the word that holds them (its first byte is the
/// lowest); 8: none.
template <typename Run> size_t by_word(const Bytes& text, size_t from) {
    uint64_t hits = Run::ends(load8(text.data() + from));
    size_t at = 0;
    while (at < 8 && (hits >> (8 * at) & 0x80) == 0)
        ++at;
    return at;
}

template <typename Run> void expect_agreement(const std::string& given) {
    Bytes text(given.begin(), given.end());
    const char* begin = text.data();
    const char* end = begin + text.size();
    for (size_t from = 0; from <= text.size(); ++from) {
        size_t expected = one_by_one<Run>(text, from);
        ASSERT_EQ(static_cast<size_t>(run<Run>(begin + from, end) - begin), expected) << from;
        if (from + 8 <= text.size()) {
            ASSERT_EQ(by_word<Run>(text, from), std::min<size_t>(expected - from, 8)) << from;
        }
    }
}

TEST(JsonChars, RunsEndAtTheSameCharacterHoweverManyAreLookedAt) {
    std::mt19937 random(11);
    const std::string telling = "\"\\{}[]\x1f\x20\x21\x5e\x7c\x7f\x80\x9b\xa2\xdb\xfb\xff";
    for (int round = 0; round < 400; ++round) {
        std::string text(random() % 70, 'a');
        for (char& c : text)
            if (random() % 12 == 0)
                c = telling[random() % telling.size()];
            else if (random() % 4 == 0)
                c = static_cast<char>(random() % 256);
        expect_agreement<PlainRun>(text);
        expect_agreement<FlatRun>(text);
    }
}

TEST(JsonChars, EveryCharacterAtEveryPlaceOfAWord) {
    for (int c = 0; c < 256; ++c)
        for (size_t at = 0; at < 24; ++at) {
            std::string text(24, 'a');
            text[at] = static_cast<char>(c);
            expect_agreement<PlainRun>(text);
            expect_agreement<FlatRun>(text);
        }
}

} // namespace
} // namespace kcs::test
