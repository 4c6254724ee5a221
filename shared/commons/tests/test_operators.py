"""Operators see and repair, on a real broker: what was lost comes back, what is poisoned waits for a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from prometheus_client import Gauge

from commons.context import Ctx, ctx_factory
from commons.database import Pools, create_pools, transaction
from commons.doctor import Finding, examine, lines
from commons.events import Handler
from commons.figures import Figure
from commons.kafka import ensure_topics
from commons.migrate import COMMONS_LEDGER, COMMONS_MESSAGING
from commons.process import Service
from commons.repair import run_parked, run_replay
from commons.settings import Settings
from commons.testing import a_country
from commons.testing.fixtures import Databases
from commons.tests.shop import TABLES, SaleSeen, counted, sale_made, sell
from commons.uuid7 import uuid7
from commons.worker import Work, run_worker
from local.child import free_port

if TYPE_CHECKING:
    from local.kafka import Kafka

pytestmark = pytest.mark.slow

COUNTRIES = iter(
    ("aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj")
)  # topics of its own for each test
UNPAID = Figure(
    # Of no registry: it is no metric of a program, and would stand among them in the same process.
    gauge=Gauge("sales_unpaid", "Sales that cost nothing", registry=None),
    statement="select count(*)::int as count, null::timestamptz as since from sale where cents < 0 and $1 is not null".replace(
        "$1", "$1::timestamptz"
    ),
    sentence="{count} sales are below nothing.",
    remedy="ask the shop.",
)


@dataclass
class Program:
    """A service whose worker a test starts and stops, with what its operator has: its settings."""

    name: str
    settings: Settings
    pools: Pools
    poison: set[int] = field(default_factory=set)

    @property
    def service(self) -> Service:
        return Service(
            self.name,
            Settings,
            (),
            [COMMONS_MESSAGING, COMMONS_LEDGER],
            lambda settings: None,
            lambda settings, country, pools: None,  # type: ignore[arg-type,return-value]  # the test runs the worker
            figures=lambda: (UNPAID,),
        )

    def work(self) -> Work:
        async def take(ctx: Ctx, event: SaleSeen) -> None:
            if event.step in self.poison:
                raise ValueError("poison")
            await sale_made(ctx, event)

        return Work(
            name=self.name,
            make_ctx=ctx_factory(country=a_country(), service=None),
            migrations=[COMMONS_MESSAGING, COMMONS_LEDGER],
            handlers={SaleSeen.type: Handler(SaleSeen, take)} if self.name == "books" else {},
            figures=(UNPAID,),
            has_ledger=True,
            reconcile_seconds=0.3,
            hour_seconds=1,
            settle_seconds=0.0,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.ensure_future(run_worker(self.settings, self.pools, self.work(), stop=stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 30)

    async def findings(self, *, later_seconds: float = 0.0) -> Sequence[Finding]:
        now = datetime.now(UTC) + timedelta(seconds=later_seconds)
        return await examine(self.service, self.settings, a_country(), now=now)

    async def told(self, **given: Any) -> str:
        return "\n".join(lines(self.name, await self.findings(**given)))

    async def command(self, *words: str) -> int:
        return await asyncio.to_thread(run_parked, self.service, self.settings, words)

    @property
    def topic(self) -> str:
        return f"{self.settings.country}.shop.v1"

    async def sell(self, sale: UUID, *steps: int) -> None:
        await sell(self.pools.write, sale, *steps, country=self.settings.country)

    async def rows(self, statement: str, *arguments: object) -> list[Any]:
        async with transaction(self.pools.write) as db:
            return await db.fetch(statement, *arguments)


@pytest_asyncio.fixture(loop_scope="session")
async def programs(databases: Databases, kafka: Kafka) -> AsyncIterator[tuple[Program, Program]]:
    country = next(COUNTRIES)
    await ensure_topics(kafka.bootstrap, [f"{country}.shop.v1", f"{country}.control.v1"])
    made = []
    for name in ("shop", "books"):
        url = await databases.create([COMMONS_MESSAGING, COMMONS_LEDGER])
        pools = await create_pools(url, f"{name} worker")
        async with transaction(pools.write) as db:
            await db.execute(TABLES)
        settings = Settings(
            country=country,
            database_url=url,
            kafka_bootstrap=kafka.bootstrap,
            http_port=free_port(),
            jwt_issuer="issuer",
            jwks_url="jwks",
            profile="local",
        )
        made.append(Program(name, settings, pools))
    yield made[0], made[1]
    for program in made:
        await program.pools.close()
        await databases.drop(program.settings.database_url)


async def until(fact: Callable[[], Awaitable[Any]], *, seconds: float = 60) -> Any:
    for _ in range(int(seconds / 0.05)):
        if found := await fact():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


async def empty_on_the_broker(bootstrap: str, name: str) -> None:
    """Delete every record of the topic, as a broker does that lost its disk."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        [topic] = await client.describe_topics([name])
        places = [TopicPartition(name, part["partition"]) for part in topic["partitions"]]
        await client.delete_records({place: RecordsToDelete(before_offset=-1) for place in places})
    finally:
        await client.close()


