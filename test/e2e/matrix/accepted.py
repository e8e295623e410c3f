"""What the connector itself changes: the only differences that compare.py accepts.

Each entry names tables, columns and settings, and a rule that looks at the captured value (`wire`): it
holds only where the record shows the change, and the target has exactly what the record says.
"""
import collections
import datetime
import decimal
import json
import re
import sys

Case = collections.namedtuple("Case", "table column type source target wire schema phase settings")


# ---- rules: does the record show it, and is the target what the record says? -----------------------------


def null(case):
    """The record has null for a value."""
    return case.wire.text == "null" and case.target is None


def absent(case):
    """The record has no such member: NULL, or what the column was made with."""
    return case.wire.text is None and case.target in (None, "")


def trim_zeros(case):
    """A VariableScaleDecimal, or a scale of its own: the same number with other zeros at its end."""
    def same(source, sent, target):
        return source == target or (isinstance(sent, dict) or case.column == "n5_m2") and decimal.Decimal(source) == decimal.Decimal(target)

    if case.target is None or not case.type.endswith("[]"):
        return case.target is not None and same(case.source, case.wire.value, case.target)
    source, target, sent = case.source[1:-1].split(","), case.target[1:-1].split(","), case.wire.value or []
    return len(source) == len(target) == len(sent) and all(map(same, source, sent, target))


def special_elements(case):
    """An array with an element that cannot be sent comes as null, or with nulls for its elements."""
    return null(case) or (set(case.wire.value or []) == {None} and case.target == "{" + ",".join(["NULL"] * len(case.wire.value)) + "}")


def bounds(case):
    """The record has a plain list: subscripts start at 1."""
    return isinstance(case.wire.value, list) and case.target == case.source.split("=", 1)[-1]


def java_objects(case):
    """The record has the names of Java objects for the inner arrays."""
    return case.wire.text is not None and "[Ljava.lang" in case.wire.text and "[Ljava.lang" in case.target


def era(case):
    """The record has the day of the same date after Christ."""
    lost = case.source.replace(" BC", "")
    if case.type.endswith("[]"):
        return case.target.replace('"', "") == lost.replace('"', "") and "-" not in case.wire.text.replace("-703383", "").split("T")[0].split("0044")[0]
    days = case.wire.value
    if isinstance(days, str):
        return days.startswith(lost) and case.target == lost
    return case.target == lost and days == (datetime.date.fromisoformat(lost) - datetime.date(1970, 1, 1)).days


def julian(case):
    """The record has the time of the Julian calendar's date: two days off in 44 BC."""
    return re.search("-63517996800000|-0043-03-13", case.wire.text) is not None and case.target == case.source.replace("03-15", "03-13")


def utc(case):
    """The record has the time at UTC: the zone is not sent."""
    def at_utc(text):
        match = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)([+-])(\d+)(?::(\d+))?", text)
        hour, minute, second, sign, zone_hour, zone_minute = match.groups()
        offset = (int(zone_hour) * 60 + int(zone_minute or 0)) * (1 if sign == "+" else -1)
        minutes = (int(hour) * 60 + int(minute) - offset) % 1440
        return f"{minutes // 60:02}:{minutes % 60:02}:{second}+00"

    times = r"[\d:.]+[+-][\d:]+"
    return case.wire.text.count("Z") >= 1 and case.target == re.sub(times, lambda m: at_utc(m.group(0)), case.source)


def varbit_length(case):
    """The record has the bits from the highest set one: leading zeros are not sent."""
    return case.target is not None and int(case.source or "0", 2) == int(case.target or "0", 2) and set(case.wire.field.get("type", "bytes")) == set("bytes")


def folded(case):
    """The record has microseconds: months and days are folded into them."""
    match = re.fullmatch(r"(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?", case.target or "")
    if not match or not isinstance(case.wire.value, int):
        return False
    sign, hours, minutes, seconds, fraction = match.groups()
    micros = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000000 + int((fraction or "").ljust(6, "0"))
    return (-micros if sign else micros) == case.wire.value


def milliseconds(case):
    """The record has no more than milliseconds."""
    fractions = r"(:\d\d\.\d{3})\d+"
    shorter = re.sub(fractions, r"\1", case.source)
    shorter = re.sub(r"(:\d\d)\.(\d*?)0+(?=\D|$)", lambda m: m.group(1) + ("." + m.group(2) if m.group(2) else ""), shorter)
    return re.search(fractions, case.source) is not None and case.target == shorter and (
        re.fullmatch(r'[\[\]\d,null-]+|[\[\]"\d,null:.Z]+', case.wire.text) is not None and re.search(r"\.\d{4}", case.wire.text) is None)


