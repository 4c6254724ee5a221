"""Replace every process under load, twice, with an expansion and a contraction of the schema between.

`make upgrade-drill`. Processes end as the chart has them end: out of the Service, the wait before the signal,
SIGTERM, drain, exit. Of apis and gateways the new one comes before the old goes, of workers after.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx

from deploy.drills.balancer import Balancer
from deploy.drills.load import FAILURES_SHOWN_MAX, CountingGateway, Load
from deploy.drills.releases import Release, made_up_release
from local.child import Child, free_port
from local.paths import ROOT
from local.processes import HOST, SERVICES, Cell, Process, processes
from local.stack import Stack, probe
from tests.e2e.addresses import Addresses
from tests.e2e.databases import open_databases
from tests.e2e.waiting import until

REPLICAS: Final = 2
PRE_STOP_SECONDS: Final = 10.0  # the chart's preStop
GRACE_SECONDS: Final = 60.0
READY_SECONDS: Final = 120.0
DRAIN_SECONDS: Final = 6
QUIET_SECONDS: Final = 120.0
UNREADY_LOOKS: Final = 5
MIGRATE_SECONDS_MAX: Final = 120.0
GATEWAY: Final = "gateway"


class DrillFailed(Exception):
    """What was promised did not hold; the sentence says what was seen."""


@dataclass(slots=True)
class Findings:
    """What a drill measured. Figures are of this machine and are never asserted."""

    writes: int = 0
    reads: int = 0
    failures: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    replaced: int = 0
    events: int = 0
    parked: dict[str, int] = field(default_factory=dict)
    lost_or_doubled: int = 0
    stops_seconds: dict[str, float] = field(default_factory=dict)
    pauses_seconds: dict[str, float] = field(default_factory=dict)
    unready_before_migration: int = 0


class Fleet:
    """The replicated programs: which live, where, and of which release."""

    def __init__(
        self, stack: Stack, table: Sequence[Process], balancers: dict[str, Balancer], pre_stop: float
    ) -> None:
        self._stack = stack
        self._table = {process.name: process for process in table}
        self._balancers = balancers
        self._pre_stop_seconds = pre_stop
        self._children: dict[str, list[tuple[int, Child]]] = {name: [] for name in balancers}
        self._workers: dict[str, tuple[int, Child]] = {}
        self._count = 0
        self.findings = Findings()

    async def begin(self, release: Release, workers: Sequence[str]) -> None:
        """As many of each as there are replicas, and one worker of each service."""
        for name in self._balancers:
            for _ in range(REPLICAS):
                self._add(name, release)
        for name in workers:
            self._workers[name] = self._started(name, release)
        await asyncio.gather(
            *(self._until_given(name, port) for name, alive in self._children.items() for port, _ in alive),
            *(self._until_ready(port) for port, _ in self._workers.values()),
        )

    async def is_unready(self, service: str, release: Release) -> None:
        """A program whose schema is not there yet must not be given to anybody, while the others serve."""
        name = f"{service} api"
        port, child = self._started(name, release)
        try:
            await until(
                "it has started",
                lambda: asyncio.to_thread(probe, f"http://{HOST}:{port}/startz"),
                lambda seen: seen[0] == 200,
                seconds=READY_SECONDS,
            )
            for _ in range(UNREADY_LOOKS):
                status, said = await asyncio.to_thread(probe, f"http://{HOST}:{port}/readyz")
                if status == 200:
                    raise DrillFailed(f"{name} says ready although its migration has not run: {said}")
        finally:
            await asyncio.to_thread(child.stop, grace_seconds=GRACE_SECONDS)
        self.findings.unready_before_migration += 1

    async def migrate(self, service: str, release: Release) -> None:
        """The Job of the chart."""
        child = self._stack.child_of(release.of(self._table[f"{service} migrate"]))
        await asyncio.to_thread(child.start)
        await asyncio.to_thread(child.wait, MIGRATE_SECONDS_MAX)
        if child.exit_status != 0:
            raise DrillFailed(
                f"{service} migrate ended with {child.exit_status}: {child.output_since_start()[-2000:]}"
            )

    async def upgrade(self, release: Release) -> None:
        """Every process, one after another of each kind, the kinds side by side as a Deployment each."""
        await asyncio.gather(
            *(self._roll(name, release) for name in self._balancers),
            *(self._replace_worker(name, release) for name in self._workers),
        )

    async def end(self) -> None:
        """Stop all."""
        children = [child for alive in self._children.values() for _, child in alive]
        children += [child for _, child in self._workers.values()]
        await asyncio.gather(*(asyncio.to_thread(child.kill) for child in children))

    async def _roll(self, name: str, release: Release) -> None:
        # maxUnavailable 0, maxSurge 1.
        for old in list(self._children[name]):
            port = self._add(name, release)
            await self._until_given(name, port)
            self._balancers[name].take_out(old[0])
            await asyncio.sleep(self._pre_stop_seconds)
            await self._told_to_end(name, old[1])
            self._children[name].remove(old)

    async def _replace_worker(self, name: str, release: Release) -> None:
        # maxUnavailable 1, maxSurge 0.
        began = time.monotonic()
        await self._told_to_end(name, self._workers[name][1])
        self._workers[name] = self._started(name, release)
        await self._until_ready(self._workers[name][0])
        pause = time.monotonic() - began
        self.findings.pauses_seconds[name] = max(pause, self.findings.pauses_seconds.get(name, 0.0))

    async def _told_to_end(self, name: str, child: Child) -> None:
        began = time.monotonic()
        child.send(signal.SIGTERM)
        await asyncio.to_thread(child.wait, GRACE_SECONDS)
        if child.exit_status not in (0, -signal.SIGTERM):
            raise DrillFailed(f"{name} ended with {child.exit_status}: {child.output_since_start()[-2000:]}")
        seconds = time.monotonic() - began
        self.findings.stops_seconds[name] = max(seconds, self.findings.stops_seconds.get(name, 0.0))
        self.findings.replaced += 1

    def _add(self, name: str, release: Release) -> int:
        port, child = self._started(name, release)
        self._children[name].append((port, child))
        self._balancers[name].put_in(port)
        return port

    def _started(self, name: str, release: Release) -> tuple[int, Child]:
        port = free_port()
        process = release.of(self._table[name])
        self._count += 1
        env = {**process.env, "HTTP_PORT": str(port), "DRAIN_SECONDS": str(DRAIN_SECONDS)}
        child = self._stack.child_of(replace(process, name=f"{name} {self._count}", env=env))
        child.start()
        return port, child

    async def _until_given(self, name: str, port: int) -> None:
        balancer = self._balancers[name]

        async def is_ready() -> bool:
            return balancer.is_ready(port)

        await until(f"a new {name} is ready", is_ready, bool, seconds=READY_SECONDS)

    async def _until_ready(self, port: int) -> None:
        await until(
            "a worker is ready",
            lambda: asyncio.to_thread(probe, f"http://{HOST}:{port}/readyz"),
            lambda seen: seen[0] == 200,
            seconds=READY_SECONDS,
        )


@asynccontextmanager
async def fleet_of(
    run_dir: Path, services: Sequence[str], *, with_gateway: bool, pre_stop_seconds: float
) -> AsyncIterator[tuple[Fleet, Addresses]]:
    """A stack of which the named services, and the gateway, are the fleet's and stand behind balancers."""
    async with AsyncExitStack() as opened:
        replicated = [f"{service} api" for service in services] + ([GATEWAY] if with_gateway else [])
        balancers = {name: await opened.enter_async_context(Balancer()) for name in replicated}
        fleets = {*replicated, *(f"{service} worker" for service in services)}

        def whole_table(cell: Cell) -> list[Process]:
            behind = {
                f"{service.upper()}_URL": f"http://{HOST}:{balancers[f'{service} api'].port}/graphql"
                for service in services
            }
            return [
                replace(process, env={**process.env, **behind}) if process.name == GATEWAY else process
                for process in processes(cell)
            ]

        def stacks_own(cell: Cell) -> list[Process]:
            return [process for process in whole_table(cell) if process.name not in fleets]

        stack = Stack(run_dir, port_base=0, durable=False, supervise=False, table=stacks_own)
        await opened.enter_async_context(stack)
        named = dict(stack.addresses)
        if with_gateway:
            named["GATEWAY_URL"] = f"http://{HOST}:{balancers[GATEWAY].port}"
        fleet = Fleet(stack, whole_table(stack.cell), balancers, pre_stop_seconds)
        opened.push_async_callback(fleet.end)
        await fleet.begin(Release("today", ROOT), [f"{service} worker" for service in services])
        yield fleet, Addresses.of(named)


