#include "interpret_rows.hpp"

#include "core/pure.hpp"

namespace kcs::test {

namespace {

constexpr ValueKind kNumber = ValueKind::token_number;
constexpr ValueKind kText = ValueKind::token_text;
constexpr ValueKind kJson = ValueKind::token_json;
constexpr ValueKind kRefused = ValueKind::absent;

void connect(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::connect;
}
void time_micros(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::adaptive_time_microseconds;
}
void micros(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::microseconds;
}
void nanos(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::nanoseconds;
}
void iso(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::isostring;
}
void structured(DecoderSettings& s) {
    s.time_precision_mode = TimePrecisionMode::structured;
}
void interval_text(DecoderSettings& s) {
    s.interval_handling_mode = IntervalMode::string;
}
using T = TypeKind;
using V = ValueKind;

const Case kTimes[] = {
    {"date_days", T::date, -1, -1, kNumber, "17109", V::date, "2016-11-04"},
    {"date_infinity", T::date, -1, -1, kNumber, "-2147472692", V::date, "infinity"},
    {"date_text", T::date, -1, -1, kText, "-0043-03-15Z", V::date, "0044-03-15 BC"},
    {"date_object", T::date, -1, -1, kJson, "{\"year\":2024}", kRefused, "0A000"},
    {"stamp_plain", T::timestamp, -1, -1, kNumber, "1529507596945104", V::timestamp,
     "2018-06-20 15:13:16.945104"},
    {"stamp_6", T::timestamp, 6, -1, kNumber, "1529507596945104", V::timestamp,
     "2018-06-20 15:13:16.945104"},
    {"stamp_3", T::timestamp, 3, -1, kNumber, "1529507596945", V::timestamp,
     "2018-06-20 15:13:16.945"},
    {"stamp_0", T::timestamp, 0, -1, kNumber, "1529507596000", V::timestamp, "2018-06-20 15:13:16"},
    {"stamp_3_time_micros", T::timestamp, 3, -1, kNumber, "1529507596945", V::timestamp,
     "2018-06-20 15:13:16.945", time_micros},
    {"stamp_connect", T::timestamp, -1, -1, kNumber, "1529507596945", V::timestamp,
     "2018-06-20 15:13:16.945", connect},
    {"stamp_3_micros", T::timestamp, 3, -1, kNumber, "1529507596945000", V::timestamp,
     "2018-06-20 15:13:16.945", micros},
    {"stamp_nanos", T::timestamp, -1, -1, kNumber, "1529507596945104123", V::timestamp,
     "2018-06-20 15:13:16.945104", nanos},
    {"stamp_infinity", T::timestamp, -1, -1, kNumber, "9223372036825200000", V::timestamp,
     "infinity"},
    {"stamp_iso_number", T::timestamp, -1, -1, kNumber, "1", kRefused, "22P02", iso},
    {"stamp_text", T::timestamp, -1, -1, kText, "2019-07-09T02:28:57.123456Z", V::timestamp,
     "2019-07-09 02:28:57.123456", iso},
    {"stamp_text_with_offset_is_zoned", T::timestamp, -1, -1, kText,
     "2016-11-04T13:51:30.123+02:00", V::timestamp, "2016-11-04 11:51:30.123"},
    {"stamp_words", T::timestamp, -1, -1, kText, "yesterday", kRefused, "22007"},
    {"stamp_range", T::timestamp, 3, -1, kNumber, "9223372036854775807", kRefused, "22008"},
    {"zoned_number_is_utc", T::timestamptz, -1, -1, kNumber, "0", V::timestamptz,
     "1970-01-01 00:00:00+00"},
    {"zoned_text", T::timestamptz, -1, -1, kText, "2016-11-04T13:51:30.123+02:00", V::timestamptz,
     "2016-11-04 11:51:30.123+00"},
    {"zoned_text_without_offset", T::timestamptz, -1, -1, kText, "2016-11-04T13:51:30",
     V::timestamptz, "2016-11-04 13:51:30+00"},
    {"zoned_infinity", T::timestamptz, -1, -1, kText, "-infinity", V::timestamptz, "-infinity"},
    {"zoned_iso_infinity", T::timestamptz, -1, -1, kText, "+294247-01-10T04:00:25.2Z",
     V::timestamptz, "infinity", iso},
    {"zoned_iso_minus_infinity", T::timestamptz, -1, -1, kText, "-290308-12-21T19:59:27.6Z",
     V::timestamptz, "-infinity", iso},
    {"zoned_beside_infinity", T::timestamptz, -1, -1, kText, "+294247-01-10T04:00:25.3Z",
     V::timestamptz, "294247-01-10 04:00:25.3+00", iso},
    {"zoned_text_where_timestamps_are_numbers", T::timestamptz, -1, -1, kText,
     "+294247-01-10T04:00:25.2Z", V::timestamptz, "294247-01-10 04:00:25.2+00"},
    {"time_plain", T::time, -1, -1, kNumber, "86400000000", V::time, "24:00:00"},
    {"time_3", T::time, 3, -1, kNumber, "86400000", V::time, "24:00:00"},
    {"time_3_micros", T::time, 3, -1, kNumber, "1000000", V::time, "00:00:01", time_micros},
    {"time_connect", T::time, -1, -1, kNumber, "1000", V::time, "00:00:01", connect},
    {"time_range", T::time, -1, -1, kNumber, "-1", kRefused, "22008"},
    {"time_text_with_offset", T::time, -1, -1, kText, "13:51:30+02:00", kRefused, "22007"},
    {"time_text", T::time, -1, -1, kText, "04:05:06.5Z", V::time, "04:05:06.5"},
    {"timetz_text", T::timetz, -1, -1, kText, "24:00:00Z", V::text, "24:00:00Z"},
    {"timetz_number", T::timetz, -1, -1, kNumber, "1", kRefused, "22P02"},
    {"interval_number", T::interval, -1, -1, kNumber, "37091106780000", V::interval,
     "10303:05:06.78"},
    {"interval_mysql_time", T::interval, -1, -1, kNumber, "-3020399000000", V::interval,
     "-838:59:59"},
    {"interval_number_for_text", T::interval, -1, -1, kNumber, "1", kRefused, "22P02",
     interval_text},
    {"interval_text", T::interval, -1, -1, kText, "P-1Y-2M3DT-4H-5M-6.789S", V::interval,
     "-1 years -2 mons +3 days -04:05:06.789"},
};

constexpr SourceKind kMysql = SourceKind::mysql;
constexpr SourceKind kSqlserver = SourceKind::sqlserver;
constexpr SourceKind kOracle = SourceKind::oracle;
constexpr TypeKind kNone = TypeKind::other;

// Wire format 3.6: what a number means where sources differ.
const Case kSources[] = {
    {"mysql_plain_stamp_is_unclear",
     T::timestamp,
     -1,
     -1,
     kNumber,
     "1529507596000",
     kRefused,
     "22P02",
     {},
     kNone,
     kMysql},
    {"mysql_plain_stamp_of_one_unit", T::timestamp, -1, -1, kNumber, "1529507596000", V::timestamp,
     "2018-06-20 15:13:16", connect, kNone, kMysql},
    {"mysql_stamp_0",
     T::timestamp,
     0,
     -1,
     kNumber,
     "1529507596000",
     V::timestamp,
     "2018-06-20 15:13:16",
     {},
     kNone,
     kMysql},
    {"mysql_stamp_6",
     T::timestamp,
     6,
     -1,
     kNumber,
     "1529507596945104",
     V::timestamp,
     "2018-06-20 15:13:16.945104",
     {},
     kNone,
     kMysql},
    {"mysql_time_3", T::time, 3, -1, kNumber, "1000000", V::time, "00:00:01", {}, kNone, kMysql},
    {"mysql_interval", T::interval, -1, -1, kNumber, "3600000000", V::interval, "01:00:00",
     interval_text, kNone, kMysql},
    {"mysql_interval_connect", T::interval, -1, -1, kNumber, "3600000", V::interval, "01:00:00",
     connect, kNone, kMysql},
    {"mysql_interval_nanos", T::interval, -1, -1, kNumber, "3600000000000", V::interval, "01:00:00",
     nanos, kNone, kMysql},
    {"sqlserver_plain_stamp_is_unclear",
     T::timestamp,
     -1,
     -1,
     kNumber,
     "1529507596945104100",
     kRefused,
     "22P02",
     {},
     kNone,
     kSqlserver},
    {"sqlserver_stamp_6_is_unclear",
     T::timestamp,
     6,
     -1,
     kNumber,
     "1529507596945104100",
     kRefused,
     "22P02",
     {},
     kNone,
     kSqlserver},
    {"sqlserver_stamp_5",
     T::timestamp,
     5,
     -1,
     kNumber,
     "1529507596945100",
     V::timestamp,
     "2018-06-20 15:13:16.9451",
     {},
     kNone,
     kSqlserver},
    {"sqlserver_time_is_unclear",
     T::time,
     -1,
     -1,
     kNumber,
     "1000",
     kRefused,
     "22P02",
     {},
     kNone,
     kSqlserver},
    {"oracle_date",
     T::timestamp,
     0,
     -1,
     kNumber,
     "1529507596000",
     V::timestamp,
     "2018-06-20 15:13:16",
     {},
     kNone,
     kOracle},
    {"oracle_date_for_a_date",
     T::date,
     -1,
     -1,
     kNumber,
     "1529452800000",
     V::timestamp,
     "2018-06-20 00:00:00",
     {},
     kNone,
     kOracle},
    {"oracle_date_connect", T::date, -1, -1, kNumber, "1529507596000", V::timestamp,
     "2018-06-20 15:13:16", connect, kNone, kOracle},
    {"oracle_date_micros", T::date, -1, -1, kNumber, "1529452800000000", V::timestamp,
     "2018-06-20 00:00:00", micros, kNone, kOracle},
    {"oracle_plain_stamp_is_unclear",
     T::timestamptz,
     -1,
     -1,
     kNumber,
     "1529507596945104",
     kRefused,
     "22P02",
     {},
     kNone,
     kOracle},
    {"postgresql_plain_stamp",
     T::timestamp,
     -1,
     -1,
     kNumber,
     "1529507596945104",
     V::timestamp,
     "2018-06-20 15:13:16.945104",
     {},
     kNone,
     SourceKind::postgresql},
};

constexpr SourceKind kPostgresql = SourceKind::postgresql;
constexpr SourceKind kUnknown = SourceKind::unknown;

Case stamp_at(const char* name, SourceKind source, int32_t precision, const char* number,
              const char* expected, void (*set)(DecoderSettings&) = nullptr,
              TypeKind target = T::timestamp) {
    bool refused = expected[0] == '2' && expected[1] == '2';
    ValueKind kind = refused ? kRefused : target == T::timestamptz ? V::timestamptz : V::timestamp;
    auto settings = [set](DecoderSettings& s) {
        s.schemaless_timestamp_columns = "c";
        if (set != nullptr)
            set(s);
    };
    return {name, target, precision, -1, kNumber, number, kind, expected, settings, kNone, source};
}

// Columns of schemaless_timestamp_columns go by the same rule as others: a number's unit is not
// guessed where the source is known to have several.
const Case kStampColumns[] = {
    stamp_at("mysql", kMysql, -1, "1529507596945", "22P02"),
    stamp_at("mysql_zoned", kMysql, -1, "1529507596945", "22P02", nullptr, T::timestamptz),
    stamp_at("mysql_3", kMysql, 3, "1529507596945", "2018-06-20 15:13:16.945"),
    stamp_at("mysql_0", kMysql, 0, "1529507596000", "2018-06-20 15:13:16"),
    stamp_at("mysql_6", kMysql, 6, "1529507596945104", "2018-06-20 15:13:16.945104"),
    stamp_at("mysql_connect", kMysql, -1, "1529507596945", "2018-06-20 15:13:16.945", connect),
    stamp_at("mysql_micros", kMysql, -1, "1529507596945104", "2018-06-20 15:13:16.945104", micros),
    stamp_at("sqlserver", kSqlserver, -1, "1529507596945104100", "22P02"),
    stamp_at("sqlserver_6", kSqlserver, 6, "1529507596945104100", "22P02"),
    stamp_at("sqlserver_nanos", kSqlserver, -1, "1529507596945104100", "2018-06-20 15:13:16.945104",
             nanos),
    stamp_at("oracle", kOracle, -1, "1529507596945104100", "22P02"),
    stamp_at("oracle_0", kOracle, 0, "1529507596000", "2018-06-20 15:13:16"),
    stamp_at("postgresql", kPostgresql, -1, "1529507596945104", "2018-06-20 15:13:16.945104"),
    stamp_at("unknown", kUnknown, -1, "1529507596945104", "2018-06-20 15:13:16.945104"),
    stamp_at("unknown_connect", kUnknown, -1, "1529507596945", "2018-06-20 15:13:16.945", connect),
};

Case duration(const char* name, SourceKind source, const char* number, const char* expected,
              std::function<void(DecoderSettings&)> set = {}) {
    bool refused = expected[0] == '2' && expected[1] == '2';
    return {name,     T::interval, -1,    -1,    kNumber, number, refused ? kRefused : V::interval,
            expected, set,         kNone, source};
}

// PostgreSQL's and Oracle's intervals are microseconds in every time mode; MySQL's TIME, and SQL
// Server's, have the mode's unit.
const Case kDurations[] = {
    duration("postgresql_connect", kPostgresql, "37230000000", "10:20:30", connect),
    duration("postgresql_nanos", kPostgresql, "37230000000", "10:20:30", nanos),
    duration("oracle_connect", kOracle, "37230000000", "10:20:30", connect),
    duration("oracle_text", kOracle, "1", "22P02", interval_text),
    duration("unknown", kUnknown, "37230000000", "10:20:30"),
    duration("unknown_time_micros", kUnknown, "37230000000", "10:20:30", time_micros),
    duration("unknown_micros", kUnknown, "37230000000", "10:20:30", micros),
    duration("unknown_iso", kUnknown, "37230000000", "10:20:30", iso),
    duration("unknown_structured", kUnknown, "37230000000", "10:20:30", structured),
    duration("unknown_connect", kUnknown, "37230000", "22P02", connect),
    duration("unknown_nanos", kUnknown, "37230000000000", "22P02", nanos),
    duration("mysql_iso", kMysql, "37230000000", "22P02", iso),
    duration("mysql_micros", kMysql, "37230000000", "10:20:30", micros),
    duration("sqlserver", kSqlserver, "37230000", "22P02"),
    duration("sqlserver_connect", kSqlserver, "37230000", "10:20:30", connect),
    duration("sqlserver_nanos", kSqlserver, "37230000000000", "10:20:30", nanos),
};

INSTANTIATE_TEST_SUITE_P(stamp_columns, InterpretTest, testing::ValuesIn(kStampColumns), case_name);
INSTANTIATE_TEST_SUITE_P(durations, InterpretTest, testing::ValuesIn(kDurations), case_name);
INSTANTIATE_TEST_SUITE_P(times, InterpretTest, testing::ValuesIn(kTimes), case_name);
INSTANTIATE_TEST_SUITE_P(sources, InterpretTest, testing::ValuesIn(kSources), case_name);

} // namespace

} // namespace kcs::test