def midnight(case):
    """The record has 0 for 24:00:00."""
    return "24:00:00" in case.source and case.target == re.sub(r"\.\d{3}\d+", lambda m: m.group(0)[:4], case.source).replace("24:00:00", "00:00:00") and (
        re.search(r"\b0\b|00:00:00Z", case.wire.text) is not None)


def doubles(case):
    """The record has the nearest double, and the target its digits."""
    def nearest(source, sent, target):
        if sent is None:
            return source == target
        return float(source) == float(sent) and decimal.Decimal(str(sent)) == decimal.Decimal(target)

    if not case.type.endswith("[]"):
        return case.target is not None and nearest(case.source, case.wire.value, case.target)
    source, target = case.source[1:-1].split(","), (case.target or "")[1:-1].split(",")
    return len(source) == len(target) == len(case.wire.value) and all(map(nearest, source, case.wire.value, target))


LARGEST = r"^-?9{20,}|^-?\$92,233"


def overflow(case):
    """The record has a double that is larger than the column's largest number."""
    largest = abs(decimal.Decimal(re.sub("[$,]", "", case.source)))
    return case.target is None and isinstance(case.wire.value, decimal.Decimal) and abs(case.wire.value) > largest


def nanoseconds(case):
    """The record has null where nanoseconds since 1970 do not reach, and in the second before that."""
    def beyond(text):
        return "BC" in text or re.match(r"\d{5}", text) is not None or not "1677-09-21 00:12:45" <= text <= "2262-04-11 23:47:16.854775"

    if not case.type.endswith("[]"):
        return null(case) and beyond(case.source)
    source, target = (re.sub('[{}"]', "", text or "").split(",") for text in (case.source, case.target))
    return len(source) == len(target) and all(a == b or (b == "NULL" and sent is None and beyond(a)) for a, b, sent in zip(source, target, case.wire.value or []))


# ---- entries -----------------------------------------------------------------------------------------------


class Entry:
    def __init__(self, tables, columns, rule, reason, source=None, **settings):
        self.tables, self.columns, self.rule, self.reason = tables, columns, rule, reason
        self.source, self.settings = source and re.compile(source), settings

    def covers(self, case):
        return (re.fullmatch(self.tables, case.table) and re.fullmatch(self.columns, case.column)
                and all((case.schema if name == "schema" else case.settings[name]) in allowed.split(" ") for name, allowed in self.settings.items())
                and (self.source is None or (case.source is not None and self.source.search(case.source)))
                and self.rule(case))