async def drill(
    run_dir: Path,
    *,
    services: Sequence[str] = SERVICES,
    with_gateway: bool = True,
    kinds: Sequence[str] = ("expand", "contract"),
    pre_stop_seconds: float = PRE_STOP_SECONDS,
) -> Findings:
    """Upgrade once for each kind of migration, under load; what was found."""
    releases = [
        await asyncio.to_thread(
            made_up_release, kind, run_dir / f"release-{number}", services, kinds[:number]
        )
        for number, kind in enumerate(kinds, 1)
    ]
    async with (
        fleet_of(
            run_dir / "stack", services, with_gateway=with_gateway, pre_stop_seconds=pre_stop_seconds
        ) as (fleet, addresses),
        httpx.AsyncClient(timeout=30.0, trust_env=False) as http,
        open_databases(addresses) as databases,
    ):
        gateway = CountingGateway(http, addresses)
        load = await Load.opened(gateway, http, addresses)
        load.begin()
        try:
            for release in releases:
                await fleet.is_unready(services[0], release)
                await asyncio.gather(*(fleet.migrate(service, release) for service in services))
                await fleet.upgrade(release)
        finally:
            await load.end()
        # Everything that was published has been received by everybody who reads it, or this never returns.
        await databases.when_quiet(seconds=QUIET_SECONDS)
        found = fleet.findings
        found.writes, found.reads = gateway.requests["writes"], gateway.requests["reads"]
        found.failures, found.slowest_seconds = gateway.failures, gateway.slowest_seconds
        found.parked = await databases.parked()
        events = [await db.fetchval("select count(*) from outbox") for db in databases.by_service.values()]
        found.events = sum(events)
        found.lost_or_doubled = await databases.by_service["invoicing"].fetchval(
            "select count(*) from (select wanted from unnest($1::text[]) as wanted "
            "left join party on party.vat_number = wanted "
            "group by wanted having count(party.id) <> 1) as wrong",
            load.parties,
        )
        return found


