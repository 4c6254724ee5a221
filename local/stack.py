"""The whole stack as one value: start it, find its addresses, kill and restart its programs, stop it."""

import asyncio
import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local import jars, keeper
from local.child import Child, ended_how, keep_log_small, refuse_occupied
from local.failure import LocalFailure, log_tail
from local.kafka import Kafka, SecureDoor
from local.paths import jars_dir, make_folder
from local.postgres import Postgres
from local.processes import (
    PORT_BASE_DEFAULT,
    PORT_BASE_MAX,
    SERVICES,
    Cell,
    Process,
    choose_ports,
    keys_of,
    processes,
)

LAYOUT_VERSION = 1
FREE_BYTES_MIN = 500_000_000
READY_TIMEOUT_SECONDS = 90
RUN_ONCE_TIMEOUT_SECONDS = 120
PROBE_TIMEOUT_SECONDS = 3
STOP_GRACE_SECONDS = 10
WATCH_PAUSE_SECONDS = 0.5
RESTART_PAUSE_SECONDS_MIN = 0.5
RESTART_PAUSE_SECONDS_MAX = 30.0
RESTARTS_IN_A_ROW_MAX = 10
HEALTHY_AFTER_SECONDS = 60
STILL_WAITING_EVERY_SECONDS = 5.0
RUN_DIR_VARIABLE = "PARTAGE_RUN_DIR"
# All that a start, the persons' tokens and the story write. VERSION, which says that the folder is ours, is
# last: a cleaning that was interrupted can be begun again.
WRITTEN = (
    "data",
    "logs",
    "tokens",
    "story",
    "cells",
    "addresses.json",
    "processes.json",
    "processes.part",
    "lock",
    "VERSION",
)


@dataclass
class _Watched:
    """A program of the stack and what the watcher remembers of it."""

    name: str
    start: Callable[[], None]
    child: Callable[[], Child | Postgres | Kafka]
    restarts_in_a_row: int = 0
    restarts: int = 0
    started_at: float = 0.0
    restart_at: float | None = None
    is_left_alone: bool = False


