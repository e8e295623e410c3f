#include "tables.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <stdexcept>

namespace {

constexpr int64_t second = 1000000, day = 86400 * second, year_2024 = 19723 * day;

/// A moment in 2024.
int64_t moment(uint64_t r) {
    return year_2024 + static_cast<int64_t>(r % (365 * day));
}

int64_t between(uint64_t r, int64_t low, int64_t high) {
    return low + static_cast<int64_t>(r % static_cast<uint64_t>(high - low));
}

std::string hex(Random& random, size_t length) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(length);
    uint64_t r = 0;
    for (size_t i = 0; i < length; i++, r >>= 4) {
        if (i % 16 == 0)
            r = random();
        out += digits[r & 15];
    }
    return out;
}

Row orders(int64_t id, Random& random) {
    static const char* status[] = {"open", "sent", "paid", "returned"};
    uint64_t r = random() >> 2;
    char note[100], payload[100]; // payload: as jsonb prints it
    std::snprintf(note, sizeof note,
                  "note %" PRId64 " on the order: leave it with the neighbours, %x", id,
                  static_cast<unsigned>(r));
    std::snprintf(payload, sizeof payload,
                  R"({"ip": "10.1.%d.%d", "gift": %s, "items": %d, "source": "web"})",
                  static_cast<int>(r % 251), static_cast<int>(r % 241), r % 2 ? "true" : "false",
                  static_cast<int>(r % 19));
    return {integer("id", id),
            integer("customer_id", between(r, 0, 50000)),
            text("status", status[r % 4]),
            decimal("amount", between(r, -1000000, 99000000), 2),
            text("note", note),
            text("payload", payload),
            timestamptz("created_at", moment(r)),
            timestamptz("updated_at", moment(r / 7))};
}

/// Sixty columns.
Row wide(int64_t id, Random& random) {
    static const std::array<std::array<const char*, 11>, 5> names{{
        {"s1", "i1", "b1", "n1", "r1", "o1", "v1", "t1", "d1", "m1", "z1"},
        {"s2", "i2", "b2", "n2", "r2", "o2", "v2", "t2", "d2", "m2", "z2"},
        {"s3", "i3", "b3", "n3", "r3", "o3", "v3", "t3", "d3", "m3", "z3"},
        {"s4", "i4", "b4", "n4", "r4", "o4", "v4", "t4", "d4", "m4", "z4"},
        {"s5", "i5", "b5", "n5", "r5", "o5", "v5", "t5", "d5", "m5", "z5"},
    }};
    Row row{integer("id", id)};
    row.reserve(60);
    for (auto& n : names) {
        uint64_t r = random() >> 2;
        row.push_back(integer(n[0], between(r, -30000, 30000)));
        row.push_back(integer(n[1], between(r, -1000000000, 1000000000)));
        row.push_back(integer(n[2], static_cast<int64_t>(r)));
        row.push_back(decimal(n[3], between(r, -500000000, 500000000), 2));
        row.push_back(floating(n[4], between(r, -1000000, 1000000)));
        row.push_back(boolean(n[5], r % 2));
        row.push_back(text(n[6], "value " + std::to_string(r % 100000)));
        row.push_back(r % 8 == 0 ? null_value(n[7])
                                 : text(n[7], "some words about " + std::to_string(r)));
        row.push_back(date(n[8], 19723 + static_cast<int64_t>(r % 365)));
        row.push_back(timestamp(n[9], moment(r)));
        row.push_back(timestamptz(n[10], moment(r / 3)));
    }
    uint64_t r = random();
    row.push_back(uuid("u", r));
    row.push_back(bytes("y", r));
    row.push_back(time_of_day("h", static_cast<int64_t>(r % day)));
    row.push_back(text("j", R"({"a": )" + std::to_string(r % 1000) + R"(, "b": ["x", "y"]})"));
    return row;
}

/// Prose of so many characters or a few more: it compresses as such texts do.
std::string prose(Random& random, size_t length) {
    static const char* words[] = {
        "order",  "parcel", "the",     "delivered", "with",    "customer", "asks",   "for",
        "return", "paid",   "invoice", "of",        "address", "and",      "street", "number",
        "left",   "at",     "door",    "neighbour", "signed",  "weight",   "box",    "fragile",
        "blue",   "green",  "small",   "large",     "spare",   "part",     "cable",  "lamp"};
    std::string out;
    while (out.size() < length) {
        uint64_t r = random();
        for (int i = 0; i < 10; i++, r >>= 6) {
            if (!out.empty())
                out += ' ';
            if ((r & 63) < 32)
                out += words[r & 31];
            else
                out += std::to_string(r % 9973);
        }
    }
    return out;
}

/// A document of about 20 KB.
Row documents(int64_t id, Random& random) {
    std::string doc = R"({"lines": [)";
    for (int i = 0; i < 100; i++) {
        doc += i ? R"(, {"qty": )" : R"({"qty": )";
        doc += std::to_string(random() % 100);
        doc += R"(, "sku": ")" + hex(random, 16) + R"(", "text": ")" + prose(random, 130) + R"("})";
    }
    doc += "]}";
    return {integer("id", id), text("title", "document " + std::to_string(id)), text("doc", doc),
            timestamptz("updated_at", moment(random()))};
}

} // namespace

Row make_row(const Table& table, int64_t id, Random& random) {
    if (table.shape == "orders")
        return orders(id, random);
    if (table.shape == "wide")
        return wide(id, random);
    if (table.shape == "documents")
        return documents(id, random);
    throw std::runtime_error("no table looks like " + table.shape);
}

std::string former_row(const Table& table, int64_t id) {
    if (table.shape != "orders")
        throw std::runtime_error("no deletes are known of " + table.shape);
    return R"({"id":)" + std::to_string(id) +
           R"(,"customer_id":0,"status":"","amount":"AA==","note":null,"payload":"{}",)"
           R"("created_at":"1970-01-01T00:00:00.000000Z","updated_at":null})";
}
