"""Restore payroll alone to a moment in the middle of its stories, then lose Kafka; the bank is the judge.

`make restore-drill`. Payroll has a PostgreSQL of its own, as in production, with a base backup and an archive
of its WAL. The numbered phases are the commands of `deploy/helm/runbooks/restore.md`; what an operator of
Kubernetes does there is done with PostgreSQL's and our own programs.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from commons.database import COMMONS_SQL as SQL
from commons.kafka import ensure_topics
from commons.outbox import topic_of
from deploy.drills import judging
from deploy.drills.judging import Findings, Hour, Phase, Transfer
from deploy.drills.server import Generation
from local.processes import PARTITIONS_PER_TOPIC, SERVICES, Cell, Process, processes
from local.stack import Stack, probe
from tests.chaos import plan
from tests.chaos.asking import PatientGateway, open_http
from tests.chaos.checker import Scene, bookings, findings
from tests.chaos.drain import replayed_changes, when_quiet
from tests.chaos.facts import Facts
from tests.chaos.proxy import Door
from tests.chaos.wave import Wave, World
from tests.e2e.addresses import Addresses
from tests.e2e.databases import open_databases
from tests.e2e.house import staff_of
from tests.e2e.waiting import until

PAYROLL: Final = "payroll"
PROGRAMS: Final = ("payroll api", "payroll worker")
STORIES_PER_WAVE: Final = 6
COMMAND_SECONDS_MAX: Final = 300.0
QUIET_SECONDS: Final = 300.0
LOOKS: Final = 10
WAITS: Final = "The database is a restored one"
WHY: Final = ("--by", "drill", "--reason", "rehearsal")


class DrillFailed(Exception):
    """The drill could not go on; the sentence says what was seen."""


@dataclass(slots=True)
class Drill:
    """A running cell whose payroll has a server of its own, the stories, and what was found so far."""

    stack: Stack
    world: World
    door: Door
    payroll: Generation
    backup: Path
    waves: Mapping[str, Wave]
    found: Findings

    @asynccontextmanager
    async def phase(self, name: str) -> AsyncIterator[Phase]:
        """Time a step and say it when it is over."""
        began = time.monotonic()
        step = Phase(name, 0.0)
        yield step
        step.seconds = time.monotonic() - began
        self.found.phases.append(step)
        sys.stdout.write(f"{judging.table_of([step])}\n")
        sys.stdout.flush()

    async def stories_until_the_moment(self) -> datetime:
        """Stories of every stage; the moment is taken while contracts are asked for and work ends."""
        async with self.phase("stories, a base backup among them") as step:
            await asyncio.gather(
                self.waves["paid"].play(),
                self.waves["hired"].play("hire"),
                self.waves["quoted"].play("quote"),
                self.waves["admitted"].play("admit"),
                asyncio.to_thread(self.payroll.back_up, self.backup),
            )
            streams = [
                asyncio.create_task(self.waves["hired"].play("work")),
                asyncio.create_task(self.waves["quoted"].play("hire")),
            ]
            wave = self.waves["quoted"]
            half = -(-len(wave.told) // 3)
            await until(
                "a third of the contracts are asked for",
                lambda: self.world.facts.value(
                    PAYROLL, "select count(*) from contract where entity_id = $1", wave.entity_id
                ),
                lambda seen: seen >= half or streams[1].done(),
                seconds=COMMAND_SECONDS_MAX,
            )
            moment = await asyncio.to_thread(self.payroll.now)
            booked = len(await self.transfers())
            step.note = f"the moment is {moment:%H:%M:%S.%f} UTC, {booked} wages are booked"
            await asyncio.gather(*streams)
        return moment

    async def stories_after_the_moment(self, moment: datetime) -> dict[str, int]:
        """Wages go to the bank of which the restored database will know nothing; the wages that are owed."""
        async with self.phase("stories after it, until their wages are at the bank") as step:
            await asyncio.gather(
                self.waves["hired"].play("wages"),
                self.waves["quoted"].play("wages"),
                self.waves["new"].play("wages"),
                asyncio.to_thread(self.payroll.wait_until_archived, moment),
            )
            owed = await self.owed()
            step.note = f"{len(owed)} wages, {len(await self.transfers())} booked by the bank"
        return owed

    async def lose_payroll(self) -> None:
        """Command 1: nobody writes to the old one any more. Here its disk is gone too."""
        async with self.phase("1. payroll's server is lost, its programs are held") as step:
            for name in PROGRAMS:
                await asyncio.to_thread(self.stack.hold, name)
            await asyncio.to_thread(self.payroll.lose)
            await self.door.cut()
            self.door.is_refusing = True
            step.note = "data folder gone, neighbours go on"

    async def restore(self, moment: datetime) -> None:
        """Command 2: a new generation, from the backup and the archive up to the moment."""
        async with self.phase("2. base backup, WAL up to the moment, promoted") as step:
            old = self.payroll
            new = Generation.of(old.folder.parent, PAYROLL, old.number + 1)
            await asyncio.to_thread(new.restore, self.backup, old.archive, moment)
            self.payroll = new
            self.door.target_port, self.door.is_refusing = new.server.port, False
            newest = await self.world.facts.value(PAYROLL, "select max(created) from outbox")
            known = await self.world.facts.value(PAYROLL, "select count(*) from outbox")
            if newest > moment:
                self.found.wrong.append(f"[restored too far] {newest} is after {moment}")
            step.note = f"{known} events are known"

    async def start_untold(self) -> list[asyncio.Task[None]]:
        """Command 3: the programs on the new generation. They must wait, and send nothing."""
        async with self.phase("3. programs on the new generation, nobody tells them") as step:
            given = {
                "DATABASE_URL": self.payroll.server.url(PAYROLL, PAYROLL),
                "DATABASE_GENERATION": str(self.payroll.number),
            }
            log, before = self.stack.log("payroll worker"), await self.transfers()
            tried = "select coalesce(sum(attempts + asked), 0) from effect"
            tries = await self.world.facts.value(PAYROLL, tried)
            written = log.stat().st_size
            starting = []
            for name in PROGRAMS:
                self.stack.give(name, given)
                starting.append(asyncio.create_task(self.started(name)))

            async def said() -> bool:
                with log.open("rb") as file:
                    file.seek(written)
                    return WAITS.encode() in file.read()

            await until("the worker says why it waits", said, bool, seconds=COMMAND_SECONDS_MAX)
            for _ in range(LOOKS):
                for name in PROGRAMS:
                    status, _answer = await asyncio.to_thread(probe, f"{self.stack.cell.url(name)}/readyz")
                    if status == 200:
                        self.found.wrong.append(f"[ready untold] {name} is ready, and nobody has told it")
                await asyncio.sleep(0.2)
            tried_since = await self.world.facts.value(PAYROLL, tried) - tries
            if tried_since or await self.transfers() != before:
                self.found.wrong.append("[sent untold] something was sent before anybody told the database")
            step.note = "not ready, nothing sent"
        return starting

    async def tell(self, moment: datetime, starting: Sequence[asyncio.Task[None]]) -> None:
        """Command 4."""
        async with self.phase("4. restored begin, until both programs are ready") as step:
            since = judging.told_at(moment)
            step.note = await self.command(PAYROLL, "restored", "begin", "--since", since, *WHY)
            await asyncio.gather(*starting)

    async def ask_again(self) -> None:
        """Command 5, and what it lists: members tell payroll again what they told it alone."""
        async with self.phase("5. restored left, and members ask again") as step:
            await until(
                "payroll has heard what it lost",
                self.differences,
                lambda seen: not any(f"{PAYROLL} has" in sentence for sentence in seen),
                seconds=QUIET_SECONDS,
            )
            left = await self.command(PAYROLL, "restored", "left")
            asked = [await wave.ask_again() for wave in self.waves.values()]
            profiles, contracts = (sum(each[place] for each in asked) for place in (0, 1))
            facts = len(left.splitlines())
            step.note = f"{facts} facts listed; asked again: {profiles} profiles, {contracts} contracts"

    async def end_stories(self, owed: Mapping[str, int]) -> None:
        """Every story to its end, once payroll has computed again what it had computed."""
        async with self.phase("every story to its end"):
            await until(
                "payroll knows every payslip again",
                self.owed,
                lambda now: owed.keys() <= now.keys(),
                seconds=QUIET_SECONDS,
            )
            await asyncio.gather(*(wave.repeat_again() for wave in self.waves.values()))
            await asyncio.gather(*(wave.play() for name, wave in self.waves.items() if name != "over kafka"))

    async def judge(self, name: str, owed: Mapping[str, int], *, topics_are_whole: bool = True) -> None:
        """Rest, then the bank, reconciliation, and every check of the history checker."""
        async with self.phase(f"judged: {name}") as step:
            addresses, wrong = self.world.addresses, self.found.wrong
            rest = await when_quiet(addresses, seconds=QUIET_SECONDS)
            wrong += [f"[no rest] {sentence}" for sentence in rest]
            now = await self.owed()
            wrong += [f"[wage changed] {sentence}" for sentence in _wages_changed(owed, now)]
            transfers = await self.transfers()
            wrong += [f"[bank] {sentence}" for sentence in judging.wages_at_the_bank(now, transfers)]
            wrong += [f"[reconciliation] {sentence}" for sentence in await self.differences()]
            async with open_databases(addresses) as databases:
                waves = list(self.waves.values())
                scene = Scene(
                    waves,
                    databases.by_service,
                    addresses,
                    addresses.kafka,
                    self.world.http,
                    topics_are_whole=topics_are_whole,
                )
                wrong += [str(finding) for finding in await findings(scene)]
            left = await self.command(PAYROLL, "restored", "left")
            if not left.startswith("Everything"):
                wrong += [f"[left] {line}" for line in left.splitlines()]
            step.note = (
                f"{len(now)} wages owed, {len(transfers)} booked by the bank, {len(wrong)} findings so far"
            )

    async def lose_kafka(self) -> None:
        """Kafka's disk is gone while a story is under way; it is made anew, and filled from the outboxes."""
        wave, bootstrap = self.waves["over kafka"], self.world.addresses.kafka
        await wave.play("quote")
        async with self.phase("Kafka is lost, while contracts are asked for") as step:
            hiring = asyncio.create_task(wave.play("hire"))
            await until(
                "a contract is asked for",
                lambda: self.world.facts.value(
                    PAYROLL, "select count(*) from contract where entity_id = $1", wave.entity_id
                ),
                lambda seen: seen > 0 or hiring.done(),
                seconds=COMMAND_SECONDS_MAX,
            )
            await asyncio.to_thread(self.stack.kill, "kafka")
            await asyncio.to_thread(self.stack.hold, "kafka")
            shutil.rmtree(self.stack.run_dir / "data" / "kafka")
            async with open_databases(self.world.addresses) as databases:
                step.note = f"unpublished then: {sum((await databases.unpublished()).values())}"
        async with self.phase("made anew: topics, workers started again"):
            await self.started("kafka")
            names = list(self.stack.cell.topics)
            await ensure_topics(bootstrap, names, partitions=PARTITIONS_PER_TOPIC)
            workers = [f"{service} worker" for service in SERVICES]
            await asyncio.gather(*(self.started(name) for name in workers))
        async with self.phase("replay of every outbox") as step:
            said = [
                await self.command(service, "replay", "--since", "2020-01-01T00:00+00:00", *WHY)
                for service in SERVICES
            ]
            step.note = f"{sum(int(one.split()[0]) for one in said)} events are published again"
        async with self.phase("the stories under way to their end"):
            await hiring
            await wave.play()

    async def publish_all_again(self) -> None:
        """The last proof: a repetition of everything changes no row."""
        async with self.phase("everything published once more"):
            changed = await replayed_changes(self.world.addresses, self.world.addresses.kafka)
            self.found.wrong += [f"[replay] {sentence}" for sentence in changed]

    async def started(self, name: str) -> None:
        """Start a program again and wait until it is ready, which it may be only once it was told."""
        await asyncio.to_thread(self.stack.restart, name, timeout_seconds=QUIET_SECONDS)

    async def command(self, service: str, *words: str) -> str:
        """Run a command of a service with the variables of its worker; what it said. Raises DrillFailed."""
        process = next(one for one in self._table() if one.name == f"{service} worker")
        child = self.stack.child_of(
            replace(process, name=f"{service}-{words[0]}-command", arguments=("-m", service, *words))
        )
        await asyncio.to_thread(child.start)
        await asyncio.to_thread(child.wait, COMMAND_SECONDS_MAX)
        said = child.output_since_start().strip()
        if child.exit_status != 0:
            raise DrillFailed(f"{service} {' '.join(words)} ended with {child.exit_status}: {said[-2_000:]}")
        return said

    async def owed(self) -> dict[str, int]:
        """What payroll says that it owes: amounts by the number of the payslip."""
        rows = await self.world.facts.rows(PAYROLL, "select id, net_payable_minor from payslip")
        return {row["id"].hex: row["net_payable_minor"] for row in rows}

    async def transfers(self) -> list[Transfer]:
        """What the bank says that it paid."""
        waves = [wave for wave in self.waves.values() if wave.opened]
        scene = Scene(waves, {}, self.world.addresses, "", self.world.http)
        return [
            Transfer(entry.end_to_end_id, entry.minor)
            for wave in waves
            for entry in await bookings(scene, wave)
            if entry.is_debit
        ]

    async def differences(self) -> list[str]:
        """Reconciliation over everything there ever was, with the statements of the workers."""
        ever = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        country = self.world.addresses.country
        published: dict[str, Hour] = {}
        received: dict[tuple[str, str], Hour] = {}
        noted = []
        async with open_databases(self.world.addresses) as databases:
            for service, db in databases.by_service.items():
                topic = topic_of(country, service)
                row = await db.fetchrow(SQL["published_between"], topic, *ever)
                assert row is not None, "an aggregate always answers"
                published[topic] = Hour(row["count"], row["ids"])
                for read in await db.fetch("select distinct topic from inbox"):
                    row = await db.fetchrow(SQL["received_between"], service, read["topic"], *ever)
                    assert row is not None, "an aggregate always answers"
                    received[service, read["topic"]] = Hour(row["count"], row["ids"])
                noted += [
                    f"{service} has noted that {row['topic']} differs in {row['hours']} hours"
                    for row in await db.fetch(SQL["count_differences"])
                ]
        return [*judging.hours_that_differ(published, received), *noted]

    def _table(self) -> Sequence[Process]:
        return _table(self.stack.cell, self.payroll)