class Stack:
    """PostgreSQL, Kafka, the simulators, five services and a gateway, all in one data folder.

    `port_base=0` takes free ports, so that several stacks run side by side, each in its own `run_dir`.
    `supervise` brings dead programs back; without it they stay dead until `restart`. `durable=False` spares
    the disk, for tests. `environment` is added to that of every program, `table` says which there are.
    `broker_door` is the port of a proxy before the broker, which clients are then told; `secure_door` is a
    second listener of the broker, by TLS. All of it blocks; in an event loop use `async with`, or a thread.
    """

    def __init__(
        self,
        run_dir: Path,
        *,
        country: str = "be",
        port_base: int = 0,
        durable: bool = True,
        supervise: bool = True,
        environment: Mapping[str, str] | None = None,
        table: Callable[[Cell], Sequence[Process]] = processes,
        broker_door: int = 0,
        secure_door: SecureDoor | None = None,
        say: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self.run_dir = run_dir.resolve()
        self._country = country
        self._port_base = port_base
        self._durable = durable
        self._supervise = supervise
        self._environment = dict(environment or {})
        self._table = table
        self._broker_door = broker_door
        self._secure_door = secure_door
        self._say = say
        self._lock_file: IO[str] | None = None
        self._watched: dict[str, _Watched] = {}
        self._stages: list[list[str]] = []
        self._mutex = threading.RLock()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._cell: Cell | None = None

    @property
    def cell(self) -> Cell:
        """The cell that runs: its ports, topics and keys."""
        assert self._cell is not None, "start() makes the cell"
        return self._cell

    @property
    def addresses(self) -> dict[str, str]:
        """Addresses by the name of the environment variable that programs read them from."""
        return self.cell.addresses

    def start(self) -> None:
        """Start everything in order, waiting for each. On a failure what was started is stopped again."""
        self._stopping.clear()
        refuse_full_disk(self.run_dir)
        refuse_other_layout(self.run_dir)
        self._take_lock()
        try:
            self._refuse_other_country()
            self._forget_addresses()
            self._end_leftovers()
            (self.run_dir / "data").mkdir(exist_ok=True)
            (self.run_dir / "logs").mkdir(exist_ok=True)
            (self.run_dir / "VERSION").write_text(f"{LAYOUT_VERSION}\n")
            (self.run_dir / "data" / "country").write_text(f"{self._country}\n")
            self._cell = Cell(
                country=self._country,
                run_dir=self.run_dir,
                ports=self._choose_ports(),
                keys=keys_of(self.run_dir / "data"),
            )
            jars.ensure(say=self._say)
            self._start_programs(self._cell)
            (self.run_dir / "addresses.json").write_text(json.dumps(self.addresses, indent=2) + "\n")
        except BaseException:
            if self._stages:
                self._say("  stopping what was started")
            self.stop()
            raise
        if self._supervise:
            self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._watcher.start()

    @property
    def is_started(self) -> bool:
        """Whether the folder is ours and there is something to stop."""
        return self._lock_file is not None

    def stop(self) -> None:
        """Stop everything in reverse order and give the folder free; one that another stack has stays so."""
        self._stopping.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join(timeout=READY_TIMEOUT_SECONDS)
        with self._mutex:
            for stage in reversed(self._stages):
                with concurrent.futures.ThreadPoolExecutor(len(stage)) as pool:
                    list(pool.map(self._stop_one, stage))
            self._stages, self._watched = [], {}
            if self._lock_file is not None:
                self._forget_addresses()
                self._lock_file.close()
                self._lock_file = None

    def kill(self, name: str) -> None:
        """kill -9 of one program ("payroll worker", "postgres", "kafka"). A supervised stack restarts it."""
        with self._mutex:
            self._program(name).child().kill()

    def restart(self, name: str, *, timeout_seconds: float = READY_TIMEOUT_SECONDS) -> None:
        """Stop one program if it lives, start it, wait until it is ready."""
        with self._mutex:
            watched = self._program(name)
            _stop_child(watched.child())
            watched.is_left_alone, watched.restart_at = False, None
            watched.start()
            watched.started_at = time.monotonic()
        self.wait_ready(name, timeout_seconds=timeout_seconds)

    def hold(self, name: str) -> None:
        """Stop one program and keep the watcher from bringing it back; `restart` does."""
        with self._mutex:
            watched = self._program(name)
            watched.is_left_alone = True
            _stop_child(watched.child())

    def give(self, name: str, variables: Mapping[str, str]) -> None:
        """Other variables for a program, from its next start on."""
        with self._mutex:
            child = self._program(name).child()
            assert isinstance(child, Child), "PostgreSQL and Kafka are told by their settings"
            child.give(variables)

    def pid(self, name: str) -> int | None:
        """Id of a program's process."""
        return self._program(name).child().pid

    def is_running(self, name: str) -> bool:
        """Whether a program lives."""
        return self._program(name).child().running

    def log(self, name: str) -> Path:
        """The log of a program."""
        return self.run_dir / "logs" / f"{name.replace(' ', '-')}.log"

    def wait_ready(self, name: str, *, timeout_seconds: float = READY_TIMEOUT_SECONDS) -> None:
        """Wait until a program says that it is ready."""
        process = next((one for one in self._table(self.cell) if one.name == name), None)
        child = self._program(name).child()
        if process is not None and isinstance(child, Child):
            self._wait_for(process, child, timeout_seconds)

    @property
    def names(self) -> tuple[str, ...]:
        """The programs, in the order in which they were started."""
        return tuple(self._watched)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _start_programs(self, cell: Cell) -> None:
        table = self._table(cell)
        postgres = Postgres(
            self.run_dir / "data" / "postgres",
            durable=self._durable,
            port=cell.ports["postgres"],
            log=self.log("postgres"),
            environment=self._mark,
        )
        kafka = Kafka(
            self.run_dir / "data" / "kafka",
            port=cell.ports["kafka"],
            advertised_port=self._broker_door,
            secure_door=self._secure_door,
            log=self.log("kafka"),
            environment=self._mark,
        )
        self._add([_Watched("postgres", postgres.start, lambda: postgres)])
        self._add([_Watched("kafka", kafka.start, lambda: kafka)])
        tasks: dict[str, Callable[[], None]] = {
            "postgres": lambda: self._start_postgres(postgres),
            "kafka": lambda: self._start_kafka(kafka, cell),
        }
        after: dict[str, Sequence[str]] = {"postgres": (), "kafka": ()}
        earlier: list[str] = []
        for number in sorted({process.stage for process in table}):
            stage = [process for process in table if process.stage == number]
            self._add([self._program_of(process) for process in stage if not process.runs_once])
            for process in stage:
                runs = self._run_once(process) if process.runs_once else self._starter(process)
                tasks[process.name] = runs
                after[process.name] = earlier.copy() if process.after is None else process.after
            # The simulators know nothing of the database and the broker: all three start at once.
            earlier = list(tasks)
        self._together(tasks, after)
        self._write_processes()

    def _start_postgres(self, postgres: Postgres) -> None:
        postgres.start()
        for service in SERVICES:
            if postgres.ensure_database(service):
                self._done_mark(f"{service} migrate").unlink(missing_ok=True)

    def _start_kafka(self, kafka: Kafka, cell: Cell) -> None:
        kafka.start()
        kafka.ensure_topics(cell.topics)

    def _together(self, tasks: Mapping[str, Callable[[], None]], after: Mapping[str, Sequence[str]]) -> None:
        """Run each task once those it comes after are done, saying what is ready; raise the first failure."""
        began = time.monotonic()
        ended = {name: threading.Event() for name in tasks}

        def run(name: str) -> None:
            for earlier in after[name]:
                # Each task has its own time limit, and a failure of any ends all of them.
                ended[earlier].wait()
            if self._stopping.is_set():
                raise LocalFailure(f"{name} was not started: the stack is being stopped.")
            tasks[name]()
            ended[name].set()

        with concurrent.futures.ThreadPoolExecutor(len(tasks)) as pool:
            waiting = {pool.submit(run, name): name for name in tasks}
            try:
                while waiting:
                    done, _ = concurrent.futures.wait(
                        waiting,
                        timeout=STILL_WAITING_EVERY_SECONDS,
                        return_when=concurrent.futures.FIRST_COMPLETED,
                    )
                    if not done:
                        self._say(f"  … still waiting for {', '.join(sorted(waiting.values()))}")
                    for future in done:
                        name = waiting.pop(future)
                        future.result()
                        verb = "done" if name not in self._watched else "ready"
                        self._say(f"  {name:<20} {verb} after {time.monotonic() - began:4.1f} s")
            except BaseException:
                # The others see this and stop waiting, so that the pool can be left.
                self._stopping.set()
                for event in ended.values():
                    event.set()
                raise

    def _starter(self, process: Process) -> Callable[[], None]:
        def start() -> None:
            watched = self._watched[process.name]
            watched.start()
            child = watched.child()
            assert isinstance(child, Child), "the table of processes holds programs of ours alone"
            self._wait_for(process, child, READY_TIMEOUT_SECONDS)
            watched.started_at = time.monotonic()

        return start

    def _program_of(self, process: Process) -> _Watched:
        child = self.child_of(process)
        ports = [int(url.rpartition(":")[2]) for url in process.urls]

        def start() -> None:
            for port in ports:
                refuse_occupied(port, wanted_by=f"the {process.name}", change_by="set PORT_BASE")
            child.start()

        return _Watched(process.name, start, lambda: child)

    def _run_once(self, process: Process) -> Callable[[], None]:
        def run() -> None:
            inputs, mark = _digest(process.inputs), self._done_mark(process.name)
            if inputs and mark.exists() and mark.read_text() == inputs:
                return
            child = self.child_of(process)
            child.start()
            try:
                child.wait(RUN_ONCE_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired as error:
                child.kill()
                raise LocalFailure(
                    f"{process.name} did not end within {RUN_ONCE_TIMEOUT_SECONDS} s. {log_tail(child.log)}"
                ) from error
            if child.exit_status != 0:
                raise LocalFailure(
                    f"{process.name} failed ({ended_how(child.exit_status)}). {log_tail(child.log)}"
                )
            mark.parent.mkdir(exist_ok=True)
            mark.write_text(inputs)

        return run

    def child_of(self, process: Process) -> Child:
        """A program as described, not started; one that the table has not is the caller's to stop."""
        return Child(
            process.name,
            [sys.executable, *process.arguments],
            log=self.log(process.name),
            env={**_own_environment(), **self._mark, **process.env, **self._environment},
            cwd=process.cwd,
        )

    def _done_mark(self, name: str) -> Path:
        return self.run_dir / "data" / "done" / name.replace(" ", "-")

    def _wait_for(self, process: Process, child: Child, timeout_seconds: float) -> None:
        waiting = list(process.urls)
        last = "no answer"

        def is_ready() -> bool:
            nonlocal last
            if self._stopping.is_set():
                raise LocalFailure(f"{process.name} was not waited for: the stack is being stopped.")
            while waiting:
                status, last = probe(f"{waiting[0]}/readyz")
                if status != 200:
                    return False
                waiting.pop(0)
            return True

        try:
            child.wait_until(is_ready, timeout_seconds=timeout_seconds)
        except LocalFailure as failure:
            raise LocalFailure(f"{failure}\nIts last word on readiness: {last[:500]}") from None

    def _watch(self) -> None:
        rounds = 0
        while not self._stopping.wait(WATCH_PAUSE_SECONDS):
            rounds += 1
            with self._mutex:
                for watched in list(self._watched.values()):
                    if not self._stopping.is_set():
                        self._look_after(watched)
            if rounds % 120 == 0:
                for log in (self.run_dir / "logs").glob("*.log"):
                    keep_log_small(log)

    def _look_after(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.is_left_alone:
            return
        if watched.child().running:
            if watched.restarts_in_a_row and now - watched.started_at > HEALTHY_AFTER_SECONDS:
                watched.restarts_in_a_row = 0
            return
        if watched.restart_at is None:
            how = ended_how(watched.child().exit_status)
            if watched.restarts_in_a_row >= RESTARTS_IN_A_ROW_MAX:
                watched.is_left_alone = True
                self._say(
                    f"{watched.name} ended again ({how}), after {RESTARTS_IN_A_ROW_MAX} restarts in a row; "
                    f"it is not started any more. {log_tail(self.log(watched.name))}"
                )
                return
            pause = min(RESTART_PAUSE_SECONDS_MAX, RESTART_PAUSE_SECONDS_MIN * 2.0**watched.restarts_in_a_row)
            watched.restart_at = now + pause
            self._say(f"{watched.name} ended ({how}); it is started again in {pause:g} s.")
            return
        if now < watched.restart_at:
            return
        watched.restart_at = None
        watched.restarts += 1
        watched.restarts_in_a_row += 1
        watched.started_at = now
        try:
            watched.start()
        except LocalFailure as failure:
            self._say(f"{watched.name} could not be started again: {failure}")
        self._write_processes()

    def _add(self, stage: list[_Watched]) -> None:
        if not stage:
            return
        with self._mutex:
            self._stages.append([watched.name for watched in stage])
            self._watched |= {watched.name: watched for watched in stage}

    def _stop_one(self, name: str) -> None:
        watched = self._watched[name]
        if watched.child().running:
            _stop_child(watched.child())

    def _program(self, name: str) -> _Watched:
        if name not in self._watched:
            raise LocalFailure(f"There is no program {name}; there are {', '.join(self._watched)}.")
        return self._watched[name]

    def _choose_ports(self) -> dict[str, int]:
        ports = choose_ports(self._port_base)
        if self._port_base:
            other = _other_base(self._port_base)
            for name, port in ports.items():
                refuse_occupied(
                    port,
                    wanted_by=f"the {name}",
                    change_by=f"set PORT_BASE={other}, or PORT_BASE=0 for any free ports",
                )
        return ports

    @property
    def _mark(self) -> dict[str, str]:
        return {RUN_DIR_VARIABLE: str(self.run_dir)}

    def _refuse_other_country(self) -> None:
        """A cell never continues what another country has stored."""
        try:
            found = (self.run_dir / "data" / "country").read_text().strip()
        except OSError:
            return
        if found != self._country:
            raise LocalFailure(
                f"The data folder {self.run_dir} holds the cell {found}, and not {self._country}: set "
                "RUN_DIR to another folder, or delete it with `make clean` (it holds local test data alone)."
            )

    def _take_lock(self) -> None:
        make_folder(self.run_dir, set_by="RUN_DIR")
        try:
            file = (self.run_dir / "lock").open("a+")
        except OSError as error:
            raise LocalFailure(
                f"The folder {self.run_dir} cannot be written to ({error.strerror}): "
                "set RUN_DIR to another one."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            file.close()
            raise LocalFailure(
                f"A stack already runs in {self.run_dir} (process {pid}). `make status` shows it, "
                "`make stop` ends it."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._lock_file = file

    def _forget_addresses(self) -> None:
        for name in ("processes.json", "addresses.json"):
            (self.run_dir / name).unlink(missing_ok=True)

    def _end_leftovers(self) -> None:
        ended = keeper.kill_all(RUN_DIR_VARIABLE, str(self.run_dir))
        if ended:
            self._say(f"  ended {ended} processes that an earlier start had left behind")

    def _write_processes(self) -> None:
        rows = [
            {
                "name": one.name,
                "pid": one.child().pid,
                "restarts": one.restarts,
                "log": str(self.log(one.name)),
            }
            for one in self._watched.values()
        ]
        path = self.run_dir / "processes.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(rows, indent=2) + "\n")
        part.replace(path)


def supervisor_of(run_dir: Path) -> int | None:
    """Id of the process that runs a stack in this folder; None when none does."""
    try:
        file = (run_dir / "lock").open("r+")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return int(file.read().strip() or "0")
    return None


def layout_of(run_dir: Path) -> str | None:
    """The layout that the VERSION file of a data folder names; None in a folder that is not ours."""
    try:
        found = (run_dir / "VERSION").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    # Many folders have a file of this name; ours holds one whole number.
    return found if found.isdecimal() else None


def refuse_other_layout(run_dir: Path) -> None:
    """Refuse a folder that holds anything not ours, or data that another version of this program wrote."""
    found = layout_of(run_dir)
    if found is None:
        try:
            names = sorted(entry.name for entry in run_dir.iterdir() if not _is_from_setup(entry))
        except OSError:
            # Not there yet, or no folder that can be read: what is wrong with it is said when it is made.
            return
        if names:
            raise LocalFailure(
                f"The folder {run_dir} is not a data folder of the local stack: it has no VERSION of ours "
                f"and holds {', '.join(names[:3])}{' …' if len(names) > 3 else ''}. "
                "Set RUN_DIR to a new folder."
            )
    elif found != str(LAYOUT_VERSION):
        raise LocalFailure(
            f"The data folder {run_dir} has layout {found}, and this program writes layout {LAYOUT_VERSION}. "
            "Delete it with `make clean` (it holds local test data alone), or set RUN_DIR to another folder."
        )


def _is_from_setup(entry: Path) -> bool:
    # A start that has just begun has its lock, and not yet its VERSION. What tests and benches keep here is
    # no data of a cell.
    named = entry.name in ("lock", "jars", "chaos", "tools", "oracles", "bench.json")
    return named or entry == jars_dir() or entry in jars_dir().parents


def _other_base(port_base: int) -> int:
    if port_base < 1024:
        return PORT_BASE_DEFAULT
    return port_base + (1000 if port_base + 1000 <= PORT_BASE_MAX else -1000)


def refuse_full_disk(run_dir: Path) -> None:
    """Say before the start, not in the middle of a transaction, that the disk is full."""
    folder = next(parent for parent in (run_dir, *run_dir.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES_MIN:
        raise LocalFailure(
            f"The disk of {folder} has {free / 1e6:.0f} MB left, {FREE_BYTES_MIN / 1e6:.0f} MB are wanted. "
            "Free some space, or set RUN_DIR to a folder on another disk."
        )


def _digest(folders: Sequence[Path]) -> str:
    """One hash over the names and contents of all files in the folders; empty without folders."""
    if not folders:
        return ""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.sql")):
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _own_environment() -> dict[str, str]:
    # Without kept byte code each of a dozen programs would compile all that it imports, at every start.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _stop_child(child: Child | Postgres | Kafka) -> None:
    if isinstance(child, Child):
        child.stop(grace_seconds=STOP_GRACE_SECONDS)
    else:
        child.stop()


def probe(url: str) -> tuple[int, str]:
    """Ask an address of a program: the HTTP status, 0 when it does not answer, and what it said."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_SECONDS) as answer:  # noqa: S310  (our own address)
            return int(answer.status), answer.read(2000).decode(errors="replace")
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            return error.code, f"{error.code} {error.read(2000).decode(errors='replace')}"
    except (OSError, ValueError) as error:
        return 0, str(error)
