"""Processes of a run: started so that none outlives it, and looked at through /proc."""
import ctypes
import os
import signal
import socket
import subprocess
import time

WORK = os.environ.get("WORK", "")
JAVA = ["java", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true", f"-Djava.io.tmpdir={WORK}"]
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Failed(Exception):
    """The plan failed; the text says how."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    """From here on a server whose pg_ctl has left is our child, and is gone at once when it is killed."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_child(pid):
    """Kills a process and waits until nothing is left of it, adopted or not."""
    send(pid, signal.SIGKILL)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        wait_until(10, f"process {pid} is gone", lambda: not alive(pid))


def spawn(command, log, **more):
    """A child that is killed when the driver ends, however it ends."""
    with open(log, "ab") as out:
        return subprocess.Popen(command, stdout=more.pop("stdout", out), stderr=out, preexec_fn=_die_with_parent, **more)


def as_server(*command):
    """The command for the user that servers run as (they refuse root)."""
    if os.getuid() != 0:
        return list(command)
    return ["runuser", "-u", os.environ["SERVER_USER"], "--", *command]


def run(*command, timeout=60, **more):
    done = subprocess.run(command, stdin=more.pop("stdin", subprocess.DEVNULL), capture_output=True, text=True, timeout=timeout, **more)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_until(seconds, what, condition, every=0.1):
    """Waits for a condition (what it returns when that is true); fails the plan otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(every)


def send(pid, number):
    """Sends a signal; false when there is no such process any more."""
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    if int(stat.read().rpartition(")")[2].split()[1]) == pid:
                        found.append(int(name))
            except OSError:
                pass
    return found