def require_nothing_failed(found: Findings) -> None:
    """Raises DrillFailed where a request failed, or something was lost or done twice."""
    wrong = []
    if found.failures:
        wrong.append(f"{len(found.failures)} requests failed: {found.failures[:FAILURES_SHOWN_MAX]}")
    if found.parked:
        wrong.append(f"events are parked: {found.parked}")
    if found.lost_or_doubled:
        wrong.append(f"{found.lost_or_doubled} writes that were answered are lost or doubled")
    if wrong:
        raise DrillFailed("\n".join(wrong))


def told(found: Findings) -> str:
    """The figures, for people."""
    lines = [
        f"requests: {found.writes} writes and {found.reads} reads, {len(found.failures)} failed, "
        f"the slowest {found.slowest_seconds:.2f} s",
        f"events: {found.events} published, all received by all their readers, "
        f"{sum(found.parked.values())} parked",
        f"processes replaced: {found.replaced}; "
        f"found not ready before their migration: {found.unready_before_migration}",
    ]
    lines += [f"{name}: from SIGTERM to its end {s:.1f} s" for name, s in sorted(found.stops_seconds.items())]
    lines += [f"{name}: nobody consumed for {s:.1f} s" for name, s in sorted(found.pauses_seconds.items())]
    return "\n".join(lines)


def main() -> int:
    """Run the whole drill and say what was found; 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drills.upgrade", description=__doc__)
    parser.add_argument("--pre-stop", type=float, default=PRE_STOP_SECONDS, help="seconds, as in the chart")
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partage-drill-") as folder:
        found = asyncio.run(drill(Path(folder), pre_stop_seconds=chosen.pre_stop))
    sys.stdout.write(f"{told(found)}\nthe drill took {time.monotonic() - began:.0f} s\n")
    try:
        require_nothing_failed(found)
    except DrillFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
