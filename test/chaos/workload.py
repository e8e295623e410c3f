"""The workload: changes of a few source tables, as Debezium's PostgreSQL connector writes them.

The generator needs to know rows only to make sensible changes. What is right in the end is not told
here but folded from what Kafka holds (oracle.py). Each event's place in the source is its LSN.

    items   with schemas; values left out, deletes, and records that are no JSON
    plain   without schemas, into a table made beforehand; values that its columns cannot hold
    flat    flattened by ExtractNewRecordState (rewrite), with schemas
    moved   keys change, over partitions
    grow    gets more partitions in mid-plan
    log     without key, into a table made beforehand
    audit   a history: each event is a row, of a table that nothing guards against a second one
"""
import base64
import json
import random
import threading
import time
import traceback

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from processes import Failed, wait_until

PARTITIONS = {"items": 3, "plain": 2, "flat": 2, "moved": 2, "grow": 1, "log": 3, "audit": 2}
GROWN = 3
MISSING = "__debezium_unavailable_value"
DECIMAL = "org.apache.kafka.connect.data.Decimal"
KEYS = 250  # rows of a table, about


def decimal(unscaled):
    return base64.b64encode(unscaled.to_bytes(max(1, (unscaled.bit_length() + 8) // 8), "big", signed=True)).decode()


def field(name, kind, optional=True, /, **more):
    return {"type": kind, "optional": optional, "field": name, **more}


COLUMNS = {
    "items": [field("id", "int32", False), field("name", "string"), field("n", "int64"),
              field("amount", "bytes", name=DECIMAL, version=1, parameters={"scale": "2", "connect.decimal.precision": "12"}),
              field("at", "int64", name="io.debezium.time.MicroTimestamp", version=1), field("big", "string")],
    "rest": [field("id", "int32", False), field("name", "string"), field("n", "int64"), field("big", "string")],
    "log": [field("n", "int64"), field("said", "string")],
}
SOURCE = {"type": "struct", "optional": False, "name": "io.debezium.connector.postgresql.Source", "version": 1, "field": "source",
          "fields": [field("connector", "string", False), field("ts_ms", "int64", False), field("db", "string", False),
                     field("schema", "string", False), field("table", "string", False), field("txId", "int64"), field("lsn", "int64")]}
FLAT_FIELDS = [field("__deleted", "string"), field("__op", "string"), field("__source_lsn", "int64")]


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Table:
    """Makes the records of one source table."""

    def __init__(self, topic, name):
        self.topic, self.name = topic, name
        self.partitions = PARTITIONS[name]
        columns = COLUMNS.get(name, COLUMNS["rest"])
        self.rows = {}
        self.whole_next = set()  # keys whose next record may not lack values
        rows = {"type": "struct", "fields": columns, "optional": True, "name": topic + ".Value"}
        self.key_schema = dump({"type": "struct", "fields": columns[:1], "optional": False, "name": topic + ".Key"})
        if name == "flat":
            self.schema = dump({**rows, "fields": columns + FLAT_FIELDS, "optional": False})
        else:
            self.schema = dump({"type": "struct", "optional": False, "name": topic + ".Envelope", "version": 2,
                                "fields": [{**rows, "field": "before"}, {**rows, "field": "after"}, SOURCE, field("op", "string", False), field("ts_ms", "int64")]})

    def key(self, number):
        if self.name == "log":
            return None
        payload = f'{{"id":{number}}}'
        return payload if self.name == "plain" else f'{{"schema":{self.key_schema},"payload":{payload}}}'

    def value(self, op, row, lsn):
        if self.name == "flat":
            payload = {**row, "__deleted": "true" if op == "d" else "false", "__op": op, "__source_lsn": lsn}
        else:
            now = int(time.time() * 1000)
            payload = {"before": row if op == "d" else None, "after": None if op == "d" else row,
                       "source": {"connector": "postgresql", "ts_ms": now, "db": "shop", "schema": "app", "table": self.name, "txId": lsn, "lsn": lsn},
                       "op": op, "ts_ms": now}
        text = dump(payload)
        return text if self.name == "plain" else f'{{"schema":{self.schema},"payload":{text}}}'

    def record(self, number, value, headers=()):
        """(topic, partition, key, value, headers)"""
        return (self.topic, number % self.partitions, self.key(number), value, list(headers))


class Workload:
    def __init__(self, seed, prefix):
        self.random = random.Random(f"workload {seed}")
        self.tables = {name: Table(f"{prefix}.app.{name}", name) for name in PARTITIONS}
        self.lsn = 1000
        self.odd = 0

    def topics(self):
        return {t.topic: t.partitions for t in self.tables.values()}

    def row(self, table, number, lacking):
        r = self.random
        big = MISSING if lacking else f"{r.randrange(10**12)} äöü “{'x' * r.randrange(60)}”"
        row = {"id": number, "name": f"name {r.randrange(10**6)} 'q' \"q\"", "n": self.lsn}
        if table.name == "items":
            row |= {"amount": decimal(r.randrange(-10**9, 10**9)), "at": 1700000000000000 + r.randrange(10**15)}
        if table.name == "plain":
            row |= {"price": decimal(r.randrange(-10**6, 10**6))}
        return row | {"big": big}

    def change(self):
        """The records of one change."""
        r = self.random
        self.lsn += 1
        name = r.choices(("items", "plain", "flat", "moved", "grow", "log", "audit"), (5, 4, 4, 2, 4, 5, 3))[0]
        table = self.tables[name]
        if r.random() < 0.004:
            return self.bad(table)
        if name == "log":
            return [table.record(self.lsn, table.value("c", {"n": self.lsn, "said": r.choice(("this", "that"))}, self.lsn))]
        number = r.choice(list(table.rows)) if table.rows and r.random() < 0.7 else r.randrange(KEYS)
        if number not in table.rows:
            table.rows[number] = True
            table.whole_next.discard(number)
            return [table.record(number, table.value("c", self.row(table, number, False), self.lsn))]
        if name == "moved" and r.random() < 0.15:
            return self.move(table, number)
        if r.random() < 0.25:
            return self.delete(table, number)
        lacking = name not in ("grow", "audit") and number not in table.whole_next and r.random() < 0.5
        table.whole_next.discard(number)
        return [table.record(number, table.value("u", self.row(table, number, lacking), self.lsn))]

    def delete(self, table, number):
        del table.rows[number]
        table.whole_next.discard(number)
        before = {**self.row(table, number, False), "name": "", "n": 0, "big": ""}
        records = [table.record(number, table.value("d", before, self.lsn))]
        if table.name != "flat":
            records.append(table.record(number, None))
        return records

    def move(self, table, number):
        other = self.random.randrange(KEYS)
        if other in table.rows:
            return []
        del table.rows[number]
        table.rows[other] = True
        there = [("__debezium.newkey", f'{{"id":{other}}}'.encode())]
        before = {**self.row(table, number, False), "name": "", "n": 0, "big": ""}
        return [table.record(number, table.value("d", before, self.lsn), there), table.record(number, None, there),
                table.record(other, table.value("c", self.row(table, other, self.random.random() < 0.6), self.lsn),
                             [("__debezium.oldkey", f'{{"id":{number}}}'.encode())])]

    def bad(self, table):
        """A record that cannot be applied. What follows it for the same row is whole."""
        if table.name == "items" and table.rows:
            number = self.random.choice(list(table.rows))
            table.whole_next.add(number)
            return [table.record(number, "no JSON, " + str(self.lsn))]
        if table.name == "log":
            long = table.value("c", {"n": self.lsn, "said": "longer than its column"}, self.lsn)
            return [table.record(self.lsn, self.random.choice((long, "{", long[:-1])))]
        if table.name == "plain":
            self.odd += 1
            row = {**self.row(table, 10**6 + self.odd, False), "price": decimal(10**15)}
            return [table.record(row["id"], table.value("c", row, self.lsn))]
        return []


def ends_of(brokers, places):
    """{(topic, partition): (first offset, end)}; none when some are not told. A client asks the leader that
    it knows, however long that is none any more: so each time another one."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "ends", "log_level": 0})
    try:
        return {place: consumer.get_watermark_offsets(TopicPartition(*place), timeout=5) for place in places}
    except KafkaException:
        return None
    finally:
        consumer.close()


class Load(threading.Thread):
    """Produces a workload at about so many records a second, until told to finish."""

    def __init__(self, kafka, workload, rate):
        super().__init__(daemon=True)
        self.kafka, self.workload, self.rate = kafka, workload, rate
        self.enough = threading.Event()
        self.grow = threading.Event()
        self.error = None  # why there is no more to come
        self.trouble = None  # why the producer is of no use any more
        self.records = {}  # what was sent, by topic and partition
        self.sent = self.anew = 0
        self.producer = self.make_producer()

    def make_producer(self):
        return Producer({
            "bootstrap.servers": self.kafka.direct, "enable.idempotence": True, "acks": "all", "message.timeout.ms": 180000, "linger.ms": 5,
            "max.in.flight": 1, "reconnect.backoff.max.ms": 500, "topic.metadata.refresh.interval.ms": 1000,
            "compression.type": "lz4", "log_level": 0, "queue.buffering.max.messages": 1000000})

    def serve(self, call, seconds):
        """Lets the producer report. It raises what is fatal."""
        try:
            call(seconds)
        except KafkaException as error:
            self.trouble = self.trouble or str(error)

    def told(self, error, _message):
        if error is not None:
            self.trouble = self.trouble or str(error)

    def produce(self, topic, partition, key, value, headers):
        self.records.setdefault((topic, partition), []).append((key, value, headers))
        self.sent += 1
        self.hand_over(topic, partition, key, value, headers)

    def hand_over(self, topic, partition, key, value, headers):
        while self.trouble is None:
            try:
                self.producer.produce(topic, partition=partition, key=key, value=value, headers=headers, on_delivery=self.told)
                return
            except BufferError:
                self.serve(self.producer.poll, 0.1)
            except KafkaException as error:
                self.trouble = self.trouble or str(error)

    def run(self):
        try:
            due = 0.0
            last = time.monotonic()
            while not self.enough.is_set():
                now = time.monotonic()
                due = min(due + (now - last) * self.rate, self.rate)
                last = now
                while due > 0:
                    records = self.workload.change()
                    for record in records:
                        self.produce(*record)
                    due -= max(len(records), 1)
                self.serve(self.producer.poll, 0.05)
                if self.grow.is_set():
                    self.grow.clear()
                    self.grow_topic()
                if self.trouble is not None:
                    self.start_anew()
            self.flush()
        except Failed as error:
            self.error = str(error)
        except Exception:  # that this thread ended is to be told whatever the reason
            self.error = traceback.format_exc()

    def flush(self):
        """Until Kafka has everything."""
        for _ in range(5):
            self.serve(self.producer.flush, 120)
            if self.trouble is None:
                return
            self.start_anew()
        raise Failed(f"what is produced does not arrive: {self.trouble}")

    def start_anew(self):
        """librdkafka's idempotent producer gives up now and then when leaders change. What Kafka has is the
        beginning of what was sent, so another one goes on behind its ends, once they stand still."""
        self.anew += 1
        self.producer.purge()
        self.serve(self.producer.flush, 5)
        self.kafka.wait_whole(120, next(iter(self.records))[0].split(".")[0], restart=False)
        ends = self.all_ends()
        still = time.monotonic()
        while time.monotonic() - still < 5:
            time.sleep(0.5)
            now = self.all_ends()
            if now != ends:
                ends, still = now, time.monotonic()
        self.producer = self.make_producer()
        self.trouble = None
        for (topic, partition), records in self.records.items():
            for record in records[ends[topic, partition]:]:
                self.hand_over(topic, partition, *record)

    def all_ends(self):
        ends = wait_until(60, "the ends are told", lambda: ends_of(self.kafka.direct, self.records))
        return {place: end for place, (_, end) in ends.items()}

    def grow_topic(self):
        """From here on the keys of this topic are in other partitions."""
        table = self.workload.tables["grow"]
        if table.partitions == GROWN:
            return
        self.flush()
        self.kafka.grow_topic(table.topic, GROWN)
        wait_until(60, "the producer sees the new partitions", self.sees_grown)
        table.partitions = GROWN

    def sees_grown(self):
        try:
            topic = self.workload.tables["grow"].topic
            return len(self.producer.list_topics(topic, timeout=5).topics[topic].partitions) == GROWN
        except KafkaException:
            return False

    def finish(self):
        self.enough.set()
        self.join(240)
        if self.is_alive() or self.error is not None:
            raise Failed(f"the producer: {self.error or 'does not end'}")
