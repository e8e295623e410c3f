"""What a target must hold: the fold of what Kafka holds, computed without the extension's code.

The records are read back from Kafka. Folded in the order of the source (their LSNs), they tell for each
record the whole row that it left, values included that it lacks itself. What a target with certain
offsets must hold is then, for each row, what the last record below those offsets left of it.
"""
import base64
import json

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from processes import Failed, wait_until
from workload import MISSING, ends_of

# How a target's rows are read, in the order of the values that expected() tells.
QUERIES = {
    "items": "SELECT id, name, n, amount, (extract(epoch FROM at) * 1000000)::bigint, big FROM app.items",
    "plain": "SELECT id, name, n, price, big FROM app.plain",
    "flat": "SELECT id, name, n, big FROM app.flat",
    "moved": "SELECT id, name, n, big FROM app.moved",
    "grow": "SELECT id, name, n, big FROM app.grow",
    "log": "SELECT n, said FROM app.log",
    "audit": 'SELECT __partition, __offset, __op, id, n FROM app.audit',
}
COLUMNS = {"items": ("id", "name", "n", "amount", "at", "big"), "plain": ("id", "name", "n", "price", "big"), "log": ("n", "said")}
REST = ("id", "name", "n", "big")
OFFSETS = "SELECT topic, partition, next_offset FROM kafka_cdc_sink.offsets WHERE next_offset > 0"
LETTERS = 'SELECT topic, partition, "offset", sqlstate, status FROM kafka_cdc_sink.dead_letters'


class Event:
    """One record: what it did to the row `key`; `row` is what it left, None nothing."""

    def __init__(self, lsn, partition, offset, op, key, row, bad=False, old=None):
        self.lsn, self.partition, self.offset, self.op, self.key, self.row, self.bad, self.old = lsn, partition, offset, op, key, row, bad, old

    def place(self):
        return (self.lsn, self.partition, self.offset)


def read_back(brokers, topics):
    """{topic: [message]} of all that there is."""
    places = [(topic, partition) for topic, count in topics.items() for partition in range(count)]
    ends = wait_until(120, "the ends are told", lambda: ends_of(brokers, places))
    if any(low != 0 for low, _ in ends.values()):
        raise Failed(f"there are partitions that do not begin at 0: {ends}")
    ends = {place: high for place, (_, high) in ends.items() if high > 0}
    missing = dict(ends)
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "oracle", "enable.auto.commit": False, "isolation.level": "read_committed",
                         "fetch.wait.max.ms": 50, "log_level": 0})
    try:
        consumer.assign([TopicPartition(t, p, OFFSET_BEGINNING) for t, p in missing])
        found = {topic: [] for topic in topics}
        quiet = 0
        while missing and quiet < 60:
            messages = consumer.consume(5000, 0.5)
            quiet = 0 if messages else quiet + 1
            for message in messages:
                if message.error() is not None:
                    continue
                place = message.topic(), message.partition()
                if message.offset() < ends[place]:
                    found[message.topic()].append(message)
                if message.offset() + 1 >= ends[place]:
                    missing.pop(place, None)
        if missing:
            raise Failed(f"cannot read back {missing}")
        return found, ends
    finally:
        consumer.close()


def number(text, scale=2):
    unscaled = int.from_bytes(base64.b64decode(text), "big", signed=True)
    digits = f"{abs(unscaled):0{scale + 1}d}"
    return ("-" if unscaled < 0 else "") + digits[:-scale] + "." + digits[-scale:]


def parse(name, message):
    """An event from a record; its row may lack values still."""
    partition, offset = message.partition(), message.offset()
    key, value = message.key(), message.value()
    headers = {k: json.loads(v)["id"] for k, v in message.headers() or []}
    if key is not None:
        key = json.loads(key)
        key = key.get("payload", key)["id"]
    if value is None:
        return Event(None, partition, offset, "tombstone", key, None)
    try:
        value = json.loads(value)
    except ValueError:
        return Event(None, partition, offset, "bad", key, None, bad=True)
    value = value.get("payload", value)
    if name == "flat":
        lsn, op, row = value["__source_lsn"], value["__op"], value
    else:
        lsn, op, row = value["source"]["lsn"], value["op"], value["after"] or value["before"]
    bad = (name == "log" and len(row["said"]) > 10) or (name == "plain" and len(number(row["price"])) > 12)
    return Event(lsn, partition, offset, op, key, row, bad, headers.get("__debezium.oldkey"))


