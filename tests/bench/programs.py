"""Start the programs that are measured, wait until they answer, and read how much CPU time they took."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_SECONDS_MAX: Final = 90.0
STOP_SECONDS_MAX: Final = 10.0
LOG_CHARACTERS_SHOWN: Final = 2_000
_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Program:
    """A running program with its children."""

    name: str
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """What it and its living children have used until now, in user and system mode."""
        return cpu_seconds(self.pid)

    def memory_mb(self) -> float:
        """What it and its children hold in memory at this moment (RSS)."""
        return sum(_resident_mb(pid) for pid in tree(self.pid))


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path,
    ready_path: str | None = "/readyz",
) -> Iterator[Program]:
    """The program while the block runs. `ready_path` answers 200 once it is ready; None: its port is open."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(name, process, port, ready_path, log)
        yield Program(name, process.pid, port)
    finally:
        _stop(process)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and all its living descendants."""
    return sum(own_cpu_seconds(each) for each in tree(pid))


def tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def own_cpu_seconds(pid: int) -> float:
    """CPU time of a process alone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: state, parent, …, user ticks (11), system ticks (12)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def _wait_until_ready(
    name: str, process: subprocess.Popen[bytes], port: int, path: str | None, log: Path
) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if _is_ready(port, path):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{name} did not become ready:\n{log.read_text()[-LOG_CHARACTERS_SHOWN:]}")


def _is_ready(port: int, path: str | None) -> bool:
    try:
        if path is None:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for signal_number in (15, 9):
        for pid in reversed(tree(process.pid)) if signal_number == 9 else [process.pid]:
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                continue
        try:
            process.wait(STOP_SECONDS_MAX)
            return
        except subprocess.TimeoutExpired:
            continue
