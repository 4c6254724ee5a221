"""One run: a seed's stories under a seed's faults, then rest, then every check, then everything again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from local.failure import LocalFailure
from tests.chaos import plan
from tests.chaos.asking import PatientGateway, open_http
from tests.chaos.cell import ChaosCell, open_cell
from tests.chaos.checker import Finding, Scene, findings
from tests.chaos.drain import DRAIN_SECONDS_MAX, replayed_changes, when_quiet
from tests.chaos.facts import Facts
from tests.chaos.killer import EVERYBODY, Killer, Nurse
from tests.chaos.record import Run
from tests.chaos.wave import Wave, World
from tests.e2e.addresses import Addresses
from tests.e2e.answers import NoAnswer
from tests.e2e.client import Failed, Refused
from tests.e2e.databases import open_databases
from tests.e2e.house import staff_of
from tests.e2e.waiting import NeverHappened

# Under fire stories wait much more than they work: many wait together.
WAVES_AT_ONCE: Final = 4
STORIES_PER_WAVE: Final = 120


@dataclass(frozen=True, slots=True)
class Size:
    """How much one run does. Faults end after `fault_seconds`; None: when the last story has ended."""

    stories: int
    gap_seconds: float
    fault_seconds: float | None = None
    stories_per_wave: int = STORIES_PER_WAVE
    waves_at_once: int = WAVES_AT_ONCE
    victims: plan.Victims = EVERYBODY


class Field:
    """A running cell with everything a run or a trap needs on it."""

    def __init__(self, cell: ChaosCell, world: World, nurse: Nurse, killer: Killer) -> None:
        self.cell = cell
        self.world = world
        self.nurse = nurse
        self.killer = killer
        self.waves: list[Wave] = []

    async def checked(
        self, *, drain_seconds: float = DRAIN_SECONDS_MAX, with_replay: bool = True
    ) -> list[Finding]:
        """Heal, wait for rest, check everything, publish everything again, and see that nothing changed."""
        self.killer.heal()
        rest = await self._not_living()
        addresses, bootstrap = self.world.addresses, self.cell.stack.addresses["KAFKA_BOOTSTRAP"]
        rest += await when_quiet(addresses, seconds=drain_seconds)
        async with open_databases(addresses) as databases:
            found = [Finding("everything comes to rest", sentence) for sentence in rest]
            scene = Scene(self.waves, databases.by_service, addresses, bootstrap, self.world.http)
            found += await findings(scene)
        if with_replay and not rest:
            changed = await replayed_changes(addresses, bootstrap)
            found += [Finding("publishing all again changes nothing", sentence) for sentence in changed]
        return found

    async def _not_living(self) -> list[str]:
        try:
            await self.nurse.all_live()
        except LocalFailure as failure:
            return [str(failure)]
        return []


@asynccontextmanager
async def open_field(
    run_dir: Path,
    *,
    seed: int,
    say: Callable[[str], None],
    environment: dict[str, dict[str, str]] | None = None,
    patience_seconds: float | None = None,
) -> AsyncIterator[Field]:
    """A fresh cell in an empty folder, with a nurse, a killer and a patient client at the gateway's door."""
    async with open_cell(run_dir, seed=seed, environment=environment) as cell, open_http() as http:
        named = dict(cell.stack.addresses)
        named["GATEWAY_URL"] = f"http://127.0.0.1:{cell.doors['client > gateway'].port}"
        addresses = Addresses.of(named)
        gateway = PatientGateway(http, addresses)
        async with Facts(addresses) as facts:
            if patience_seconds is not None:
                facts.patience_seconds = patience_seconds
            world = World(gateway, http, addresses, facts, await staff_of(gateway), named["AUTHORITY_URL"])
            nurse, killer = Nurse(cell), Killer(cell, seed=seed, say=say)
            watching = asyncio.create_task(nurse.watch())
            try:
                yield Field(cell, world, nurse, killer)
            finally:
                killer.heal()
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)


async def run(run_dir: Path, seed: int, size: Size, commit: str, say: Callable[[str], None]) -> Run:
    """Play a seed's stories under its faults and check; what was found is in the answer."""
    began = time.monotonic()
    async with open_field(run_dir, seed=seed, say=say) as field:
        say(f"seed {seed}: everything runs after {time.monotonic() - began:.0f} s")
        field.waves = [
            Wave(field.world, wave)
            for wave in plan.waves(seed, size.stories, stories_per_wave=size.stories_per_wave)
        ]
        faults = plan.faults(seed, size.victims, gap_seconds=size.gap_seconds)
        playing = time.monotonic()
        raging = asyncio.create_task(_rage(field.killer, faults, size.fault_seconds))
        stuck = await _play(field.waves, size.waves_at_once, say)
        raging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await raging
        story_seconds = time.monotonic() - playing
        say(f"seed {seed}: the stories ended after {story_seconds:.0f} s")
        found = stuck + await field.checked()
        again = field.world.gateway.again
        endings = Counter(story.ending.value for wave in field.waves for story in wave.plan.stories)
        return Run(
            seed=seed,
            stories=size.stories,
            commit=commit,
            seconds=round(time.monotonic() - began, 1),
            story_seconds=round(story_seconds, 1),
            faults=dict(field.killer.done),
            deaths=dict(field.nurse.deaths),
            again=dict(again),
            endings=dict(endings),
            findings=[str(finding) for finding in found],
        )


async def _rage(killer: Killer, faults: Iterator[plan.Fault], seconds: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await killer.rage(faults)


async def _play(waves: list[Wave], at_once: int, say: Callable[[str], None]) -> list[Finding]:
    """Every wave; what stopped one is a finding, and the others go on."""
    found, places = list[Finding](), asyncio.Semaphore(at_once)

    async def play(wave: Wave) -> None:
        async with places:
            began = time.monotonic()
            try:
                await wave.play()
            except* (NeverHappened, Refused, Failed, NoAnswer, httpx.HTTPError) as errors:
                for error in _flat(errors):
                    found.append(Finding("every story ends", f"{wave.plan.name}, {wave.chapter}: {error}"))
            say(f"wave {wave.plan.name}: {wave.chapter} after {time.monotonic() - began:.0f} s")

    await asyncio.gather(*(play(wave) for wave in waves))
    return found


def _flat(errors: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _flat(error)
        else:
            yield error
