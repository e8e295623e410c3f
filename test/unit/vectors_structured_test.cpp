#include "vectors.hpp"

#include "core/pure.hpp"

// Wire format 7.1, V43 and V44, and the other forms of time_precision_mode structured.

namespace kcs::test {

namespace {

using T = TypeKind;
using V = ValueKind;
constexpr V kRefused = V::absent;

class StructuredVectorTest : public VectorTest {};

void structured(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::structured;
}

std::string stamp(const char* day, const char* clock, const char* rest) {
    return std::string("{") + day + "," + clock + "," + rest + "}";
}
const char kDay[] = "\"year\":2024,\"month\":2,\"day\":29";
const char kClock[] = "\"hour\":23,\"minute\":59,\"second\":59,\"nanos\":123456789";
const char kMidnight[] = "\"hour\":24,\"minute\":0,\"second\":0,\"nanos\":0";
const char kNoDay[] = "\"year\":null,\"month\":null,\"day\":null";
const char kNoClock[] = "\"hour\":null,\"minute\":null,\"second\":null,\"nanos\":null";
const char kPlain[] = "\"specialValue\":null,\"precision\":6";

std::string duration(const char* parts) {
    return std::string("{") + parts + ",\"precision\":null}";
}

const std::string kStructDate = time_of("struct", "StructuredDate");
const std::string kStructTime = time_of("struct", "StructuredTime");
const std::string kStructStamp = time_of("struct", "StructuredTimestamp");
const std::string kStructZonedTime = time_of("struct", "StructuredZonedTime");
const std::string kStructZoned = time_of("struct", "StructuredZonedTimestamp");
const std::string kStructDuration = time_of("struct", "StructuredDuration");

const Vector kStructs[] = {
    {"V43",
     kStructStamp,
     stamp(kNoDay, kNoClock, "\"specialValue\":\"NEGATIVE_INFINITY\",\"precision\":6"),
     {V::timestamp, "-infinity"},
     {T::timestamp},
     {},
     true,
     structured},
    {"V44",
     kStructDuration,
     duration("\"years\":1,\"months\":-2,\"days\":0,\"hours\":0,\"minutes\":0,\"seconds\":0,"
              "\"nanos\":500000000"),
     {V::interval, "10 mons 00:00:00.5"},
     {T::interval},
     {},
     true,
     structured},
    {"duration_signs",
     kStructDuration,
     duration("\"years\":null,\"months\":1,\"days\":-2,\"hours\":3,\"minutes\":-4,\"seconds\":5,"
              "\"nanos\":-6000"),
     {V::interval, "1 mon -2 days +02:56:04.999994"},
     {T::interval}},
    {"duration_half_even",
     kStructDuration,
     duration("\"seconds\":1,\"months\":0,\"nanos\":500"),
     {V::interval, "00:00:01"},
     {T::interval}},
    {"duration_of_mysql",
     kStructDuration,
     duration("\"months\":0,\"hours\":-2,\"seconds\":0"),
     {V::interval, "-02:00:00"},
     {T::time},
     {},
     true,
     {},
     "mysql"},
    {"duration_beyond",
     kStructDuration,
     duration("\"years\":200000000,\"months\":0,\"seconds\":0"),
     {kRefused, "22008"},
     {T::interval}},
    {"duration_seconds_beyond",
     kStructDuration,
     duration("\"months\":0,\"seconds\":9223372036854775807"),
     {kRefused, "22008"},
     {T::interval}},
    {"date",
     kStructDate,
     stamp(kDay, "\"specialValue\":null", "\"x\":1"),
     {V::date, "2024-02-29"},
     {T::date}},
    {"date_bc",
     kStructDate,
     "{\"year\":-43,\"month\":3,\"day\":15,\"specialValue\":null}",
     {V::date, "0044-03-15 BC"},
     {T::date}},
    {"date_last",
     kStructDate,
     "{\"year\":5874897,\"month\":12,\"day\":31}",
     {V::date, "5874897-12-31"},
     {T::date}},
    {"date_beyond",
     kStructDate,
     "{\"year\":5874898,\"month\":1,\"day\":1}",
     {kRefused, "22008"},
     {T::date}},
    {"date_infinity",
     kStructDate,
     "{\"year\":null,\"month\":null,\"day\":null,\"specialValue\":\"POSITIVE_INFINITY\"}",
     {V::date, "infinity"},
     {T::date}},
    {"date_zero_day",
     kStructDate,
     "{\"year\":2024,\"month\":2,\"day\":0}",
     {kRefused, "22008"},
     {T::date},
     {},
     true,
     {},
     "mysql"},
    {"date_zero",
     kStructDate,
     "{\"year\":0,\"month\":0,\"day\":0}",
     {kRefused, "22008"},
     {T::date},
     {},
     true,
     {},
     "mysql"},
    {"date_no_such",
     kStructDate,
     "{\"year\":2023,\"month\":2,\"day\":29}",
     {kRefused, "22008"},
     {T::date}},
    {"date_null_part",
     kStructDate,
     "{\"year\":2024,\"month\":null,\"day\":1}",
     {kRefused, "22007"},
     {T::date}},
    {"time",
     kStructTime,
     std::string("{") + kClock + ",\"precision\":6}",
     {V::time, "23:59:59.123457"},
     {T::time}},
    {"time_24", kStructTime, std::string("{") + kMidnight + "}", {V::time, "24:00:00"}, {T::time}},
    {"time_rounded_up",
     kStructTime,
     "{\"hour\":23,\"minute\":59,\"second\":59,\"nanos\":999999900}",
     {V::time, "24:00:00"},
     {T::time}},
    {"time_beyond",
     kStructTime,
     "{\"hour\":24,\"minute\":0,\"second\":1,\"nanos\":0}",
     {kRefused, "22008"},
     {T::time}},
    {"time_negative",
     kStructTime,
     "{\"hour\":-1,\"minute\":0,\"second\":0,\"nanos\":0}",
     {kRefused, "22008"},
     {T::time}},
    {"time_mysql",
     kStructTime,
     "{\"hour\":-100,\"minute\":-1,\"second\":-2,\"nanos\":0}",
     {V::time, "-100:01:02"},
     {T::interval},
     {},
     true,
     {},
     "mysql"},
    // The smallest integer has no opposite.
    {"time_hour_smallest",
     kStructTime,
     "{\"hour\":-9223372036854775808,\"minute\":0,\"second\":0,\"nanos\":0}",
     {kRefused, "22008"},
     {T::interval},
     {},
     true,
     {},
     "mysql"},
    {"time_minute_smallest",
     kStructTime,
     "{\"hour\":0,\"minute\":-9223372036854775808,\"second\":0,\"nanos\":0}",
     {kRefused, "22008"},
     {T::interval},
     {},
     true,
     {},
     "mysql"},
    {"time_nanos_smallest",
     kStructTime,
     "{\"hour\":0,\"minute\":0,\"second\":0,\"nanos\":-9223372036854775808}",
     {kRefused, "22008"},
     {T::interval},
     {},
     true,
     {},
     "mysql"},
    {"zoned_time_offset_smallest",
     kStructZonedTime,
     std::string("{") + kClock + ",\"offsetSeconds\":-9223372036854775808}",
     {kRefused, "22008"},
     {T::timetz}},
    {"zoned_offset_smallest",
     kStructZoned,
     stamp(kDay, kClock, "\"offsetSeconds\":-9223372036854775808"),
     {kRefused, "22008"},
     {T::timestamptz}},
    {"date_year_smallest",
     kStructDate,
     "{\"year\":-9223372036854775808,\"month\":1,\"day\":1}",
     {kRefused, "22008"},
     {T::date}},
    {"duration_smallest",
     kStructDuration,
     duration("\"years\":-9223372036854775808,\"months\":-9223372036854775808,"
              "\"seconds\":-9223372036854775808"),
     {kRefused, "22008"},
     {T::interval}},
    {"stamp",
     kStructStamp,
     stamp(kDay, kClock, kPlain),
     {V::timestamp, "2024-02-29 23:59:59.123457"},
     {T::timestamp}},
    {"stamp_24",
     kStructStamp,
     stamp(kDay, kMidnight, kPlain),
     {V::timestamp, "2024-03-01 00:00:00"},
     {T::timestamp}},
    {"stamp_last",
     kStructStamp,
     stamp("\"year\":294276,\"month\":12,\"day\":31", kClock, kPlain),
     {V::timestamp, "294276-12-31 23:59:59.123457"},
     {T::timestamp}},
    {"stamp_beyond",
     kStructStamp,
     stamp("\"year\":294277,\"month\":1,\"day\":1", kClock, kPlain),
     {kRefused, "22008"},
     {T::timestamp}},
    {"zoned",
     kStructZoned,
     stamp(kDay, kClock, "\"offsetSeconds\":7200,\"zoneId\":\"Europe/Berlin\""),
     {V::timestamptz, "2024-02-29 21:59:59.123457+00"},
     {T::timestamptz}},
    {"zoned_infinity",
     kStructZoned,
     stamp(kNoDay, kNoClock, "\"offsetSeconds\":null,\"specialValue\":\"POSITIVE_INFINITY\""),
     {V::timestamptz, "infinity"},
     {T::timestamptz}},
    {"zoned_no_offset",
     kStructZoned,
     stamp(kDay, kClock, "\"offsetSeconds\":null"),
     {kRefused, "22007"},
     {T::timestamptz}},
    {"zoned_time",
     kStructZonedTime,
     std::string("{") + kClock + ",\"offsetSeconds\":-12600}",
     {V::text, "23:59:59.123457-03:30:00"},
     {T::timetz}},
    {"zoned_time_24",
     kStructZonedTime,
     std::string("{") + kMidnight + ",\"offsetSeconds\":0}",
     {V::text, "24:00:00.000000+00:00:00"},
     {T::timetz}},
};

TEST_P(StructuredVectorTest, with_schema) {
    with_schema();
}
TEST_P(StructuredVectorTest, without_schema) {
    without_schema();
}
INSTANTIATE_TEST_SUITE_P(structs, StructuredVectorTest, testing::ValuesIn(kStructs), vector_name);

} // namespace

} // namespace kcs::test