def _table(cell: Cell, payroll: Generation) -> list[Process]:
    """The programs of a cell whose payroll has its own server, of which generation they are told."""
    given = {
        "DATABASE_URL": payroll.server.url(PAYROLL, PAYROLL),
        "DATABASE_GENERATION": str(payroll.number),
    }
    return [
        replace(process, env={**process.env, **given}) if process.name.startswith(f"{PAYROLL} ") else process
        for process in processes(cell)
    ]


def _wages_changed(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    return [
        f"{number} was {minor} and is {after.get(number)}"
        for number, minor in before.items()
        if after.get(number) != minor
    ]


@asynccontextmanager
async def opened(run_dir: Path, seed: int, stories: int) -> AsyncIterator[Drill]:
    """Payroll's own server first, then everything else."""
    payroll = Generation.of(run_dir / "servers", PAYROLL, 1)
    async with AsyncExitStack() as exits:
        await asyncio.to_thread(payroll.begin, PAYROLL)
        servers = [payroll]
        exits.push_async_callback(_stop, servers)
        door = Door(f"{PAYROLL}-pg-rw")
        door.target_port = payroll.server.port
        await exits.enter_async_context(door)
        stack = Stack(run_dir / "stack", port_base=0, durable=False, table=lambda cell: _table(cell, payroll))
        await exits.enter_async_context(stack)
        http = await exits.enter_async_context(open_http())
        named = dict(stack.addresses)
        named["PAYROLL_DATABASE_URL"] = f"postgresql://{PAYROLL}@127.0.0.1:{door.port}/{PAYROLL}"
        addresses = Addresses.of(named)
        gateway = PatientGateway(http, addresses)
        facts = await exits.enter_async_context(Facts(addresses))
        world = World(gateway, http, addresses, facts, await staff_of(gateway), named["AUTHORITY_URL"])
        names = ("paid", "hired", "quoted", "admitted", "new", "over kafka")
        plans = plan.waves(seed, stories * len(names), stories_per_wave=stories)
        waves = {name: Wave(world, each) for name, each in zip(names, plans, strict=True)}
        drill = Drill(stack, world, door, payroll, run_dir / "servers" / "backup", waves, Findings())
        try:
            yield drill
        finally:
            servers.append(drill.payroll)


async def _stop(servers: Sequence[Generation]) -> None:
    for generation in servers:
        await asyncio.to_thread(generation.server.stop)


async def run(run_dir: Path, seed: int, stories: int) -> Findings:
    """The whole drill; what was found."""
    async with opened(run_dir, seed, stories) as drill:
        moment = await drill.stories_until_the_moment()
        owed = await drill.stories_after_the_moment(moment)
        await drill.lose_payroll()
        # The neighbours go on: orders are quoted and confirmed while payroll is away.
        meanwhile = asyncio.create_task(drill.waves["admitted"].play("quote"))
        await drill.restore(moment)
        starting = await drill.start_untold()
        await drill.tell(moment, starting)
        await drill.ask_again()
        await meanwhile
        await drill.end_stories(owed)
        await drill.judge("payroll restored alone", owed)
        await drill.lose_kafka()
        await drill.judge("Kafka lost altogether", owed, topics_are_whole=False)
        await drill.publish_all_again()
        return drill.found


def main() -> int:
    """Run the whole drill and say what was found; 1 where anything was."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drills.restore", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides how each story ends")
    parser.add_argument("--stories", type=int, default=STORIES_PER_WAVE, help="in each of six waves")
    parser.add_argument("--keep", type=Path, help="a folder for the logs, which is kept")
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partage-drill-") as folder:
        found = asyncio.run(run(chosen.keep or Path(folder), chosen.seed, chosen.stories))
    sys.stdout.write(f"\n{judging.table_of(found.phases)}\nthe drill took {time.monotonic() - began:.0f} s\n")
    for sentence in found.wrong:
        sys.stdout.write(f"FOUND {sentence}\n")
    sys.stdout.write(f"{judging.verdict(found)}\n")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
