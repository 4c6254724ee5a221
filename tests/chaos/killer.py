"""Break what runs, in the order of a seed, and bring back what died."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from commons.database import connect
from local.failure import LocalFailure
from local.processes import SERVICES
from tests.chaos.cell import SECOND_WORKERS, ChaosCell, door_names
from tests.chaos.plan import Fault, Kind, Victims

NURSE_PAUSE_SECONDS: Final = 0.3
ALL_LIVE_SECONDS_MAX: Final = 180.0
SLOW_SECONDS: Final = 0.15
JITTER_SECONDS: Final = 0.3
PLANNER: Final = "planner"
BACKENDS: Final = "postgres backends"
POSTMASTER: Final = "postgres"

_WORKERS: Final = (
    *(f"{service} worker" for service in SERVICES),
    *(f"{service} worker 2" for service in SECOND_WORKERS),
)
_APIS: Final = tuple(f"{service} api" for service in SERVICES)
EVERYBODY: Final = Victims(
    killed=(*_APIS, *_WORKERS, "gateway", PLANNER, POSTMASTER, BACKENDS, "kafka"),
    # Of PostgreSQL only the postmaster would stop, and its backends work on: that is no pause.
    paused=(*_APIS, *_WORKERS, "gateway", "kafka"),
    doors=tuple(door_names()),
)
# One minute is not enough for all: those without whom nothing moves.
THE_FEW: Final = Victims(
    killed=(
        "guarantee worker",
        "payroll worker",
        "invoicing worker",
        "invoicing api",
        "payroll api",
        "gateway",
        PLANNER,
        POSTMASTER,
        BACKENDS,
        "kafka",
    ),
    paused=("guarantee worker", "kafka"),
    doors=("broker", "payroll worker > postgres", "payroll > bank"),
)


class Nurse:
    """Starts every program that is dead, at once and for ever: the supervisor of a chaos run."""

    def __init__(self, cell: ChaosCell) -> None:
        self._stack = cell.stack
        self._busy: set[str] = set()
        self._left_dead: set[str] = set()
        self.deaths: Counter[str] = Counter()

    async def watch(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for name in self._stack.names:
                    if name in self._busy or name in self._left_dead or self._stack.is_running(name):
                        continue
                    self._busy.add(name)
                    self.deaths[name] += 1
                    group.create_task(self._revive(name))
                await asyncio.sleep(NURSE_PAUSE_SECONDS)

    async def all_live(self) -> None:
        """Wait until every program lives and says that it is ready. Raises LocalFailure."""
        end = time.monotonic() + ALL_LIVE_SECONDS_MAX
        for name in self._stack.names:
            while name in self._busy or not self._stack.is_running(name):
                if time.monotonic() > end:
                    raise LocalFailure(f"{name} does not live: {self.deaths[name]} deaths.")
                await asyncio.sleep(NURSE_PAUSE_SECONDS)
            await asyncio.to_thread(self._stack.wait_ready, name)

    def leave_dead(self, name: str) -> None:
        """Do not start this program before `revive`."""
        self._left_dead.add(name)

    def revive(self, name: str) -> None:
        """Start a program again that was left dead."""
        self._left_dead.discard(name)

    async def _revive(self, name: str) -> None:
        # Whoever cannot become ready now, since its database is gone, dies or becomes ready later.
        with contextlib.suppress(LocalFailure, AssertionError, OSError, subprocess.SubprocessError):
            await asyncio.to_thread(self._stack.restart, name)
        self._busy.discard(name)


class Killer:
    """Carries out faults; `done` counts them by kind and victim."""

    def __init__(self, cell: ChaosCell, *, seed: int, say: Callable[[str], None]) -> None:
        self._cell = cell
        self._random = random.Random(f"{seed}/killer")  # noqa: S311  (no secret)
        self._say = say
        self._paused: set[int] = set()
        self.done: Counter[str] = Counter()

    async def rage(self, faults: Iterator[Fault]) -> None:
        """One fault after the other, until cancelled; what lasts may meet the next."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(fault.after_seconds)
                group.create_task(self.break_one(fault))

    async def break_one(self, fault: Fault) -> None:
        """One fault, and its end where it has one."""
        self._say(f"  {fault.kind} {fault.victim}" + (f" for {fault.seconds:g} s" if fault.seconds else ""))
        if fault.kind is Kind.KILL:
            await self._kill(fault.victim)
        elif fault.kind is Kind.PAUSE:
            await self._pause(fault.victim, fault.seconds)
        else:
            await self._cut(fault)
        self.done[f"{fault.kind}: {fault.victim}"] += 1

    def heal(self) -> None:
        """Open every door and wake up whoever sleeps."""
        for door in self._cell.doors.values():
            door.open()
        for pid in self._paused:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._paused.clear()

    async def _kill(self, victim: str) -> None:
        if victim == BACKENDS:
            await self._kill_backend()
        elif victim == PLANNER:
            for pid in _planners(self._cell.stack.pid("gateway")):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            await asyncio.to_thread(self._cell.stack.kill, victim)

    async def _kill_backend(self) -> None:
        """One backend of a service dies; PostgreSQL then ends all of them and recovers."""
        with contextlib.suppress(Exception):
            db = await connect(self._cell.stack.addresses["POSTGRES_URL"], "chaos")
            try:
                rows = await db.fetch(
                    "select pid from pg_stat_activity where usename = any($1) and application_name not like 'chaos%'",
                    list(SERVICES),
                )
            finally:
                await db.close()
            os.kill(self._random.choice(rows)["pid"], signal.SIGKILL)

    async def _pause(self, victim: str, seconds: float) -> None:
        pid = self._cell.stack.pid(victim)
        if pid is None or not self._cell.stack.is_running(victim):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        self._paused.add(pid)
        try:
            await asyncio.sleep(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            self._paused.discard(pid)

    async def _cut(self, fault: Fault) -> None:
        door = self._cell.doors[fault.victim]
        match fault.kind:
            case Kind.SLOW:
                door.slow_down(SLOW_SECONDS, JITTER_SECONDS)
            case Kind.SILENT:
                door.silence()
            case Kind.DEAF:
                there = self._random.random() < 0.5
                door.silence(there=there, back=not there)
            case _:
                await door.refuse()
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            door.open()


def _planners(gateway: int | None) -> list[int]:
    """The planner's process: a child of the gateway's."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == gateway and b"planner" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
        except (OSError, ValueError, IndexError):
            continue
    return found
