"""One program that we started: its log, its end, and that it never outlives us."""

import contextlib
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local import keeper
from local.failure import LocalFailure, PortOccupied, log_tail

LOG_BYTES_MAX = 32 * 1024 * 1024
POLL_SECONDS_MIN = 0.02
POLL_SECONDS_MAX = 0.2


class Child:
    """A program with a log file, in a session of its own, killed by the keeper if we die before it.

    `env`, when given, replaces the environment. `user` and `group` are numeric.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
        group: int | None = None,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self._env = env
        self._cwd = cwd
        self._user = user
        self._group = group
        self._process: subprocess.Popen[bytes] | None = None
        self.log_start_bytes = 0

    @property
    def pid(self) -> int | None:
        """Id of the process, None before the first start."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether it lives. Asking also reaps it: a dead child that nobody waits for stays as a zombie."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs or before the first start."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, appending to the log. Refuses with a sentence when the program is missing."""
        assert not self.running, f"{self.name} is already running"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        keep_log_small(self.log)
        environment = dict(os.environ if self._env is None else self._env)
        environment[keeper.STACK_VARIABLE] = _Keeper.token
        with self.log.open("ab") as output:
            self.log_start_bytes = output.tell()
            try:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    cwd=self._cwd,
                    start_new_session=True,
                    user=self._user,
                    group=self._group,
                    extra_groups=None if self._group is None else [],
                )
            except OSError as error:
                raise LocalFailure(f"{self.name} cannot be started: {error}.") from error
        _Keeper.tell(f"started {self._process.pid}")

    def give(self, variables: Mapping[str, str]) -> None:
        """Add to its environment, from its next start on."""
        self._env = {**(os.environ if self._env is None else self._env), **variables}

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        if self.running and self._process:
            self._process.send_signal(number)

    def stop(self, *, by: signal.Signals = signal.SIGTERM, grace_seconds: float = 15.0) -> None:
        """Ask it to end, wait, and kill it when it does not. Does nothing when it has ended."""
        self.send(by)
        try:
            self.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """kill -9 of the whole process group, and reap."""
        if self._process is None:
            return
        if self.running:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()
        self._process.wait()
        self._forget()

    def wait(self, timeout_seconds: float) -> None:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        if self._process is not None:
            self._process.wait(timeout_seconds)

    def output_since_start(self) -> str:
        """What it wrote since its last start."""
        try:
            with self.log.open("rb") as file:
                file.seek(self.log_start_bytes)
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Wait until `is_ready` says so; refuses with a sentence when it ends first or time is up."""
        began = time.monotonic()
        pause = POLL_SECONDS_MIN
        while not is_ready():
            waited = time.monotonic() - began
            if not self.running:
                raise LocalFailure(
                    f"{self.name} ended while starting ({ended_how(self.exit_status)}). {log_tail(self.log)}"
                )
            if waited > timeout_seconds:
                raise LocalFailure(
                    f"{self.name} did not become ready within {timeout_seconds:g} s. {log_tail(self.log)}"
                )
            time.sleep(pause)
            pause = min(POLL_SECONDS_MAX, pause * 1.3)

    def _forget(self) -> None:
        if self._process is not None and not self.running:
            _Keeper.tell(f"ended {self._process.pid}")


def ended_how(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "still running"
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    Each process takes its own in turn, from a block of its own below the ports that the system gives to
    outgoing connections: what another stack chooses at the same time, or a client is given before a program
    has opened its port, is another one.
    """
    block = _PORTS_FROM + os.getpid() % _BLOCKS * _PORTS_PER_BLOCK
    for _ in range(_PORTS_PER_BLOCK):
        port = block + next(_turns) % _PORTS_PER_BLOCK
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        any_port: int = probe.getsockname()[1]
        return any_port


_PORTS_FROM = 10_000
_PORTS_PER_BLOCK = 100
_BLOCKS = 220
_turns = itertools.count()


def refuse_occupied(port: int, *, wanted_by: str, change_by: str) -> None:
    """Say who holds a fixed port, where that can be read, and how to choose another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise PortOccupied(
                f"Port {port}, wanted by {wanted_by}, may not be opened by this user: the ports "
                f"below 1024 are for the system. You can {change_by}."
            ) from error
        except OSError as error:
            pid = holder_of(port)
            who = "another program" if pid is None else f"process {pid} ({_program(pid)})"
            raise PortOccupied(
                f"Port {port}, wanted by {wanted_by}, is taken by {who}. Stop that program, or {change_by}."
            ) from error


def holder_of(port: int) -> int | None:
    """Id of the process that listens on a TCP port; None where it cannot be read."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    if not inodes:
        return None
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(descriptor) in inodes:
                return int(descriptor.parts[2])
        except OSError:
            continue
    return None


def keep_log_small(log: Path) -> None:
    """Move a long log aside and empty it in place, since the program that writes it keeps it open."""
    try:
        if log.stat().st_size < LOG_BYTES_MAX:
            return
        log.with_name(log.name + ".1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
    except FileNotFoundError:
        return


def _program(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "unreadable"
    return " ".join(word.decode(errors="replace") for word in words[:4] if word)[:120]


class _Keeper:
    """The one keeper of this process, started with the first child."""

    token = f"{os.getpid()}-{secrets.token_hex(8)}"
    _process: subprocess.Popen[bytes] | None = None
    _lock = threading.Lock()

    @classmethod
    def tell(cls, message: str) -> None:
        with cls._lock:
            if cls._process is None or cls._process.poll() is not None:
                cls._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(Path(keeper.__file__)), cls.token],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd="/",
                )
            assert cls._process.stdin is not None, "opened as a pipe"
            try:
                cls._process.stdin.write(message.encode() + b"\n")
                cls._process.stdin.flush()
            except BrokenPipeError:
                cls._process.wait()