class Oracle:
    def __init__(self, found, topics):
        self.topics = topics  # {topic: name}
        self.events = {topic: self.fold(topics[topic], messages) for topic, messages in found.items()}

    @staticmethod
    def fold(name, messages):
        events = []
        last = {}
        for message in sorted(messages, key=lambda m: (m.partition(), m.offset())):
            event = parse(name, message)
            if event.lsn is None:  # goes with what is before it
                event.lsn = last.get(event.partition, 0)
            last[event.partition] = event.lsn
            events.append(event)
        # Of a changed key the old row is looked at when the new one comes: so that goes first.
        events.sort(key=lambda e: (e.lsn, e.old is None, e.partition, e.offset))
        if name in ("log", "audit"):
            return events
        rows = {}
        for event in events:
            if event.bad:
                continue
            if event.op in ("d", "tombstone"):
                event.row = None
                rows.pop(event.key, None)
                continue
            before = rows.get(event.key if event.old is None else event.old)
            for column, sent in event.row.items():
                if sent == MISSING:
                    if before is None:
                        raise Failed(f"the workload lacks a value of a row that is not there: {name} {event.key}")
                    event.row[column] = before[column]
            rows[event.key] = event.row
        return events

    def expected(self, topic, offsets):
        """Sorted rows as text of the table of a topic, of which these partitions are applied so far."""
        name = self.topics[topic]
        applied = [e for e in self.events[topic] if e.offset < offsets.get((topic, e.partition), 0) and not e.bad]
        if name == "audit":
            rows = [(e.partition, e.offset, e.op, e.key, e.row["n"] if e.op != "d" else None) for e in applied if e.op != "tombstone"]
            return sorted(text(row) for row in rows)
        if name == "log":
            return sorted(text(e.row[c] for c in COLUMNS[name]) for e in applied)
        left = {}
        for event in applied:
            left[event.key] = event.row
        columns = COLUMNS.get(name, REST)
        return sorted(text(number(row[c]) if c in ("amount", "price") else row[c] for c in columns) for row in left.values() if row is not None)

    def expected_letters(self, offsets):
        return sorted(f"{topic} {e.partition} {e.offset}" for topic, events in self.events.items() for e in events
                      if e.bad and e.offset < offsets.get((topic, e.partition), 0))

    def differences(self, look):
        """What is wrong with a look at a target (see look())."""
        offsets = look["offsets"]
        wrong = []
        for topic, name in self.topics.items():
            should, is_there = self.expected(topic, offsets), look[name]
            if should != is_there:
                wrong.append(difference(f"app.{name}", should, is_there))
        letters = sorted(" ".join(line.split("\t")[:3]) for line in look["letters"])
        should = self.expected_letters(offsets)
        if should != letters:
            wrong.append(difference("dead letters", should, letters))
        return wrong


def text(values):
    return "\t".join("\\N" if v is None else str(v) for v in values)


def difference(what, should, is_there):
    """The lines that differ, with their multiplicity."""
    counts = {}
    for line in should:
        counts[line] = counts.get(line, 0) + 1
    for line in is_there:
        counts[line] = counts.get(line, 0) - 1
    lacking = [f"  {n} lacking: {line}" for line, n in counts.items() if n > 0]
    more = [f"  {-n} too many: {line}" for line, n in counts.items() if n < 0]
    return "\n".join([f"{what}: {len(should)} expected, {len(is_there)} there; {len(lacking)} lacking, {len(more)} too many", *lacking[:12], *more[:12]])


def look(server):
    """Offsets, dead letters and rows of a target, of one moment."""
    parts = {"offsets": OFFSETS, "letters": LETTERS, **QUERIES}
    script = ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"]
    for name, query in parts.items():
        script.append(f"\\echo --- {name}")
        table = query.rsplit(" FROM ", 1)[1].split()[0]
        script.append(f"SELECT to_regclass('{table}') IS NOT NULL AS there \\gset")
        script.append(f"\\if :there\nCOPY ({query}) TO STDOUT;\n\\endif")
    script.append("COMMIT;")
    output = server.script("\n".join(script))
    found = {name: [] for name in parts}
    name = None
    for line in output.split("\n"):
        if line.startswith("--- "):
            name = line[4:]
        elif line and name:
            found[name].append(line)
    for name in QUERIES:
        found[name].sort()
    found["offsets"] = {(t, int(p)): int(n) for t, p, n in (line.split("\t") for line in found["offsets"])}
    return found
