#include "core/topic_list.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

/// Entries joined by " | ", patterns in slashes; "!" and the message for a refusal.
std::string parsed(std::string_view list) {
    auto entries = parse_topic_list(list);
    if (!entries)
        return "!" + entries.fault().message;
    std::string out;
    for (const TopicEntry& entry : *entries) {
        if (!out.empty())
            out += " | ";
        out += entry.pattern ? "/" + entry.text + "/" : entry.text;
    }
    return out;
}

TEST(TopicList, NamesAreSeparatedByCommas) {
    EXPECT_EQ(parsed(""), "");
    EXPECT_EQ(parsed(" \n\t"), "");
    EXPECT_EQ(parsed("a"), "a");
    EXPECT_EQ(parsed(" a.b , c-d_E9 \n"), "a.b | c-d_E9");
    EXPECT_EQ(parsed(std::string(249, 'x')), std::string(249, 'x'));
}

TEST(TopicList, CommasInsideAPatternBelongToIt) {
    EXPECT_EQ(parsed("^a,b"), "/^a/ | b");
    EXPECT_EQ(parsed("b, ^a.* ,^c"), "b | /^a.*/ | /^c/");
    EXPECT_EQ(parsed("^a{1,2},b"), "/^a{1,2}/ | b");
    EXPECT_EQ(parsed("^(a,b),c"), "/^(a,b)/ | c");
    EXPECT_EQ(parsed("^((a,b),c),d"), "/^((a,b),c)/ | d");
    EXPECT_EQ(parsed("^[a,b]c,d"), "/^[a,b]c/ | d");
}

TEST(TopicList, BracketExpressions) {
    EXPECT_EQ(parsed("^[],a],b"), "/^[],a]/ | b");
    EXPECT_EQ(parsed("^[^],a],b"), "/^[^],a]/ | b");
    EXPECT_EQ(parsed("^[[:alpha:],],b"), "/^[[:alpha:],]/ | b");
    EXPECT_EQ(parsed("^[[=],=],],b"), "/^[[=],=],]/ | b");
    EXPECT_EQ(parsed("^[(],b"), "/^[(]/ | b");
    EXPECT_EQ(parsed("^[\\],a],b"), "/^[\\],a]/ | b");
}

TEST(TopicList, EscapedCharactersOpenNothing) {
    EXPECT_EQ(parsed("^a\\(,b"), "/^a\\(/ | b");
    EXPECT_EQ(parsed("^a\\[,b"), "/^a\\[/ | b");
    EXPECT_EQ(parsed("^a\\\\(x,y),b"), "/^a\\\\(x,y)/ | b");
    EXPECT_EQ(parsed("^a\\"), "/^a\\/");
}

TEST(TopicList, WhatNeverClosesIsLeftToTheRegexEngine) {
    EXPECT_EQ(parsed("^(a,b"), "/^(a,b/");
    EXPECT_EQ(parsed("^[a,b"), "/^[a,b/");
    EXPECT_EQ(parsed("^[[:a,b"), "/^[[:a,b/");
    EXPECT_EQ(parsed("^a),b"), "/^a)/ | b");
}

TEST(TopicList, RefusesEmptyEntriesAndIllegalNames) {
    for (const char* list : {"a,", ",a", "a,,b", " , ", "^a,", "^a{1,2},,b"})
        EXPECT_EQ(parsed(list), "!the list of topics has an empty entry") << list;
    EXPECT_EQ(parsed("a b"), "!\"a b\" is not a valid topic name");
    EXPECT_EQ(parsed("a,.."), "!\"..\" is not a valid topic name");
    EXPECT_EQ(parsed("."), "!\".\" is not a valid topic name");
    EXPECT_EQ(parsed("a*"), "!\"a*\" is not a valid topic name");
    EXPECT_EQ(parsed("caf\xc3\xa9").front(), '!');
    EXPECT_EQ(parsed(std::string(250, 'x')).front(), '!');
}

TEST(TopicList, KnowsKafkasOwnTopics) {
    EXPECT_TRUE(internal_topic("__consumer_offsets"));
    EXPECT_TRUE(internal_topic("__transaction_state"));
    EXPECT_FALSE(internal_topic("__debezium-heartbeat.shop"));
    EXPECT_FALSE(internal_topic("shop"));
}

} // namespace
} // namespace kcs