async def test_events_that_the_broker_lost_are_found_and_come_back_without_anybody(
    programs: tuple[Program, Program], kafka: Kafka
) -> None:
    shop, books = programs
    sales = [uuid7() for _ in range(3)]

    async def arrived() -> bool:
        return await counted(books.pools.write) == {sale: [1] for sale in sales}

    async def published() -> bool:
        return not await shop.rows("select from outbox where published is null")

    async with shop.running():
        for sale in sales:
            await shop.sell(sale, 1)
        await until(published)
        await empty_on_the_broker(kafka.bootstrap, shop.topic)
        # First events of their aggregates: no gap can show that they are missing.
        async with books.running():
            await until(arrived)
            [asked] = await shop.rows("select distinct requested_by from replay_decision")
            assert asked["requested_by"] == "books"

            async def no_difference() -> bool:
                return not await books.rows("select from reconciliation_difference")

            await until(no_difference)


async def test_a_poison_event_stops_its_key_alone_until_a_person_lets_it_go_on(
    programs: tuple[Program, Program], capsys: pytest.CaptureFixture[str]
) -> None:
    shop, books = programs
    sick, healthy = uuid7(), uuid7()
    books.poison = {2}
    key = f"{shop.topic}/Sale/{sick}"

    async def counts(expected: dict[UUID, list[int]]) -> bool:
        return await counted(books.pools.write) == expected

    async with shop.running(), books.running():
        await shop.sell(sick, 1, 2, 3, 4)
        await until(lambda: books.rows("select from parked where agg_version = 4"))
        await shop.sell(healthy, 1)
        await until(lambda: counts({sick: [1], healthy: [1]}))

        told = await books.told()
        assert f"version 2 of {key}, is parked" in told
        assert "with 2 behind it (failed: ValueError: poison)" in told
        assert f"`python -m books parked release {key} --by YOU --reason WHY`" in told
        async with httpx.AsyncClient() as http:

            async def metric() -> bool:
                answer = await http.get(f"http://127.0.0.1:{books.settings.http_port}/metrics")
                return 'parked_keys{kind="failed"} 1.0' in answer.text

            await until(metric)

        assert await books.command("list") == 0
        assert f"{key}\n  failed: shop.SaleMade.v1 (version 2), 2 behind it" in capsys.readouterr().out
        assert await books.command("show", key) == 0
        assert '"step": 2' in capsys.readouterr().out

        books.poison.clear()
        assert await books.command("release", key, "--by", "ana", "--reason", "the handler is repaired") == 0
        await until(lambda: counts({sick: [1, 2, 3, 4], healthy: [1]}))
        assert "is parked" not in await books.told()
    [decision] = await books.rows("select * from parked_decision")
    assert (decision["decision"], decision["released_by"], decision["reason"]) == (
        "released",
        "ana",
        "the handler is repaired",
    )
    assert datetime.now(UTC) - decision["decided"] < timedelta(minutes=5)


async def test_a_poison_event_can_be_set_aside_and_the_later_ones_go_on_in_order(
    programs: tuple[Program, Program], capsys: pytest.CaptureFixture[str]
) -> None:
    shop, books = programs
    sale = uuid7()
    books.poison = {2}
    key = f"{shop.topic}/Sale/{sale}"

    async def went_on() -> bool:
        return await counted(books.pools.write) == {sale: [1, 3, 4]}

    async with shop.running(), books.running():
        await shop.sell(sale, 1, 2, 3, 4)
        await until(lambda: books.rows("select from parked where agg_version = 4"))
        with pytest.raises(SystemExit):
            await books.command("skip", key, "--by", "ana", "--reason", " ")
        assert await books.command("skip", key, "--by", "ana", "--reason", "sold twice by mistake") == 0
        await until(went_on)
        # What was set aside has been received: no reconciliation asks for it again.
        assert await books.rows("select from inbox where agg_version = 2 and agg_id = $1", sale)
    assert await books.command("skip", key, "--by", "ana", "--reason", "again") == 1
    assert "No event of this aggregate is parked." in capsys.readouterr().err
    assert await books.command("decisions") == 0
    assert "ana skipped shop.SaleMade.v1, version 2" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["parked_decision", "replay_decision"])
