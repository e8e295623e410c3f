#include "core/arena.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace kcs {
namespace {

TEST(Arena, HandsOutAlignedSeparateMemory) {
    Arena arena(256);
    std::vector<char*> pieces(1, nullptr);
    for (size_t i = 1; i < 100; ++i) {
        char* piece = static_cast<char*>(arena.allocate(i));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % 8, 0u);
        ASSERT_NE(piece, nullptr);
        std::memset(piece, static_cast<int>(i), i);
        pieces.push_back(piece);
    }
    for (size_t i = 0; i < 100; ++i)
        for (size_t k = 0; k < i; ++k)
            ASSERT_EQ(pieces[i][k], static_cast<char>(i));
}

TEST(Arena, CopiesTextWithATerminator) {
    Arena arena(64);
    std::string_view copy = arena.copy("abc");
    EXPECT_EQ(copy, "abc");
    EXPECT_EQ(copy.data()[3], '\0');
    EXPECT_EQ(arena.copy("").size(), 0u);
}

TEST(Arena, MakesArrays) {
    Arena arena;
    int64_t* numbers = arena.make_array<int64_t>(1000);
    for (int i = 0; i < 1000; ++i)
        numbers[i] = i;
    EXPECT_EQ(numbers[999], 999);
    EXPECT_GE(arena.used(), 8000u);
}

TEST(Arena, LargePiecesDoNotEndTheCurrentBlock) {
    Arena arena(1024);
    char* first = static_cast<char*>(arena.allocate(8));
    std::memset(arena.allocate(100000), 1, 100000);
    char* second = static_cast<char*>(arena.allocate(8));
    EXPECT_EQ(second, first + 8);
}

TEST(Arena, ResetUsesTheSameBlocksAgain) {
    Arena arena(1024);
    void* first = arena.allocate(200);
    for (int i = 0; i < 50; ++i)
        arena.allocate(200);
    arena.allocate(5000);
    EXPECT_GT(arena.used(), 15000u);
    arena.reset();
    EXPECT_EQ(arena.used(), 0u);
    EXPECT_EQ(arena.allocate(200), first);
    for (int i = 0; i < 50; ++i)
        std::memset(arena.allocate(200), i, 200);
}

TEST(Arena, TrimKeepsWorking) {
    Arena arena(1024);
    for (size_t keep : {3u, 1u, 0u}) {
        for (int i = 0; i < 50; ++i)
            arena.allocate(200);
        arena.trim(keep);
        EXPECT_EQ(arena.used(), 0u);
        std::memset(arena.allocate(1000), 1, 1000);
    }
}

TEST(Arena, RefusesMoreThanItsLimit) {
    Arena arena(1024, 4000);
    arena.allocate(3000);
    EXPECT_THROW(arena.allocate(1001), ArenaFull);
    arena.allocate(1000);
    EXPECT_THROW(arena.allocate(1), ArenaFull);
    arena.set_limit(SIZE_MAX);
    arena.allocate(100000);
    arena.reset();
    arena.set_limit(8);
    EXPECT_NE(arena.allocate(8), nullptr);
}

TEST(Arena, ResetBeforeFirstUse) {
    Arena arena;
    arena.reset();
    arena.trim(1);
    EXPECT_NE(arena.allocate(1), nullptr);
}

} // namespace
} // namespace kcs
