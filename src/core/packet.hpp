#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kcs {

/// Numbers and texts in a row of bytes, for two processes of one machine.
class PacketWriter {
public:
    PacketWriter& number(int64_t value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    PacketWriter& text(std::string_view value) {
        number(static_cast<int64_t>(value.size()));
        bytes_.append(value);
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

/// Reads them in their order. Throws std::runtime_error where there is less: the other process may
/// have loaded another version of the library.
class PacketReader {
public:
    explicit PacketReader(std::string_view bytes) : left_(bytes) {}

    int64_t number() {
        int64_t value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    /// A view of what is read.
    std::string_view text() {
        int64_t size = number();
        if (size < 0)
            fail();
        return take(static_cast<size_t>(size));
    }
    std::string string() { return std::string(text()); }
    bool done() const { return left_.empty(); }

private:
    std::string_view take(size_t size) {
        if (size > left_.size())
            fail();
        std::string_view taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }
    [[noreturn]] static void fail() { throw std::runtime_error("a message is too short"); }

    std::string_view left_;
};

} // namespace kcs
