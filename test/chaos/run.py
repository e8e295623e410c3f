"""Runs plans of faults, one after another: run.py PLANS; SEED: of the first one. Prints TAP."""
import os
import signal
import subprocess
import sys
import time
import traceback

from brokers import Kafka
from plan import Plan
from processes import WORK, Failed, adopt_orphans, as_server, run
from runner import Runner
from server import DATABASE, TABLES, Server


def make_templates(kafka):
    """Data directories that plans begin with: of a server without the database, and of one with it."""
    home = f"{WORK}/pg/templates"
    run(*as_server("mkdir", home))
    empty = Server("empty", home)
    empty.init(kafka.client)
    base = Server("base", home).copy_of(empty)
    base.start()
    base.sql(f"CREATE DATABASE {DATABASE}", database="postgres")
    base.sql(TABLES)
    base.stop("fast")
    return empty, base


def main():
    plans = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    first = int(os.environ.get("SEED") or time.time())
    keep = os.environ["KEEP"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    adopt_orphans()
    began = time.monotonic()
    kafka = Kafka()
    templates = make_templates(kafka)
    print(f"# brokers and servers are ready after {time.monotonic() - began:.0f} s; seeds {first} to {first + plans - 1}", flush=True)
    failed = 0
    for i in range(plans):
        plan = Plan(first + i)
        shown = str(plan)
        began = time.monotonic()
        runner = Runner(kafka, templates, plan, i)
        error = None
        try:
            runner.run()
        except (Failed, subprocess.TimeoutExpired) as e:
            error = str(e)
        except Exception:
            error = traceback.format_exc()
        took = time.monotonic() - began
        print(f"{'not ' if error else ''}ok {i + 1} - {shown.splitlines()[0]} ({took:.0f} s)", flush=True)
        kept = f"{keep}/{plan.seed}"
        if error:
            failed += 1
            told = [shown, "what was done:", *runner.story, "what failed:", error, runner.target.told() if runner.target.postmaster else ""]
            print("\n".join("# " + line for text in told for line in text.split("\n")) + f"\n# logs are in {kept}; again: SEED={plan.seed} test/chaos.sh 1", flush=True)
        elif os.environ.get("VERBOSE"):
            print("\n".join("# " + line for line in runner.story), flush=True)
        runner.clean(error is not None, kept)
    print(f"1..{plans}", flush=True)
    return 1 if failed else 0


sys.exit(main())
