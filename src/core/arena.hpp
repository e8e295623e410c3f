#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kcs {

/// More memory was asked for than an arena's limit allows.
struct ArenaFull : std::length_error {
    ArenaFull() : std::length_error("arena is full") {}
};

/// Bump allocator for what lives exactly as long as one batch: the private copies of payloads,
/// decoded values, rendered digits. Only trivially destructible things go in; nothing is freed
/// one by one. Throws std::bad_alloc, and ArenaFull beyond the limit.
class Arena {
public:
    explicit Arena(size_t block_size = 256 * 1024, size_t limit = SIZE_MAX)
        : block_size_(block_size), limit_(limit) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Uninitialised memory, aligned for any value type of ours (8 bytes).
    void* allocate(size_t size) {
        size = (size + 7) & ~size_t{7};
        if (size > limit_ - used_)
            throw ArenaFull();
        used_ += size;
        if (size > left_) {
            if (size > block_size_ / 4) { // a block of its own, so that ordinary ones stay in use
                large_.emplace_back(new char[size]);
                return large_.back().get();
            }
            next_block();
        }
        char* result = next_;
        next_ += size;
        left_ -= size;
        return result;
    }

    template <typename T> T* make_array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
        static_assert(alignof(T) <= 8, "the arena aligns to 8 bytes");
        return static_cast<T*>(allocate(count * sizeof(T)));
    }

    /// A copy with one NUL byte behind it (not counted in the view).
    std::string_view copy(std::string_view text) {
        char* to = static_cast<char*>(allocate(text.size() + 1));
        if (!text.empty())
            std::memcpy(to, text.data(), text.size());
        to[text.size()] = '\0';
        return {to, text.size()};
    }

    /// Forget everything. Keeps the ordinary blocks for the next batch, frees oversized ones.
    void reset() {
        large_.clear();
        current_ = 0;
        used_ = 0;
        if (blocks_.empty()) {
            next_ = nullptr;
            left_ = 0;
        } else {
            next_ = blocks_[0].get();
            left_ = block_size_;
        }
    }

    /// Give back all but `keep` ordinary blocks (after an unusually large batch).
    void trim(size_t keep) {
        reset();
        if (blocks_.size() > keep)
            blocks_.resize(keep);
        reset();
    }

    /// The most that used() may become; not less than it is. Holds until it is changed.
    void set_limit(size_t bytes) { limit_ = bytes; }

    /// Bytes handed out since the last reset.
    size_t used() const { return used_; }

private:
    void next_block() {
        if (next_ != nullptr && current_ + 1 < blocks_.size()) {
            ++current_;
        } else {
            blocks_.emplace_back(new char[block_size_]);
            current_ = blocks_.size() - 1;
        }
        next_ = blocks_[current_].get();
        left_ = block_size_;
    }

    size_t block_size_;
    size_t limit_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::vector<std::unique_ptr<char[]>> large_;
    size_t current_ = 0;
    char* next_ = nullptr;
    size_t left_ = 0;
    size_t used_ = 0;
};

} // namespace kcs
