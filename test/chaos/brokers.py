"""Three real Kafka brokers (KRaft, each a controller too), and the network between all parts.

Each broker has four listeners. Servers reach CLIENT, brokers each other's INTERNAL and CONTROLLER, all
through proxies that can cut them. DIRECT is for the driver's own producer and reader, which need to
know what Kafka holds whatever the network does.
"""
import base64
import os
import shutil
import signal
import subprocess
import sys
import time

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from processes import JAVA, WORK, Failed, free_ports, run, send, spawn, wait_until

COUNT = 3
LISTENERS = ("CLIENT", "DIRECT", "INTERNAL", "CONTROLLER")
PROXIED = ("CLIENT", "INTERNAL", "CONTROLLER")
LIBS = os.environ.get("KAFKA_LIBS", "") + "/*"


class Broker:
    def __init__(self, number, ports):
        self.number = number
        self.home = f"{WORK}/kafka-{number}"
        self.own = dict(zip(LISTENERS, ports))
        self.seen = dict(self.own)  # the ports that others use
        self.process = None
        self.frozen = False

    def up(self):
        return self.process is not None and self.process.poll() is None and not self.frozen

    def start(self):
        if self.process is None or self.process.poll() is not None:
            self.frozen = False
            self.process = spawn(JAVA + ["-Xmx256m", "-cp", LIBS, "kafka.Kafka", f"{self.home}/server.properties"],
                                 f"{WORK}/log/kafka-{self.number}.log", stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.frozen = False

    def stop(self):
        """Clean, but not for longer than that takes with others in good health."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def freeze(self):
        self.frozen = send(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        send(self.process.pid, signal.SIGCONT)
        self.frozen = False

    def write_properties(self, voters):
        def addresses(ports, names):
            return ",".join(f"{name}://127.0.0.1:{ports[name]}" for name in names)

        os.makedirs(self.home, exist_ok=True)
        with open(f"{self.home}/server.properties", "w") as out:
            out.write(f"""process.roles=broker,controller
node.id={self.number}
controller.quorum.voters={voters}
listeners={addresses(self.own, LISTENERS)}
advertised.listeners={addresses(self.seen, LISTENERS[:3])}
listener.security.protocol.map={",".join(name + ":PLAINTEXT" for name in LISTENERS)}
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
log.dirs={self.home}/data
auto.create.topics.enable=false
default.replication.factor={COUNT}
min.insync.replicas=2
offsets.topic.num.partitions=1
offsets.topic.replication.factor={COUNT}
replica.lag.time.max.ms=3000
replica.socket.timeout.ms=4000
controller.quorum.fetch.timeout.ms=4000
controlled.shutdown.max.retries=1
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
leader.imbalance.check.interval.seconds=3
leader.imbalance.per.broker.percentage=0
log.index.size.max.bytes=65536
log.segment.bytes=16777216
file.delete.delay.ms=1000
num.network.threads=2
num.io.threads=3
group.initial.rebalance.delay.ms=0
""")


class Kafka:
    def __init__(self):
        ports = free_ports(COUNT * (len(LISTENERS) + len(PROXIED)))
        self.brokers = [Broker(i + 1, [ports.pop() for _ in LISTENERS]) for i in range(COUNT)]
        pairs = []
        for broker in self.brokers:
            for name in PROXIED:
                broker.seen[name] = ports.pop()
                pairs.append(f"{broker.seen[name]}:{broker.own[name]}")
        self.proxy = spawn([sys.executable, os.path.dirname(os.path.abspath(__file__)) + "/proxy.py", *pairs], f"{WORK}/log/proxy.log",
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.proxy.stdout.readline()
        voters = ",".join(f"{b.number}@127.0.0.1:{b.seen['CONTROLLER']}" for b in self.brokers)
        for broker in self.brokers:
            broker.write_properties(voters)
        self._format()
        for broker in self.brokers:
            broker.start()
        self.direct = self.addresses("DIRECT")
        self.client = self.addresses("CLIENT")
        self.admin = AdminClient({"bootstrap.servers": self.direct, "log_level": 0})
        self.wait_whole(240)

    def _format(self):
        """Formats one's storage, and the others' as its copy: each time takes a JVM."""
        first = self.brokers[0]
        run(*JAVA, "-Xmx128m", "-cp", LIBS, "kafka.tools.StorageTool", "format", "-t", "Y2hhb3NjaGFvc2NoYW9zYw",
            "-c", f"{first.home}/server.properties")
        for broker in self.brokers[1:]:
            shutil.copytree(f"{first.home}/data", f"{broker.home}/data")
            path = f"{broker.home}/data/meta.properties"
            with open(path) as file:
                lines = file.read().splitlines()
            with open(path, "w") as file:
                for line in lines:
                    name = line.partition("=")[0]
                    own = {"node.id": str(broker.number), "directory.id": base64.urlsafe_b64encode(b"directory of " + b"%3d" % broker.number).decode()[:22]}
                    file.write((f"{name}={own[name]}" if name in own else line) + "\n")

    def addresses(self, listener):
        return ",".join(f"127.0.0.1:{b.seen[listener]}" for b in self.brokers)

    # ---- faults --------------------------------------------------------------------------------------

    def network(self, broker, listener, mode):
        self.proxy.stdin.write(f"{broker.seen[listener]} {mode}\n")
        self.proxy.stdin.flush()
        if self.proxy.stdout.readline() != "ok\n":
            raise Failed("the proxies are gone")

    def heal(self):
        """Everything as at the start."""
        for broker in self.brokers:
            for listener in PROXIED:
                self.network(broker, listener, "pass")
            if broker.frozen:
                broker.thaw()
            broker.start()

    def away(self):
        return [b for b in self.brokers if not b.up()]

    def wait_whole(self, seconds, prefix="", restart=True):
        """Until all brokers know each other, and every partition of these topics has two replicas in sync.
        A broker that left because it could not register for long is started again: by the main thread
        only, with which our children end."""
        lacking = "answers"

        def whole():
            nonlocal lacking
            for broker in self.brokers if restart else ():
                broker.start()
            try:
                seen = self.admin.list_topics(timeout=2)
            except KafkaException as error:
                lacking = str(error)
                return False
            poor = [f"{n} {p.id}: leader {p.leader}, in sync {p.isrs}" for n, t in seen.topics.items() if n.startswith(prefix)
                    for p in t.partitions.values() if p.leader < 0 or len(p.isrs) < 2]
            lacking = f"brokers {list(seen.brokers)}; {poor}"
            return len(seen.brokers) == COUNT and not poor
        wait_until(seconds, lambda: f"the brokers are whole: {lacking}", whole, 0.2)

    # ---- topics --------------------------------------------------------------------------------------

    def make_topics(self, partitions):
        for name, made in self.admin.create_topics([NewTopic(n, c, COUNT) for n, c in partitions.items()], operation_timeout=20).items():
            made.result(30)
        self.wait_partitions(partitions)

    def topics_seen(self):
        """What the brokers tell; nothing while none of them answers."""
        try:
            return self.admin.list_topics(timeout=5).topics
        except KafkaException:
            return {}

    def wait_partitions(self, partitions):
        def there():
            seen = self.topics_seen()
            return all(n in seen and len(seen[n].partitions) == c and all(p.leader > 0 for p in seen[n].partitions.values()) for n, c in partitions.items())
        wait_until(60, "the topics are there", there)

    def grow_topic(self, name, count):
        deadline = time.monotonic() + 60
        while True:
            try:
                self.admin.create_partitions([NewPartitions(name, count)], operation_timeout=10)[name].result(15)
                break
            except (KafkaException, TimeoutError) as error:
                seen = self.topics_seen()
                if name in seen and len(seen[name].partitions) == count:
                    break
                if time.monotonic() > deadline:
                    raise Failed(f"no partitions are added: {error}") from error
                time.sleep(0.5)
        self.wait_partitions({name: count})

    def drop_topics(self, names):
        for gone in self.admin.delete_topics(list(names), operation_timeout=20).values():
            try:
                gone.result(30)
            except (KafkaException, TimeoutError):
                pass
