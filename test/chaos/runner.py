"""Runs one plan against the brokers and servers, and judges it."""
import json
import os
import random
import time

from brokers import LIBS
from oracle import Oracle, look, read_back
from plan import LENGTH, LISTENERS, MODES, Timeline
from processes import JAVA, WORK, Failed, as_server, run, spawn, wait_until
from server import DATABASE, PROCESSES, Server
from workload import PARTITIONS, Load, Workload

APPLIED_WITHIN = 120  # seconds, once all is whole again
STOPPED_WITHIN = 1.0
LOG_LINES = 1500  # of one server in one plan


class Runner:
    def __init__(self, kafka, templates, plan, number):
        self.kafka, self.plan = kafka, plan
        self.home = f"{WORK}/pg/plan-{number}"
        run(*as_server("mkdir", self.home))
        self.prefix = f"c{number}s{plan.seed}"
        self.empty, base = templates
        self.servers = []
        self.target = self.new_server("first").copy_of(base)
        self.aside = None  # a standby or a backup that waits for its turn
        self.clone = None
        self.mark = None
        self.looks = []
        self.story = []
        self.found = None
        self.began = time.monotonic()

    # ---- small things ------------------------------------------------------------------------------------

    def new_server(self, name):
        server = Server(name, self.home)
        self.servers.append(server)
        return server

    def now(self):
        return time.monotonic() - self.began

    def tell(self, text):
        self.story.append(f"{self.now():6.2f} {text}")

    def choose(self, kind, number):
        """A pid of this kind of process; none when it is not there for long."""
        for _ in range(30):
            pids = self.target.processes(kind)
            if pids:
                return pids[number % len(pids)]
            time.sleep(0.1)
        return None

    def look(self, server):
        self.looks.append((f"{server.name} at {self.now():.2f} s", look(server)))

    # ---- the run -----------------------------------------------------------------------------------------

    def run(self):
        workload = Workload(self.plan.seed, self.prefix)
        self.kafka.make_topics(workload.topics())
        self.target.configure(f"kafka_cdc_sink.topics = '^{self.prefix}[.]app[.]'\nkafka_cdc_sink.max_workers = {self.plan.workers}")
        self.target.start()
        self.load = Load(self.kafka, workload, self.plan.rate)
        self.load.start()
        self.wait_seen(workload)
        self.began = time.monotonic()
        self.timeline = Timeline(self.plan)
        while (step := self.timeline.next()) is not None:
            when, _, what, args = step
            time.sleep(max(0.0, when - self.now()))
            if self.load.error:
                raise Failed(f"the producer: {self.load.error}")
            self.do(what, args)
        time.sleep(max(0.0, LENGTH - self.now()))
        self.peace()
        self.load.finish()
        self.tell(f"{self.load.sent} records produced" + (f"; the producer was made anew {self.load.anew} times" if self.load.anew else ""))
        self.judge(workload)

    def wait_seen(self, workload):
        """Until the sink knows its topics. Of one that it sees first when that has grown already, it could
        not know which rows changed their partition."""
        count = sum(workload.topics().values())
        wait_until(60, "the sink sees its topics", lambda: self.target.sql("SELECT count(*) FROM kafka_cdc_sink.offsets") == str(count))
        self.target.sql("CREATE TABLE seen ()")  # so that a crash does not lose them

    def do(self, what, args):
        if callable(what):
            what(*args)
            return
        length, one, other = args
        name, _, kind = what.partition(" ")
        method = getattr(self, "do_" + what.replace(" ", "_"), None)
        if method is not None:
            told = method(length, one, other)
        elif what in MODES:
            told = self.cut(what, length, one, other)
        else:
            told = getattr(self, "do_" + name)(kind, length, one, other)
        self.tell(f"{what}: {told or 'done'}")

    def later(self, seconds, what, *args):
        self.timeline.later(self.now() + seconds, what, *args)

    # ---- processes of the server -----------------------------------------------------------------------------

    def do_kill(self, kind, _length, one, _other):
        pid = self.choose(kind, one)
        return "none there" if pid is None or not self.target.kill_process(pid) else f"{pid}"

    def do_freeze(self, kind, length, one, _other):
        pid = self.choose(kind, one)
        if pid is None or not self.target.freeze_process(pid):
            return "none there"
        self.later(length, self.target.thaw, pid)
        return f"{pid} for {length} s"

    def do_terminate(self, kind, _length, one, _other):
        self.target.sql(f"SELECT pg_terminate_backend(pid) FROM ({PROCESSES[kind]}) p LIMIT {1 + one % 2}")

    def do_cancel_worker(self, *_):
        self.target.sql(f"SELECT pg_cancel_backend(pid) FROM ({PROCESSES['worker']}) p")

    def do_kill_postmaster(self, length, *_):
        self.target.kill()
        time.sleep(length / 4)
        self.target.start()

    def do_stop_immediate(self, length, *_):
        self.target.stop("immediate")
        time.sleep(length / 4)
        self.target.start()

    def do_stop_fast(self, length, *_):
        took = self.stop_fast(self.target)
        time.sleep(length / 4)
        self.target.start()
        return "broken off" if took is None else f"in {took:.3f} s"

    def stop_fast(self, server):
        took = server.stop("fast")
        if took is not None and took > STOPPED_WITHIN:
            raise Failed(f"{server.name}: stop -m fast took {took:.3f} s")
        return took

    # ---- steering --------------------------------------------------------------------------------------------

    def do_workers(self, _length, one, _other):
        self.plan.workers = 1 + one % 4
        self.target.set(max_workers=self.plan.workers)
        return f"{self.plan.workers}"

    def do_batch(self, _length, one, _other):
        self.target.set(batch_size=(1, 20, 1000, 5000)[one % 4])

    def do_pause(self, length, *_):
        self.target.sql("SELECT kafka_cdc_sink.pause('chaos')")
        self.later(length, lambda: self.target.sql("SELECT kafka_cdc_sink.resume()"))

    def do_disable(self, length, *_):
        self.target.set(enabled="off")
        self.later(length, lambda: self.target.set(enabled="on"))

    def do_lock(self, length, one, _other):
        """A session of a user holds a table."""
        table = ("items", "plain", "log", "moved")[one % 4]
        text = f"SET idle_in_transaction_session_timeout = '30s'; BEGIN; LOCK TABLE app.{table}; SELECT pg_sleep({length}); COMMIT"
        self.in_session(text)
        return table

    def do_hold(self, length, one, _other):
        """A session of a user holds rows."""
        table = ("items", "plain", "flat", "moved")[one % 4]
        self.in_session(f"BEGIN; SELECT count(*) FROM (SELECT FROM app.{table} ORDER BY id LIMIT 20 FOR UPDATE) r; SELECT pg_sleep({length}); COMMIT")
        return table

    def in_session(self, text):
        from server import BIN
        spawn([f"{BIN}/psql", "-X", "-q", "-h", f"{WORK}/socket", "-p", str(self.target.port), "-U", "postgres", "-d", DATABASE, "-c", text],
              f"{WORK}/log/sessions.log")

    def do_checkpoint(self, *_):
        self.target.sql("CHECKPOINT")

    def do_look(self, *_):
        for server in filter(None, (self.target, self.clone)):
            self.look(server)

    # ---- brokers and the network -----------------------------------------------------------------------------

    def broker_for(self, number):
        """One that may leave: only while the others are there."""
        return None if self.kafka.away() else self.kafka.brokers[number % len(self.kafka.brokers)]

    def do_kill_broker(self, length, one, _other):
        broker = self.broker_for(one)
        if broker is None:
            return "another one is away"
        broker.kill()
        self.later(length, broker.start)
        return f"{broker.number} for {length} s"

    def do_freeze_broker(self, length, one, _other):
        broker = self.broker_for(one)
        if broker is None:
            return "another one is away"
        broker.freeze()
        self.later(length, broker.thaw)
        return f"{broker.number} for {length} s"

    def do_restart_broker(self, _length, one, _other):
        broker = self.broker_for(one)
        if broker is None:
            return "another one is away"
        broker.stop()
        broker.start()
        return f"{broker.number}"

    def do_kill_all_brokers(self, length, *_):
        for broker in self.kafka.brokers:
            broker.kill()
        for broker in self.kafka.brokers:
            self.later(length, broker.start)

    def do_freeze_all_brokers(self, length, *_):
        for broker in self.kafka.brokers:
            if broker.up():
                broker.freeze()
                self.later(length, broker.thaw)

    def do_cut_all_brokers(self, length, one, _other):
        mode = ("refuse", "stall", "deaf", "vanish")[one % 4]
        for broker in self.kafka.brokers:
            self.kafka.network(broker, "CLIENT", mode)
            self.later(length, self.kafka.network, broker, "CLIENT", "pass")
        return mode

    def do_leaders(self, *_):
        """Other brokers are to lead: they do as soon as the controller balances."""
        seen = self.kafka.topics_seen()
        if not seen:
            return "no broker answers"
        partitions = [{"topic": t, "partition": p.id, "replicas": p.replicas[1:] + p.replicas[:1]}
                      for t in seen if t.startswith(self.prefix) for p in seen[t].partitions.values()]
        path = f"{WORK}/leaders.json"
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"version": 1, "partitions": partitions}, out)
        spawn([*JAVA, "-Xmx128m", "-cp", LIBS, "org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--bootstrap-server", self.kafka.direct,
               "--reassignment-json-file", path, "--execute"], f"{WORK}/log/leaders.log")
        return None

    def cut(self, mode, length, one, other):
        broker = self.kafka.brokers[one % len(self.kafka.brokers)]
        listener = "CLIENT" if mode == "vanish" else LISTENERS[other % len(LISTENERS)]
        self.kafka.network(broker, listener, mode)
        self.later(length, self.kafka.network, broker, listener, "pass")
        return f"{broker.number} {listener} for {length} s"

    def do_grow(self, *_):
        self.load.grow.set()

    # ---- other servers take over -----------------------------------------------------------------------------

    def do_make_standby(self, *_):
        self.aside = self.target.backup(self.new_server("standby"), "-R", "-X", "stream")
        self.aside.start()

    def do_promote(self, length, one, _other):
        standby = self.aside
        state = standby.sql("SELECT state FROM kafka_cdc_sink.status")
        if state != "standby":
            raise Failed(f"a standby's status is {state}")
        receiver = standby.sql("SELECT pid FROM pg_stat_wal_receiver")
        if one % 2 and receiver:
            standby.freeze_process(int(receiver))
            time.sleep(length / 2)
        behind = standby.sql("SELECT pg_last_wal_replay_lsn()")
        ahead = self.target.sql("SELECT pg_current_wal_insert_lsn()")
        self.target.kill()
        standby.thaw()
        standby.sql("SELECT pg_promote(true, 30)")
        self.take_over(standby)
        return f"at {behind}, the primary was at {ahead}"

    def do_base_backup(self, *_):
        archive = f"{self.home}/archive"
        run(*as_server("mkdir", archive))
        self.target.sql(f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'; SELECT pg_reload_conf()".replace("; ", ";\n"))
        self.aside = self.target.backup(self.new_server("restored"), "-X", "fetch")

    def do_mark(self, *_):
        self.mark = self.target.sql("SELECT pg_current_wal_insert_lsn()")
        return self.mark

    def do_restore(self, _length, one, _other):
        # (the record at the mark must be there and archived)
        segment = self.target.sql("SELECT pg_walfile_name(pg_switch_wal())")
        ahead = self.target.sql("SELECT pg_current_wal_insert_lsn()")
        self.target.sql("SELECT txid_current(); SELECT pg_switch_wal()")
        wait_until(30, "the log is archived", lambda: self.target.sql(f"SELECT last_archived_wal >= '{segment}' FROM pg_stat_archiver") == "t")
        if one % 2:
            self.target.kill()
        else:
            self.target.stop("immediate")
        self.aside.configure(f"restore_command = 'cp {self.home}/archive/%f %p'\nrecovery_target_lsn = '{self.mark}'\nrecovery_target_action = promote")
        run(*as_server("touch", f"{self.aside.data}/recovery.signal"))
        self.aside.start()
        wait_until(60, "the backup is restored", lambda: self.aside.sql("SELECT pg_is_in_recovery()") == "f")
        self.take_over(self.aside)
        return f"at {self.mark}, was at {ahead}"

    def do_dump_and_restore(self, _length, one, _other):
        from server import BIN
        self.target.sql("SELECT 1")
        other = self.new_server("fresh").copy_of(self.empty)
        other.configure("kafka_cdc_sink.enabled = off\n" + f"kafka_cdc_sink.topics = '^{self.prefix}[.]app[.]'")
        other.start()
        other.sql(f"CREATE DATABASE {DATABASE}", database="postgres")
        dump = f"{self.home}/dump"
        run(*as_server(f"{BIN}/pg_dump", "-h", f"{WORK}/socket", "-p", str(self.target.port), "-U", "postgres", "-Fc", "-f", dump, DATABASE))
        if one % 2:
            self.target.kill()
        else:
            self.stop_fast(self.target)
        run(f"{BIN}/pg_restore", "-h", f"{WORK}/socket", "-p", str(other.port), "-U", "postgres", "-d", DATABASE, "--exit-on-error", dump)
        other.set(enabled="on")
        self.take_over(other)

    def do_clone(self, *_):
        self.clone = self.target.backup(self.new_server("clone"), "-X", "stream")
        self.clone.start()

    def take_over(self, server):
        self.target.thaw()
        self.target = server
        server.set(max_workers=self.plan.workers)

    # ---- the end ---------------------------------------------------------------------------------------------

    def peace(self):
        """All faults are over, and what there is to apply will soon be there."""
        self.load.enough.set()
        self.kafka.heal()
        self.kafka.wait_whole(120, self.prefix)
        for server in filter(None, (self.target, self.clone)):
            server.thaw()
            server.set(enabled="on", max_workers=self.plan.workers)
            server.sql("SELECT kafka_cdc_sink.resume()")
        self.tell("peace")

    def judge(self, workload):
        topics = workload.topics()
        names = {f"{self.prefix}.app.{name}": name for name in PARTITIONS}
        self.found, ends = read_back(self.kafka.direct, topics)
        oracle = Oracle(self.found, names)
        wrong = []
        for server in filter(None, (self.target, self.clone)):
            try:
                self.wait_applied(server, ends)
            except Failed as error:
                wrong.append(str(error))
            self.look(server)
        for where, seen in self.looks:
            wrong += [f"{where}: {difference}" for difference in oracle.differences(seen)]
        bad = len(oracle.expected_letters(ends))
        self.tell(f"{sum(ends.values())} records in Kafka, {bad} of them bad; looked at {len(self.looks)} times")
        self.end()
        for server in self.servers:
            if os.path.exists(server.log):
                wrong += server.misdeeds(LOG_LINES)
        if wrong:
            raise Failed("\n".join(wrong))

    def wait_applied(self, server, ends):
        wait_until(APPLIED_WITHIN, lambda: f"{server.name} applies all: it lacks {missing(server, ends)}", lambda: not missing(server, ends), 0.2)
        self.tell(f"{server.name} has applied all")
        wait_until(60, lambda: f"{server.name} has its workers and runs: {server.sql('SELECT state, reason, workers FROM kafka_cdc_sink.status')}",
                   lambda: server.sql("SELECT state, workers FROM kafka_cdc_sink.status") == f"running|{self.plan.workers}")

    def end(self):
        """A fast stop takes no time whatever the brokers do."""
        state = self.plan.end_in
        length, one, two = 0, self.plan.random.randrange(100), 0
        if state == "disabled":
            self.target.set(enabled="off")
        elif state == "paused":
            self.target.sql("SELECT kafka_cdc_sink.pause()")
        elif state != "peace":
            getattr(self, "do_" + state.replace(" ", "_"))(length, one, two)
        time.sleep(self.plan.random.uniform(0, 1))
        for server in filter(None, (self.target, self.clone)):
            self.tell(f"{server.name} stopped in {self.stop_fast(server):.3f} s, {state}")

    def clean(self, failed, keep):
        """Ends what is left of the plan; the brokers are ready for the next one."""
        for server in self.servers:
            server.destroy()
        if failed:
            self.save(keep)
        load = getattr(self, "load", None)
        if load is not None:
            load.enough.set()
        self.kafka.heal()
        self.kafka.wait_whole(120, self.prefix)
        self.kafka.drop_topics(f"{self.prefix}.app.{name}" for name in PARTITIONS)
        run(*as_server("rm", "-rf", self.home))
        for server in self.servers:
            if os.path.exists(server.log):
                os.unlink(server.log)

    def save(self, keep):
        os.makedirs(keep, exist_ok=True)
        with open(f"{keep}/plan", "w") as out:
            out.write(f"{self.plan}\n\n" + "\n".join(self.story) + "\n")
        for name in os.listdir(f"{WORK}/log"):
            with open(f"{WORK}/log/{name}", "rb") as log, open(f"{keep}/{name}", "wb") as out:
                out.write(log.read())
        if self.found is not None:
            with open(f"{keep}/records", "w") as out:
                for messages in self.found.values():
                    for m in sorted(messages, key=lambda m: (m.partition(), m.offset())):
                        value = m.value() and m.value().decode(errors="replace").rpartition('"payload":')[2]
                        out.write(f"{m.topic()} {m.partition()} {m.offset()} {m.timestamp()[1]} {(m.key() or b'').decode()[-30:]} {value} {m.headers() or ''}\n")


def missing(server, ends):
    """What is not applied yet: {(topic, partition): (next offset, end)}."""
    rows = server.sql("SELECT topic, partition, next_offset FROM kafka_cdc_sink.offsets").split("\n")
    there = {(t, int(p)): int(n) for t, p, n in (row.split("|") for row in rows if row)}
    return {place: (there.get(place), end) for place, end in ends.items() if there.get(place) != end}
