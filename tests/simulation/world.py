"""A seed is a schedule: who goes on at every step, who is killed where, how much time passes in between."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from commons.clock import Clock
from commons.database import is_transient
from commons.wake import Wake

BEGINNING: Final = datetime(2099, 1, 1, tzinfo=UTC)  # a time of its own: nothing here reads a real clock
STEPS_MAX: Final = 15_000
SHOWN_STEPS_MAX: Final = 400
KILL_CHANCE: Final = 0.012
REVIVE_CHANCE: Final = 0.08
REBALANCE_CHANCE: Final = 0.004
PASS_CHANCE: Final = 0.03
PASS_SECONDS: Final = (0.05, 0.2, 1.0, 5.0, 45.0)


class Stuck(AssertionError):
    """The schedule does not come to rest."""


@dataclass(eq=False)
class Waiting:
    """Somebody in front of a step. `idle`: there was nothing to do, and it would look again."""

    actor: str
    what: str
    idle: bool
    go: asyncio.Future[None]


@dataclass(eq=False)
class Process:
    """Something that can be killed at any step and started again: its parts live and die together."""

    name: str
    start: Callable[[Process], list[tuple[str, Coroutine[Any, Any, None]]]]
    world: World
    mortal: bool = True
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    alive: bool = False
    lives: int = 0
    on_death: list[Callable[[], None]] = field(default_factory=list)

    def begin(self) -> None:
        """Start its parts."""
        self.alive, self.lives = True, self.lives + 1
        self.on_death = []
        for part, work in self.start(self):
            task = asyncio.get_running_loop().create_task(work, name=f"{self.name} {part}")
            task.add_done_callback(self._ended)
            self.tasks.append(task)

    def kill(self) -> None:
        """kill -9: whatever was not committed is gone, and nothing of it runs any more."""
        self.alive = False
        for each in self.on_death:
            each()
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, Exception) or not is_transient(error):
            self.world.fail(error)  # nothing of what a seed does explains it
        elif self.alive and task in self.tasks:
            # Crash-only: the first exception of any part ends the process, and somebody starts it again.
            self.world.note(f"{task.get_name()} fails: {type(error).__name__}")
            self.kill()


class World:
    """The time, the processes and the schedule of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
        self.seconds = 0.0
        self.clock = SimulatedClock(self)
        self.schedule: list[tuple[float, str]] = []
        self.steps = 0
        self.processes: list[Process] = []
        self.next_due: list[Callable[[], datetime | None]] = []
        """When something that waits in a database is due next; asked only when nothing else moves."""
        self.rebalance: Callable[[], None] = lambda: None
        self._waiting: list[Waiting] = []
        self._rested: set[str] = set()
        self._faults_left = 0
        self._calm_until = math.inf
        self._at_rest: asyncio.Future[None] | None = None

    def process(
        self,
        name: str,
        start: Callable[[Process], list[tuple[str, Coroutine[Any, Any, None]]]],
        *,
        mortal: bool = True,
    ) -> Process:
        """A process of this world, started."""
        made = Process(name, start, self, mortal)
        self.processes.append(made)
        made.begin()
        return made

    async def step(self, what: str, *, idle: bool = False) -> None:
        """Stand here until the schedule lets this task go on."""
        task = asyncio.current_task()
        assert task is not None, "a step is taken in a task"
        go = asyncio.get_running_loop().create_future()
        waiting = Waiting(task.get_name(), what, idle, go)
        self._waiting.append(waiting)
        try:
            await go
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            raise

    def progressed(self, whose: str = "", parts: tuple[str, ...] = ("",)) -> None:
        """Something changed for these parts of the processes whose names begin so, or for everybody."""
        self._rested = {
            each for each in self._rested if not (each.startswith(whose) and each.endswith(parts))
        }

    def note(self, what: str) -> None:
        """A line of the schedule."""
        self.schedule.append((self.seconds, what))

    def fail(self, error: BaseException) -> None:
        """End this seed with an error."""
        if self._at_rest is not None and not self._at_rest.done():
            self._at_rest.set_exception(error)

    async def misfortune(self, steps: int) -> None:
        """Let a number of steps happen with kills, jumps of time and rebalances between any two."""
        self._faults_left = steps
        await self._rest()

    async def calm(self, *, seconds_max: float = math.inf) -> bool:
        """Start what is dead and let everything happen that happens by itself; whether nothing is left to.

        `seconds_max` is how long at most to wait in one piece and in all.
        """
        self._faults_left, self._calm_until = 0, self.seconds + seconds_max
        for process in self.processes:
            if not process.alive:
                self.note(f"{process.name} starts")
                process.begin()
        await self._rest()
        return not self._waits()

    async def _rest(self) -> None:
        self._at_rest = asyncio.get_running_loop().create_future()
        self.progressed()
        try:
            await self._at_rest
        finally:
            self._at_rest = None

    def decide(self, next_timer_seconds: float | None) -> None:
        """Called whenever no task can run: exactly one thing happens."""
        if self._at_rest is None or self._at_rest.done():
            return
        self.steps += 1
        if self.steps > STEPS_MAX:
            self.fail(Stuck(f"seed {self.seed} is not at rest after {STEPS_MAX} steps"))
            return
        if self._faults_left > 0:
            self._faults_left -= 1
            if self._faults_left == 0:
                self.note("the misfortunes end")
                self._at_rest.set_result(None)
                return
            if self._misfortune(next_timer_seconds):
                return
            if self._waiting:
                self._let_go(self.chance.choice(self._waiting))
            else:
                self._pass(0.05)
            return
        self._calmly(next_timer_seconds)

    def _misfortune(self, next_timer_seconds: float | None) -> bool:
        draw = self.chance.random()
        dead = [each for each in self.processes if not each.alive]
        if draw < KILL_CHANCE:
            alive = [each for each in self.processes if each.alive and each.mortal]
            if alive:
                victim = self.chance.choice(alive)
                self.note(f"{victim.name} is killed")
                victim.kill()
                return True
        draw -= KILL_CHANCE
        if dead and 0 <= draw < REVIVE_CHANCE:
            process = self.chance.choice(dead)
            self.note(f"{process.name} starts")
            process.begin()
            self.progressed()
            return True
        draw -= REVIVE_CHANCE
        if 0 <= draw < PASS_CHANCE:
            self._pass(self.chance.choice(PASS_SECONDS))
            return True
        draw -= PASS_CHANCE
        if 0 <= draw < REBALANCE_CHANCE:
            self.note("the partitions are dealt out again")
            self.rebalance()
            return True
        return False

    def _calmly(self, next_timer_seconds: float | None) -> None:
        for process in self.processes:
            if not process.alive:
                self.note(f"{process.name} starts")
                process.begin()
                self.progressed()
                return
        busy = [each for each in self._waiting if not each.idle]
        if busy:
            self._let_go(self.chance.choice(busy))
            return
        curious = [each for each in self._waiting if each.actor not in self._rested]
        if curious:
            chosen = self.chance.choice(curious)
            self._rested.add(chosen.actor)
            self._let_go(chosen)
            return
        # What is due already and moved nobody has its workers elsewhere.
        waits = [each for each in self._waits() if each > 0]
        if next_timer_seconds is not None:
            waits.append(next_timer_seconds)
        if waits and self.seconds + min(waits) < self._calm_until:
            self._pass(min(waits) + 0.001)
            self.progressed(parts=("parked", "deadlines", "effects 1", "effects 2"))
            return
        assert self._at_rest is not None
        self._at_rest.set_result(None)

    def _waits(self) -> list[float]:
        due = [at for each in self.next_due if (at := each()) is not None]
        return [(at - self.clock.now()).total_seconds() for at in due]

    def _let_go(self, waiting: Waiting) -> None:
        self._waiting.remove(waiting)
        if not waiting.idle:
            self.note(f"{waiting.actor}: {waiting.what}")
        if not waiting.go.done():
            waiting.go.set_result(None)

    def _pass(self, seconds: float) -> None:
        self.seconds += seconds
        self.note(f"{seconds:.2f} s pass")

    def told(self) -> str:
        """The seed and its schedule, for whoever has to find out what went wrong."""
        left_out = max(len(self.schedule) - SHOWN_STEPS_MAX, 0)
        lines = [f"{seconds:9.2f} s  {what}" for seconds, what in self.schedule[left_out:]]
        before = [f"… {left_out} steps before"] if left_out else []
        return "\n".join([f"seed {self.seed}", *before, *lines])


class SimulatedClock(Clock):
    """The time of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """This instant there."""
        return BEGINNING + timedelta(seconds=self._world.seconds)


class SimulatedWake(Wake):
    """A bell whose wait ends when the schedule says so: poll intervals are steps and not seconds."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def wait(self, timeout_seconds: float) -> None:
        """Rest until it is this loop's turn again."""
        await self._world.step("rests", idle=True)


class SimulatedLoop(asyncio.BaseEventLoop):
    """An event loop without a socket or a clock: when no task can run, the world decides what happens."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._selector = _Decisions(world)

    def time(self) -> float:
        """The world's seconds."""
        return self._world.seconds

    def _process_events(self, event_list: list[object]) -> None:
        return None


class _Decisions:
    def __init__(self, world: World) -> None:
        self._world = world

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None or timeout > 0:
            self._world.decide(timeout)
        return []


def run(world: World, story: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    """Run a story in a world until its end; everything still alive is killed then."""

    async def whole() -> None:
        try:
            await story(world)
        finally:
            tasks = [task for process in world.processes for task in process.tasks]
            for process in world.processes:
                process.kill()
            await asyncio.gather(*tasks, return_exceptions=True)

    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(world)) as runner:
        runner.run(whole())
