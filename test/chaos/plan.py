"""A plan: which faults come when, told by the seed alone; and a run of it."""
import heapq
import random

LENGTH = 14.0  # seconds of workload
TARGETS = ("standby", "point in time", "dump", "clone", "none")
MODES = ("refuse", "reset", "stall", "deaf", "vanish")  # of proxy.py
LISTENERS = ("CLIENT", "CLIENT", "CLIENT", "INTERNAL", "CONTROLLER")


class Plan:
    def __init__(self, seed):
        self.seed = seed
        r = self.random = random.Random(f"plan {seed}")
        self.target = TARGETS[seed % len(TARGETS)]
        self.rate = r.choice((300, 600, 900))
        self.workers = r.randrange(1, 4)
        self.actions = []
        self.grow()
        self.add(r.randrange(2, 4), "server", ("kill worker", "kill worker", "kill coordinator", "kill launcher", "kill postmaster", "kill postmaster",
                                               "stop immediate", "stop fast", "stop fast"))
        self.add(r.randrange(1, 3), "process", ("terminate worker", "terminate coordinator", "terminate launcher", "cancel worker", "freeze worker",
                                                "freeze worker", "freeze coordinator", "freeze launcher"))
        self.add(r.randrange(2, 4), "steer", ("workers", "workers", "pause", "disable", "batch", "lock", "hold", "checkpoint"))
        self.add(r.randrange(2, 4), "broker", ("kill broker", "kill broker", "freeze broker", "freeze broker", "restart broker", "leaders"))
        self.add(r.randrange(2, 4), "network", MODES)
        if r.random() < 0.3:
            self.at(r.uniform(2, LENGTH - 3), r.choice(("kill all brokers", "freeze all brokers", "cut all brokers")))
        self.add(3, "look", ("look",))
        self.end_in = r.choice(("peace", "peace", "freeze all brokers", "cut all brokers", "freeze broker", "kill broker", "disabled", "paused"))
        self.change_target()
        self.actions.sort()

    def at(self, when, what):
        r = self.random
        # For how long, and two numbers to choose with: which process, which broker...
        self.actions.append((round(when, 1), what, round(r.uniform(0.5, 4), 1), r.randrange(1000), r.randrange(1000)))

    def add(self, count, _family, choices):
        for _ in range(count):
            self.at(self.random.uniform(0.5, LENGTH - 0.5), self.random.choice(choices))

    def grow(self):
        self.at(self.random.uniform(2, LENGTH - 2), "grow")

    def change_target(self):
        r = self.random
        if self.target == "standby":
            self.at(r.uniform(0.5, 4), "make standby")
            self.at(r.uniform(6, LENGTH - 2), "promote")
        elif self.target == "point in time":
            self.at(r.uniform(0.5, 3), "base backup")
            self.at(r.uniform(4, 8), "mark")
            self.at(r.uniform(9, LENGTH - 2), "restore")
        elif self.target == "dump":
            self.at(r.uniform(3, LENGTH - 2), "dump and restore")
        elif self.target == "clone":
            self.at(r.uniform(2, LENGTH - 3), "clone")

    def __str__(self):
        lines = [f"seed {self.seed}: {self.target}; {self.rate} changes a second, {self.workers} workers, stopped in: {self.end_in}"]
        lines += [f"  {when:5.1f} s  {what} (for {length} s; {one}, {other})" for when, what, length, one, other in self.actions]
        return "\n".join(lines)


class Timeline:
    """Actions in their time, and what they start is ended in its time."""

    def __init__(self, plan):
        self.queue = [(when, i, what, args) for i, (when, what, *args) in enumerate(plan.actions)]
        self.count = len(self.queue)
        heapq.heapify(self.queue)

    def later(self, when, what, *args):
        self.count += 1
        heapq.heappush(self.queue, (when, self.count, what, args))

    def next(self):
        return heapq.heappop(self.queue) if self.queue else None
