"""PostgreSQL servers with the extension: made from a template, killed, copied, restored."""
import os
import re
import signal
import subprocess
import time

from processes import WORK, Failed, alive, as_server, children, free_ports, kill_child, run, send, wait_until

BIN = os.environ.get("PG_BIN", "")
DATABASE = "mirror"
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{work}/socket'
log_line_prefix = '%m [%p] %b '
timezone = 'UTC'
log_timezone = 'UTC'
fsync = off
shared_buffers = '32MB'
max_worker_processes = 20
min_wal_size = '32MB'
max_wal_size = '256MB'
wal_keep_size = '64MB'
wal_retrieve_retry_interval = '200ms'
archive_mode = on
archive_command = '/bin/true'
log_checkpoints = off
shared_preload_libraries = 'kafka_cdc_sink'
kafka_cdc_sink.database = 'mirror'
kafka_cdc_sink.client_properties = 'fetch.wait.max.ms=50,reconnect.backoff.max.ms=1000,socket.timeout.ms=6000'
kafka_cdc_sink.bootstrap_servers = '{brokers}'
kafka_cdc_sink.topic_refresh = '1s'
kafka_cdc_sink.retry_backoff = '100ms'
kafka_cdc_sink.retry_backoff_max = '500ms'
kafka_cdc_sink.constraint_retry = '5min'
kafka_cdc_sink.max_dead_letters = -1
kafka_cdc_sink.batch_size = 300
kafka_cdc_sink.metrics_enabled = on
"""
# What the sink cannot make itself, or must not.
TABLES = r"""
CREATE EXTENSION kafka_cdc_sink;
CREATE SCHEMA app;
CREATE TABLE app.plain (id integer PRIMARY KEY, name text, n bigint, price numeric(12,2), big text);
CREATE TABLE app.log (n bigint, said varchar(10));
CREATE TABLE app.audit (id integer, n bigint, __op text, __partition integer, __offset bigint);
INSERT INTO kafka_cdc_sink.routes (topic, history) VALUES ('^[a-z0-9]+[.]app[.]audit$', true);
"""
# Errors of a server that crashed, recovers, or is not up yet.
PASSING = ("starting up|not yet accepting|shutting down|recovery mode|connection to server|server closed|terminating connection|crash of another")
PROCESSES = {"worker": "SELECT pid FROM kafka_cdc_sink.workers WHERE pid > 0 ORDER BY pid",
             "coordinator": "SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator'",
             "launcher": "SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher'"}


class Server:
    def __init__(self, name, home):
        self.name = name
        self.data = f"{home}/{name}"
        self.log = f"{WORK}/log/{name}-{os.path.basename(home)}.log"
        self.port, self.metrics_port = free_ports(2)
        self.killed = set()  # pids that were killed on purpose
        self.frozen = set()
        self.postmaster = None

    # ---- life ------------------------------------------------------------------------------------------

    def init(self, brokers):
        run(*as_server(f"{BIN}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"))
        self.configure(SETTINGS.format(work=WORK, brokers=brokers))

    def configure(self, lines):
        run(*as_server("sh", "-c", f"cat >>'{self.data}/postgresql.conf'"), input=lines + "\n", stdin=None)

    def copy_of(self, other):
        run(*as_server("cp", "-a", other.data, self.data))
        return self

    def start(self, wait=True):
        """What postmaster.pid tells of a server that was killed is no hindrance; its living children are."""
        run(*as_server(f"{BIN}/pg_ctl", "-D", self.data, "-l", self.log, "-o", f"-p {self.port} -c kafka_cdc_sink.metrics_port={self.metrics_port}", "-w" if wait else "-W", "-t", "60", "start"), timeout=90)
        with open(f"{self.data}/postmaster.pid") as file:
            self.postmaster = int(file.readline())

    def stop(self, mode):
        """Stops the server; for a fast one, the seconds until all processes but its own had left."""
        self.thaw()
        start = os.path.getsize(self.log)
        run(*as_server(f"{BIN}/pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "60", "stop"), timeout=90)
        self.postmaster = None
        if mode != "fast":
            return None
        at = {}
        lines = self.lines(start)
        if any(line.endswith("LOG:  abnormal database system shutdown") for line in lines):
            return None  # a process was killed just before
        for line in lines:
            found = re.match(r"\S+ (\d+):(\d+):([\d.]+) .*LOG:  (received fast shutdown request|shutting down)$", line)
            if found:
                at.setdefault(found[4], int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]))
        if len(at) < 2:
            raise Failed(f"{self.name}: no times of its stop in the log")
        return (at["shutting down"] - at["received fast shutdown request"]) % 86400

    def kill(self):
        """kill -9 of the postmaster; its children must leave by themselves."""
        left = children(self.postmaster)
        kill_child(self.postmaster)
        self.thaw()
        wait_until(15, lambda: f"{self.name}: processes outlive the postmaster: {[p for p in left if alive(p)]}", lambda: not any(alive(p) for p in left))
        self.postmaster = None

    def destroy(self):
        self.thaw()
        if self.postmaster is not None:
            left = children(self.postmaster)
            kill_child(self.postmaster)
            for pid in left:
                kill_child(pid)
            self.postmaster = None

    # ---- faults ----------------------------------------------------------------------------------------

    def processes(self, kind):
        return [int(pid) for pid in self.sql(PROCESSES[kind]).split()]

    def kill_process(self, pid):
        self.killed.add(pid)
        return send(pid, signal.SIGKILL)

    def freeze_process(self, pid):
        self.frozen.add(pid)
        self.killed.add(pid)  # a server that recovers from a crash kills those who do not hear it
        return send(pid, signal.SIGSTOP)

    def thaw(self, pid=None):
        for frozen in [pid] if pid is not None else list(self.frozen):
            send(frozen, signal.SIGCONT)
            self.frozen.discard(frozen)

    # ---- SQL -------------------------------------------------------------------------------------------

    def psql(self, text, timeout, database=DATABASE):
        return run(f"{BIN}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", f"{WORK}/socket", "-p", str(self.port), "-U", "postgres",
                   "-d", database, input=text, stdin=None, timeout=timeout, env={**os.environ, "PGCONNECT_TIMEOUT": "5"})

    def script(self, text, timeout=40, database=DATABASE):
        """What psql prints; through a recovery after a crash, too."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.psql(text, timeout, database)
            except subprocess.TimeoutExpired as error:
                raise Failed(f"{self.name} does not answer: {text[:200]}") from error
            except Failed as error:
                if not re.search(PASSING, str(error)) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def sql(self, text, timeout=40, database=DATABASE):
        return self.script(text, timeout, database).strip()

    def set(self, **settings):
        self.sql("".join(f"ALTER SYSTEM SET kafka_cdc_sink.{name} = '{value}';\n" for name, value in settings.items()) + "SELECT pg_reload_conf();")

    def told(self):
        """All that helps to see what a server is about."""
        parts = []
        for query in ("status", "workers", "partitions", "tables WHERE state <> 'running'", "offsets", "moves LIMIT 5",
                      "(SELECT topic, \"partition\", \"offset\", target, sqlstate, status, message, detail FROM kafka_cdc_sink.dead_letters ORDER BY id DESC LIMIT 30) l"):
            try:
                parts.append(self.psql(f"\\x\nSELECT * FROM {query if query.startswith('(') else 'kafka_cdc_sink.' + query}", 10))
            except (Failed, subprocess.TimeoutExpired) as error:
                parts.append(str(error))
        return "\n".join(parts)

    # ---- copies ----------------------------------------------------------------------------------------

    def backup(self, into, *options):
        self.sql("SELECT 1")
        run(*as_server(f"{BIN}/pg_basebackup", "-h", f"{WORK}/socket", "-p", str(self.port), "-U", "postgres", "-D", into.data, "-c", "fast", "-N", *options), timeout=120)
        return into

    def lines(self, start=0):
        with open(self.log, errors="replace") as file:
            file.seek(start)
            return file.read().splitlines()

    def misdeeds(self, limit):
        """What its log tells that the plan did not bring about."""
        wrong = []
        lines = self.lines()
        for line in lines:
            crash = re.search(r"\(PID (\d+)\) was terminated by signal (\d+)", line)
            if crash and not (int(crash[1]) in self.killed and crash[2] == "9"):
                wrong.append(line)
            elif re.search(r"PANIC:|TRAP:|stuck spinlock|Assertion|was terminated by exception|could not be stopped", line):
                wrong.append(line)
            elif re.search(r"kafka_cdc_sink.*exited with exit code (?!0|1\b|2\b)", line):
                wrong.append(line)
        if len(lines) > limit:
            often = {}
            for line in lines:
                shape = re.sub(r"\d+", "N", line.split("] ", 1)[-1])
                often[shape] = often.get(shape, 0) + 1
            wrong.append(f"{len(lines)} lines of log, {limit} allowed; most often:\n" + "\n".join(
                f"  {n} {shape[:200]}" for shape, n in sorted(often.items(), key=lambda item: -item[1])[:8]))
        return [f"{self.name}: {line}" for line in wrong]
