#include "debezium/decimal.hpp"
#include "debezium/number.hpp"
#include "scalar_rows.hpp"

#include "core/pure.hpp"

namespace kcs::test {

namespace {

constexpr ValueKind kRefused = ValueKind::absent;
constexpr Semantic kDecimal = Semantic::decimal;

// Named by the wire-format reference, section 7.1; the last member is the scale.
const Row kDecimals[] = {
    {"V1", kDecimal, string("AJiWfw=="), ValueKind::decimal, "99999.99", 2},
    {"V2", kDecimal, string("/w=="), ValueKind::decimal, "-0.01", 2},
    {"V3", kDecimal, string("kg=="), ValueKind::decimal, "-1.10", 2},
    {"V4", kDecimal, string("AIA="), ValueKind::decimal, "128", 0},
    {"V4_negative", kDecimal, string("gA=="), ValueKind::decimal, "-128", 0},
    {"V5", kDecimal, string("AP//////////"), ValueKind::numeric, "18446744073709551615", 0},
    {"V6", kDecimal, string("AQ=="), ValueKind::numeric, "1000", -3},
    {"V7", kDecimal, string("XODppWAV/sWq36MorjmBFQ=="), ValueKind::numeric,
     "123456789012345678901234567890.123456789", 9},
    {"V8", kDecimal, string("AA=="), ValueKind::decimal, "0.00", 2},
    {"V9", kDecimal, string(""), kRefused, "22P02", 2},
    {"V10", kDecimal, number("1E-7"), ValueKind::numeric, "1E-7", 7},
    {"V10_zeros", kDecimal, number("1.10"), ValueKind::numeric, "1.10", 2},
    {"int64_high", kDecimal, string("f/////////8="), ValueKind::decimal, "92233720368547758.07", 2},
    {"int64_low", kDecimal, string("gAAAAAAAAAA="), ValueKind::decimal, "-92233720368547758.08", 2},
    {"beyond_int64", kDecimal, string("AIAAAAAAAAAA"), ValueKind::numeric, "92233720368547758.08",
     2},
    {"below_int64", kDecimal, string("/3//////////"), ValueKind::numeric, "-92233720368547758.09",
     2},
    {"sign_bytes_more_than_needed", kDecimal, string("AAAAAAAAAAAAAAAAAQ=="), ValueKind::decimal,
     "0.1", 1},
    {"most_negative_of_its_length", kDecimal, string("gAAAAAAAAAAAAAAAAAAAAA=="),
     ValueKind::numeric, "-170141183460469231731687303715884105728", 0},
    {"scale_18", kDecimal, string("AQ=="), ValueKind::decimal, "0.000000000000000001", 18},
    {"scale_19", kDecimal, string("AQ=="), ValueKind::numeric, "0.0000000000000000001", 19},
    {"scale_19_negative", kDecimal, string("/w=="), ValueKind::numeric, "-0.0000000000000000001",
     19},
    {"scale_as_long_as_the_digits", kDecimal, string("SZYC0g=="), ValueKind::numeric,
     "0.0000000001234567890", 19},
    {"zero_with_negative_scale", kDecimal, string("AA=="), ValueKind::numeric, "0", -5},
    {"negative_with_negative_scale", kDecimal, string("/w=="), ValueKind::numeric, "-100", -2},
    {"scale_beyond_numeric", kDecimal, string("AQ=="), kRefused, "22003", 16384},
    {"scale_absurd", kDecimal, string("AQ=="), kRefused, "22003", 2147483647},
    {"scale_absurd_negative", kDecimal, string("AQ=="), kRefused, "22003", -2147483647 - 1},
    {"whole_digits_beyond_numeric", kDecimal, string("AQ=="), kRefused, "22003", -131072},
    {"no_base64", kDecimal, string("1.50"), kRefused, "22P02", 2},
    {"boolean", kDecimal, boolean(true), kRefused, "22P02", 2},
};
INSTANTIATE_TEST_SUITE_P(decimals, ScalarTest, testing::ValuesIn(kDecimals), row_name);

TEST(DecimalWords, V13) {
    EXPECT_EQ(numeric_text_from_debezium("NAN"), "NaN");
    EXPECT_EQ(numeric_text_from_debezium("POSITIVE_INFINITY"), "Infinity");
    EXPECT_EQ(numeric_text_from_debezium("NEGATIVE_INFINITY"), "-Infinity");
    EXPECT_EQ(numeric_text_from_debezium("1234.00"), "1234.00");
}

/// 10^n, multiplied out byte by byte.
std::string power_of_ten(size_t n) {
    std::string little{'\1'};
    for (size_t i = 0; i < n; ++i) {
        unsigned carry = 0;
        for (char& c : little) {
            unsigned product = static_cast<unsigned char>(c) * 10U + carry;
            c = static_cast<char>(product);
            carry = product >> 8;
        }
        if (carry != 0)
            little += static_cast<char>(carry);
    }
    little += '\0'; // the sign
    return {little.rbegin(), little.rend()};
}

TEST(LargeDecimal, has_every_digit) {
    Arena arena;
    Value value;
    Refusal refusal;
    for (size_t n : {18U, 19U, 20U, 27U, 28U, 38U, 100U, 1000U}) {
        ASSERT_TRUE(decimal_from_bytes(power_of_ten(n), 0, arena, value, refusal));
        EXPECT_EQ(value_text(value), "1" + std::string(n, '0'));
        ASSERT_TRUE(decimal_from_bytes(power_of_ten(n), static_cast<int32_t>(n) + 2, arena, value,
                                       refusal));
        EXPECT_EQ(value_text(value), "0.01" + std::string(n, '0'));
    }
}

/// Digit by digit, whatever the length.
std::string slow_digits(const std::string& bytes) {
    std::string little{'0'};
    for (char byte : bytes) {
        unsigned carry = static_cast<unsigned char>(byte);
        for (char& c : little) {
            unsigned sum = static_cast<unsigned>(c - '0') * 256 + carry;
            c = static_cast<char>('0' + sum % 10);
            carry = sum / 10;
        }
        for (; carry != 0; carry /= 10)
            little += static_cast<char>('0' + carry % 10);
    }
    return {little.rbegin(), little.rend()};
}

TEST(LargeDecimal, of_every_length) {
    Value value;
    Refusal refusal;
    for (size_t n = 9; n < 400; n += n < 140 ? 1 : 37) {
        for (unsigned step : {0U, 1U, 83U}) { // all ones, and others
            std::string bytes(n, '\xff');
            for (size_t i = 0; i < n; ++i)
                bytes[i] = static_cast<char>(255U - step * static_cast<unsigned>(i) % 256U);
            bytes[0] = '\x7f';
            bytes[n / 2] = '\0';
            Arena arena;
            ASSERT_TRUE(decimal_from_bytes(bytes, 0, arena, value, refusal)) << n;
            EXPECT_EQ(value_text(value), slow_digits(bytes)) << n;
        }
    }
}

TEST(LargeDecimal, ends_where_numeric_ends) {
    Arena arena;
    Value value;
    Refusal refusal;
    std::string bytes(60000, '\x11'); // 144493 digits
    EXPECT_FALSE(decimal_from_bytes(bytes, 0, arena, value, refusal));
    EXPECT_STREQ(refusal.sqlstate, "22003");
    ASSERT_TRUE(decimal_from_bytes(bytes, 16383, arena, value, refusal));
    EXPECT_EQ(value.text().size() - value.text().find('.') - 1, 16383U);
    EXPECT_FALSE(decimal_from_bytes(std::string(1 << 20, '\x11'), 16383, arena, value, refusal));
}

struct NumberRow {
    const char* text;
    int32_t shift;
    Exactness exactness;
    int64_t value;
};

TEST(ToInteger, is_exact_or_rounds_half_to_even) {
    const NumberRow rows[] = {
        {"0.5", 0, Exactness::rounded, 0},
        {"1.5", 0, Exactness::rounded, 2},
        {"2.5", 0, Exactness::rounded, 2},
        {"-2.5", 0, Exactness::rounded, -2},
        {"2.5000000000000000000001", 0, Exactness::rounded, 3},
        {"-3.5", 0, Exactness::rounded, -4},
        {"0.05", 0, Exactness::rounded, 0},
        {"0.9", 0, Exactness::rounded, 1},
        {"1500", -3, Exactness::rounded, 2},
        {"2500", -3, Exactness::rounded, 2},
        {"2501", -3, Exactness::rounded, 3},
        {"3000", -3, Exactness::exact, 3},
        {"6.789", 6, Exactness::exact, 6789000},
        {"92233720368547758.07", 2, Exactness::exact, INT64_MAX},
        {"-92233720368547758.08", 2, Exactness::exact, INT64_MIN},
        {"92233720368547758.08", 2, Exactness::out_of_range, 0},
        {"9223372036854775807.5", 0, Exactness::out_of_range, 0},
        {"9223372036854775807.4", 0, Exactness::rounded, INT64_MAX},
        {"99999999999999999999", 0, Exactness::out_of_range, 0},
        {"1e18446744073709551616", 0, Exactness::out_of_range, 0},
        {"1e-18446744073709551616", 0, Exactness::rounded, 0},
        {"", 0, Exactness::no_number, 0},
        {"-", 0, Exactness::no_number, 0},
        {"1.", 0, Exactness::no_number, 0},
        {"1e", 0, Exactness::no_number, 0},
        {"0x1", 0, Exactness::no_number, 0},
        {"NaN", 0, Exactness::no_number, 0},
    };
    for (const NumberRow& row : rows) {
        int64_t n = 0;
        EXPECT_EQ(to_integer(row.text, row.shift, n), row.exactness) << row.text;
        if (row.exactness == Exactness::exact || row.exactness == Exactness::rounded) {
            EXPECT_EQ(n, row.value) << row.text;
        }
    }
}

TEST(JsonNumber, is_checked) {
    for (const char* good : {"0", "-0.0", "1.5E+10", "10", "1e5"})
        EXPECT_TRUE(is_json_number(good)) << good;
    for (const char* bad : {"", "+1", "01", ".5", "1.", "1e+", "1 ", "1a"})
        EXPECT_FALSE(is_json_number(bad)) << bad;
}

} // namespace

} // namespace kcs::test