SPECIAL = r"NaN|Infinity"
ACCEPTED = [
    Entry("decimals|scales", "n.*", null, "NaN and infinities have no Decimal", SPECIAL, decimal="precise"),
    Entry("domains", "l", null, "the same, through a domain", SPECIAL, decimal="precise"),
    Entry("arrays_of_numbers", "n", null, "nor have elements of an array, in any mode", SPECIAL),
    Entry("decimals", "n", trim_zeros, "VariableScaleDecimal has no zeros at its end", decimal="precise"),
    Entry("decimals|domains|scales|toast_bare|arrays_of_numbers|key_numeric", "n.*|l|k1", doubles, "a double has other zeros at its end, and no more than 17 digits", decimal="double"),
    Entry("decimals", "n38_10|n20_0|n200_100|cash", overflow, "and may be too large for the column", LARGEST, decimal="double", server="made"),
    Entry("decimals", "n", lambda c: c.wire.value == c.target.split(" ")[0] == {"Infinity": "POSITIVE_INFINITY", "-Infinity": "NEGATIVE_INFINITY"}.get(c.source),
          "only a column of numbers tells that these words are numbers", decimal="string", server="created"),
    Entry("scales", "n5_m2", trim_zeros, "a negative scale is sent as 2048 - 2"),
    Entry("arrays_of_numbers", "n", trim_zeros, "the same, of an element", decimal="precise"),
    Entry("arrays_of_numbers", "m", absent, "no arrays of money"),
    Entry("arrays_of_text", "n|x", absent, "no arrays of name or xml"),
    Entry("arrays_of_times", "i", absent, "no arrays of interval"),
    Entry("arrays_of_others", "vb|p", absent, "no arrays of varbit or point"),
    Entry("arrays_of_others", "bi", null, "arrays of bit fail their conversion"),
    Entry("arrays_of_text", "mo", null, "arrays of an enum cannot have NULL elements", "NULL"),
    Entry("arrays_of_others", "l|co|w|ce|tv", null, "nor these", "NULL"),
    Entry("composites|multiranges", "p|n|r4|r8|rn|rt|rz|rd", absent, "unknown types, unless include.unknown.datatypes", unknown="false"),
    Entry("arrays_of_others", "co|w|ce", absent, "so are arrays of composites and domains", unknown="false"),
    Entry("ranges|extensions|searches", "rf|q", absent, "so are own ranges, lquery and tsquery", unknown="false"),
    Entry("shapes", "[lsbc]|pa|po", absent, "so are all shapes but points", unknown="false"),
    Entry("system_types", ".*", absent, "so are these", unknown="false"),
    Entry("toast_bare", "po", absent, "so are polygons", unknown="false"),
    Entry("strings", "n", null, "a name is not streamed then, either", unknown="false"),
    Entry("toast", "by", null, "bytea in base64 has no placeholder", schema="zoo", binary="base64 base64-url-safe"),
    Entry("toast", "bya", null, "nor have its arrays", schema="zoo", binary="hex base64 base64-url-safe"),
    Entry("toast", "da", null, "a date[] has one as days since 1970 only", schema="zoo", time="connect isostring"),
    Entry("timestamps|times|arrays_of_times|instants|domains", ".*", milliseconds, "no more than milliseconds in this mode", time="connect"),
    Entry("timestamps|domains|arrays_of_times", ".*", nanoseconds, "nanoseconds reach from 1677 to 2262", time="nanoseconds"),
    Entry("timestamps", "t0", lambda c: c.wire.text == "9223372036854775807" and c.target == (None if c.settings["server"] == "made" else "294247-01-10 04:00:54.775807"),
          "microseconds stop there", "^29427", time="microseconds"),
    Entry("timestamps", "t[13]", lambda c: c.target is None and c.wire.value < -9223372036832400000, "or start again below zero", "^29427", time="microseconds"),
    Entry("key_timestamp", "k1", milliseconds, "a key has no more than milliseconds either", time="connect"),
    Entry("arrays_of_times", "t", milliseconds, "nor have the elements of a time[]"),
    Entry("arrays_of_times", "t3?", midnight, "whose 24:00:00 is 0"),
    Entry("times", "t.?", midnight, "24:00:00 has no ISO form", time="isostring"),
    Entry("arrays_of_arrays", "i4|n|ts", special_elements, "inner arrays are sent as nulls"),
    Entry("arrays_of_arrays", "t", java_objects, "inner arrays are sent as names of Java objects"),
    Entry("arrays_of_arrays", "bounds", bounds, "lower bounds are not sent"),
    Entry("arrays_of_times", "tz", utc, "timetz comes at UTC"),
    Entry("times", "tz.*", utc, "timetz comes at UTC"),
    Entry("dates", "d", era, "the era of a date is lost", " BC"),
    Entry("domains", "dy", era, "the same, through a domain", " BC"),
    Entry("arrays_of_times", "d|z", era, "the same, of an element", " BC"),
    Entry("arrays_of_times", "ts", julian, "timestamps of arrays before 1582 come in the Julian calendar", " BC"),
    Entry("bits", "v1", null, "an empty varbit(1) fails its conversion", "^$"),
    Entry("bits", "v|v10", varbit_length, "the length of a varbit is not sent"),
    Entry("intervals|interval_fields|defaults", "i.*|ym|ds", folded, "months and days are folded into microseconds", interval="numeric"),
    Entry("interval_fields", "i.*|ym|ds", lambda c: c.target is None and isinstance(c.wire.value, int), "and are dead letters then", interval="numeric", server="made"),
    Entry("documents", "j|jb", lambda c: c.target is None and c.wire.text.startswith('"{') and "zero" in c.wire.text, "a dead letter of letter()", server="created"),
    Entry("generated", "twice|upper_label", absent, "generated columns are not streamed"),
    Entry("vectors", "[vhs]a", null, "arrays of vectors fail their conversion", "[^{}]"),
    Entry("toast_bare", "n|b|na|tsa|po|f8a|g|ve", null, "types without a placeholder come as null when they are unchanged and out of line", schema="zoo"),
]
USED = set()