async def test_a_decision_cannot_be_changed_or_removed(programs: tuple[Program, Program], table: str) -> None:
    shop, _ = programs
    for change in (f"delete from {table}", f"update {table} set reason = 'x'", f"truncate {table}"):  # noqa: S608  (names of this file)
        with pytest.raises(asyncpg.RaiseError, match="kept as it was made"):
            await shop.rows(change)


async def test_a_person_can_have_events_published_again_and_this_is_kept(
    programs: tuple[Program, Program], capsys: pytest.CaptureFixture[str]
) -> None:
    shop, _ = programs
    sale = uuid7()
    await shop.sell(sale, 1, 2)
    await shop.rows("update outbox set published = now()")

    async def replay(*words: str) -> int:
        return await asyncio.to_thread(run_replay, shop.service, shop.settings, words)

    who_and_why = ("--by", "ana", "--reason", "a reader was restored")
    assert await replay("--aggregate", f"Sale/{sale}", *who_and_why) == 0
    assert "2 events are published again" in capsys.readouterr().out
    assert len(await shop.rows("select from outbox where published is null")) == 2
    [kept] = await shop.rows("select requested_by, reason, events, agg_id from replay_decision")
    assert tuple(kept) == ("ana", "a reader was restored", 2, sale)
    with pytest.raises(SystemExit):
        await replay(*who_and_why)  # everything, by mistake
    assert "say what" in capsys.readouterr().err


async def test_the_doctor_names_what_is_wrong_and_what_to_do(programs: tuple[Program, Program]) -> None:
    shop, _ = programs
    await shop.sell(uuid7(), 1)
    await shop.rows("update outbox set created = now() - interval '1 hour'")
    await shop.rows("update sale set cents = -1")
    await shop.rows("insert into watchdog_exit (consumer, reason) values ('shop', 'stuck')")
    await shop.rows(
        "insert into reconciliation_difference (consumer, topic, hour_start, hour_end, published, received, noticed) "
        "values ('shop', 'be.bank.v1', now() - interval '2 hours', now() - interval '1 hour', 3, 2, now())"
    )
    await shop.rows(
        "insert into effect (id, kind, key, payload, state, created) "
        "values (gen_random_uuid(), 'letter', 'k', '{}', 'unknown', now() - interval '1 hour')"
    )
    told = await shop.told()
    assert (
        "1 events are committed and not published, the oldest for 60 minutes. To do: see that Kafka" in told
    )
    assert "1 sales are below nothing. To do: ask the shop." in told
    assert "3 events were published and 2 received" in told
    assert "The replay repairs it." in told
    assert "1 effects letter are unknown" in told
    assert "found stuck 1 times" in told
    assert "is well" not in told
    assert "To do: see that the bank worker runs" in await shop.told(later_seconds=3_600)
    assert "The database cannot be reached" in "\n".join(
        lines("shop", await _elsewhere(shop, database_url="postgresql://nobody@127.0.0.1:1/none"))
    )
    assert "Kafka cannot be asked" in "\n".join(
        lines("shop", await _elsewhere(shop, kafka_bootstrap="127.0.0.1:1"))
    )


async def _elsewhere(program: Program, **changes: Any) -> Sequence[Finding]:
    return await examine(
        program.service, replace(program.settings, **changes), a_country(), now=datetime.now(UTC)
    )


async def test_the_doctor_says_what_a_stopped_worker_has_not_read(programs: tuple[Program, Program]) -> None:
    shop, books = programs
    sale = uuid7()

    async def arrived() -> bool:
        return sale in await counted(books.pools.write)

    async def published() -> bool:
        return not await shop.rows("select from outbox where published is null")

    async with shop.running():
        async with books.running():
            await shop.sell(sale, 1)
            await until(arrived)
        await shop.sell(sale, 2, 3)
        await until(published)
        told = await books.told(later_seconds=600)
    assert (
        f"messages of {shop.topic} are unread, the oldest for 10 minutes. To do: see that the books worker"
        in told
    )


async def test_what_the_watchdog_found_outlives_the_process_that_it_ended(
    programs: tuple[Program, Program],
) -> None:
    _, books = programs
    await books.rows(
        "insert into watchdog_exit (consumer, reason) select 'books', 'stuck' from generate_series(1, 3)"
    )
    async with books.running(), httpx.AsyncClient() as http:

        async def counted_on() -> bool:
            try:
                answer = await http.get(f"http://127.0.0.1:{books.settings.http_port}/metrics")
            except httpx.ConnectError:  # it has only begun
                return False
            [line] = [each for each in answer.text.splitlines() if each.startswith("watchdog_exits_total ")]
            return float(line.split()[1]) >= 3

        await until(counted_on)
