"""Ends every program that a supervisor started, as soon as the supervisor itself is gone, however it went.

The supervisor holds the other end of standard input. A closed pipe is the one sign of death that a process
killed with -9 still gives; `PR_SET_PDEATHSIG` would tie the children to the *thread* that started them, which
in a test suite ends long before the process. Runs alone, without the rest of the project.
"""

import os
import signal
import sys
import time
from pathlib import Path

STACK_VARIABLE = "PARTAGE_STACK"
ROUNDS_MAX = 50
ROUND_SECONDS = 0.05


def processes_with(variable: str, value: str) -> list[int]:
    """Ids of the living processes whose environment holds `variable=value`; empty where there is no /proc."""
    wanted = f"{variable}={value}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if wanted in environment and state != "Z" and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def kill_all(variable: str, value: str) -> int:
    """Kill every process marked with `variable=value`; again until none is left. Answers how many."""
    met: set[int] = set()
    for _ in range(ROUNDS_MAX):
        living = processes_with(variable, value)
        if not living:
            break
        met.update(living)
        for pid in living:
            _kill(pid)
        time.sleep(ROUND_SECONDS)
    return len(met)


def main(token: str) -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        word, _, number = line.strip().partition(" ")
        if word == "started":
            groups.add(int(number))
        elif word == "ended":
            groups.discard(int(number))
    # The groups told over the pipe are enough nearly always; the marks in /proc also find what was started a
    # moment before the supervisor died, and what the children started in sessions of their own.
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    kill_all(STACK_VARIABLE, token)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    main(sys.argv[1])