def why(case):
    for index, entry in enumerate(ACCEPTED):
        if entry.covers(case):
            USED.add(index)
            return entry.reason
    return None


# ---- rows and dead letters -----------------------------------------------------------------------------------


def zero_characters(settings):
    """U+0000 in a json is for json, not for jsonb: the column of a table that we made."""
    return settings["server"] == "created" and not settings["converter"].endswith("plain")


def coded_infinity(settings):
    """A column made for JSON numbers is numeric; there, Infinity may also be a number in base64."""
    return settings["server"] == "created" and settings["converter"].endswith("plain") and settings["decimal"] == "precise"


def too_large(settings):
    """Doubles that are too large for their columns."""
    return settings["server"] == "made" and settings["decimal"] == "double"


def header_dates(table, settings):
    """Headers have Connect's dates and timestamps as text, only the time of it before 1970-01-02: that tells
    no key. The change is then a delete and an insert, and one that lacks values a dead letter."""
    return table in ("key_times", "key_timestamp") and settings["time"] == "connect"


def raw_rows_differ(table, settings, missing, extra):
    """Rows of tables made from records without schema."""
    if header_dates(table, settings):
        return not extra and len(missing) <= 2
    if table == "floats" and coded_infinity(settings):
        return all("Infinity" in row for row in missing) and all(row[1:] == (None, None) for row in extra)
    if table == "key_numbers" and coded_infinity(settings):
        # Decimals are base64 in keys and numbers in the headers of a key change: a delete and an insert.
        return not extra
    return False


def rows_differ(table, settings, missing, extra):
    """Rows that a dead letter of letter() explains."""
    if table == "documents" and zero_characters(settings):
        return not extra and {int(k[0]) % 500 for k in missing} == {13}
    if table == "interval_fields" and settings["interval"] == "numeric" and settings["server"] == "made":
        return not extra and {int(k[0]) % 500 for k in missing} == {3, 4, 7, 8, 9, 10, 12, 16}
    if table == "decimals" and too_large(settings):
        return not extra and {int(k[0]) % 500 for k in missing} == {20, 21, 22, 23, 24, 25}
    if table == "timestamps" and settings["time"] == "microseconds":
        return not extra and {int(k[0]) % 500 for k in missing} == ({34, 35} if settings["server"] == "made" else {35})
    if header_dates(table, settings):  # the rows whose key was or became an early time
        return not extra and all(any(re.match("1969-12-31|1970-01-01", part) for part in k) for k in missing)
    flat = settings["converter"].startswith("flat")
    if table == "truncated" and flat:  # ExtractNewRecordState drops truncates
        return not missing and {int(k[0]) for k in extra} <= {1, 2, 3, 4}
    if table == "keyless" and flat:  # and the former values of rows, so that only inserts can be applied
        return len(missing) == 3 and len(extra) == (3 if settings["deletes"].startswith("rewrite") else 6)
    return False


def letter(table, sqlstate, message, settings):
    if table == "documents" and zero_characters(settings):
        return sqlstate == "22P05"
    if table == "interval_fields" and settings["interval"] == "numeric" and settings["server"] == "made":
        return sqlstate == "22008" and "cannot be stored exactly in type interval" in message
    if table == "decimals" and too_large(settings):
        return sqlstate == "22003" and ("out of range" in message or "field overflow" in message)
    if table == "timestamps" and settings["time"] == "microseconds":
        return sqlstate == "22008" and ("-9223372036853875809" in message or "294247-01-10 04:00:54.775807" in message)
    if header_dates(table, settings):
        return sqlstate == "P0002"
    if table in ("floats", "key_numbers") and coded_infinity(settings):
        return "infinity or a decimal in base64" in message or table == "key_numbers" and sqlstate == "P0002"
    if table == "keyless" and settings["converter"].startswith("flat"):
        return sqlstate == "0A000"
    return False


def note_used(path):
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(f"{i}\n" for i in sorted(USED)))


def main(path):
    """Prints whether each entry was used: one that nothing needs would hide a defect."""
    with open(path, encoding="utf-8") as file:
        used = set(map(int, file))
    idle = [entry for index, entry in enumerate(ACCEPTED) if index not in used]
    print(f"{'not ok' if idle else 'ok'} every accepted difference was seen")
    for entry in idle:
        print(f"  {entry.tables} {entry.columns}: {entry.reason}")


if __name__ == "__main__":
    main(sys.argv[1])
