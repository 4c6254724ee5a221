"""A worker runs everything a service does by itself, ends at the first failure and finishes before it stops."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from commons import telemetry
from commons.clock import open_day, register_entity
from commons.context import Ctx, ctx_factory
from commons.database import COMMONS_SQL as SQL
from commons.database import Pools, create_pools, transaction
from commons.deadlines import Deadline, schedule
from commons.effects import Effect, EffectHandler
from commons.events import Handler
from commons.kafka import Consumer, ConsumerStuck, Message, Producer, Watchdog
from commons.migrate import COMMONS_LEDGER, COMMONS_MESSAGING
from commons.settings import Settings
from commons.testing import a_country
from commons.testing.broker import FakeBroker
from commons.testing.fixtures import Databases
from commons.tests.shop import TABLES, SaleSeen, counted, sale_made, sell
from commons.uuid7 import uuid7
from commons.worker import Work, run_process, run_worker
from local.child import free_port


class Service:
    """A service with its database and settings, whose worker a test starts and stops."""

    def __init__(self, name: str, url: str, pools: Pools, broker: FakeBroker) -> None:
        self.pools, self.broker, self.port = pools, broker, free_port()
        self.settings = Settings(
            country="be",
            database_url=url,
            kafka_bootstrap="none",
            http_port=self.port,
            jwt_issuer="issuer",
            jwks_url="jwks",
            profile="local",
        )
        self.work = Work(
            name=name,
            make_ctx=ctx_factory(country=a_country(), service=None),
            migrations=[COMMONS_MESSAGING],
            reconcile_seconds=0.2,
            hour_seconds=1,
            settle_seconds=0.0,
        )
        self.stop = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        async def start_producer() -> Producer:
            return self.broker.producer()

        async def start_consumer(group: str, topics: Sequence[str]) -> Consumer:
            return self.broker.consumer(group, topics)

        task = asyncio.ensure_future(
            run_worker(
                self.settings,
                self.pools,
                self.work,
                start_producer=start_producer,
                start_consumer=start_consumer,
                stop=self.stop,
            )
        )
        try:
            yield task
        finally:
            self.stop.set()
            if not task.done():
                await asyncio.wait_for(task, 10)
            self.stop.clear()


@pytest_asyncio.fixture(loop_scope="session")
async def services(databases: Databases, broker: FakeBroker) -> AsyncIterator[tuple[Service, Service]]:
    made = []
    for name in ("shop", "books"):
        url = await databases.create([COMMONS_MESSAGING, COMMONS_LEDGER])
        pools = await create_pools(url, name)
        async with transaction(pools.write) as db:
            await db.execute(TABLES)
        made.append(Service(name, url, pools, broker))
    shop, books = made
    books.work = replace(books.work, handlers={SaleSeen.type: Handler(SaleSeen, sale_made)}, has_ledger=True)
    yield shop, books
    for service in made:
        await service.pools.close()
        await databases.drop(service.settings.database_url)


async def until(condition: Callable[[], Any], *, seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


async def test_a_sale_in_one_service_is_counted_in_the_other(services: tuple[Service, Service]) -> None:
    shop, books = services
    sale = uuid7()

    async def all_counted() -> bool:
        return await counted(books.pools.write) == {sale: [1, 2, 3]}

    async with shop.running(), books.running():
        await sell(shop.pools.write, sale, 1, 2, 3)
        await until(all_counted)


async def test_what_the_broker_loses_is_repaired_without_anybody(services: tuple[Service, Service]) -> None:
    shop, books = services
    sale, silent = uuid7(), uuid7()

    async def all_counted() -> bool:
        return await counted(books.pools.write) == {sale: [1, 2], silent: [1]}

    async def published() -> bool:
        async with transaction(shop.pools.write) as db:
            return not await db.fetchval("select count(*) from outbox where published is null")

    async with shop.running(), books.running():
        shop.broker.lose = 1.0
        await sell(shop.pools.write, sale, 1)  # a gap will show this one
        await sell(shop.pools.write, silent, 1)  # only the closed hour can show this one
        await until(published)
        shop.broker.lose = 0.0
        await sell(shop.pools.write, sale, 2)
        await until(all_counted)


async def test_a_worker_shared_out_among_two_processes_repairs_what_the_broker_loses_too(
    services: tuple[Service, Service],
) -> None:
    shop, books = services
    rest = Service("shop", shop.settings.database_url, shop.pools, shop.broker)
    shop.work = replace(shop.work, parts=("consume",))
    rest.work = replace(rest.work, parts=("relay", "effects", "deadlines", "reconcile"))
    others = Service("books", books.settings.database_url, books.pools, books.broker)
    others.work = replace(books.work, parts=("relay", "effects", "deadlines", "reconcile"))
    books.work = replace(books.work, parts=("consume",))
    sale, silent = uuid7(), uuid7()

    async def all_counted() -> bool:
        return await counted(books.pools.write) == {sale: [1], silent: [1]}

    async def published() -> bool:
        async with transaction(shop.pools.write) as db:
            return not await db.fetchval("select count(*) from outbox where published is null")

    async with shop.running(), rest.running(), books.running(), others.running():
        shop.broker.lose = 1.0
        await sell(shop.pools.write, silent, 1)
        await until(published)
        shop.broker.lose = 0.0
        await sell(shop.pools.write, sale, 1)
        await until(all_counted)


async def test_effects_and_deadlines_are_done_by_the_worker(services: tuple[Service, Service]) -> None:
    shop, _ = services
    entity = uuid7()
    sent: list[str] = []

    async def send(effect: Effect) -> Mapping[str, Any]:
        sent.append(effect.key)
        return {}

    async def ask(effect: Effect) -> Mapping[str, Any] | None:
        return None

    async def due(ctx: Ctx, deadline: Deadline) -> None:
        await ctx.effect("letter", f"letter of {deadline.due_date}", {})

    shop.work = replace(shop.work, effects={"letter": EffectHandler(send, ask)}, deadlines={"remind": due})
    async with transaction(shop.pools.write) as db:
        await register_entity(db, entity, simulated=True, day=date(2026, 6, 5), time_zone="Europe/Brussels")
        await schedule(db, kind="remind", key="r", entity_id=entity, due=date(2026, 6, 6))
    async with shop.running():
        async with transaction(shop.pools.write) as db:
            await open_day(db, entity, date(2026, 6, 6))

        async def was_sent() -> bool:
            return sent == ["letter of 2026-06-06"]

        await until(was_sent)


async def test_a_worker_on_a_database_that_was_set_back_says_and_sends_nothing_until_it_is_told(
    services: tuple[Service, Service], caplog: pytest.LogCaptureFixture
) -> None:
    shop, _ = services
    shop.settings = replace(shop.settings, database_generation=2)
    await sell(shop.pools.write, uuid7(), 1)

    async def refused() -> bool:
        return "knows of generation 1, and this is 2" in caplog.text

    async def published() -> bool:
        async with transaction(shop.pools.write) as db:
            return not await db.fetchval("select count(*) from outbox where published is null")

    async with shop.running() as task, httpx.AsyncClient(base_url=f"http://127.0.0.1:{shop.port}") as http:
        await until(refused)
        assert (await http.get("/readyz")).status_code == 503
        assert shop.broker.messages("be.shop.v1") == []
        assert not task.done()
        async with transaction(shop.pools.write) as db:
            await db.execute(
                SQL["record_restoration"], 2, datetime(2026, 6, 5, tzinfo=UTC), 35, "Ana", "disk"
            )
        await until(published)
    assert len(shop.broker.messages("be.shop.v1")) == 1


async def test_the_worker_answers_for_its_health_and_drains_when_told_to_stop(
    services: tuple[Service, Service],
) -> None:
    _, books = services
    async with books.running() as task, httpx.AsyncClient(base_url=f"http://127.0.0.1:{books.port}") as http:

        async def ready() -> bool:
            try:
                return (await http.get("/readyz")).status_code == 200
            except httpx.ConnectError:
                return False

        await until(ready)
        assert "consumer_lag_seconds" in (await http.get("/metrics")).text
        books.stop.set()
        await asyncio.wait_for(task, 10)
    assert books.broker.members["books"] == []


async def test_sigterm_stops_the_worker(services: tuple[Service, Service]) -> None:
    shop, _ = services
    shop.work = replace(shop.work, parts=("relay",))

    async def start_producer() -> Producer:
        return shop.broker.producer()

    task = asyncio.ensure_future(
        run_worker(shop.settings, shop.pools, shop.work, start_producer=start_producer)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{shop.port}") as http:

            async def ready() -> bool:
                try:
                    return (await http.get("/readyz")).status_code == 200
                except httpx.ConnectError:
                    return False

            await until(ready)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 10)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


async def test_the_first_failure_of_any_part_ends_the_worker(services: tuple[Service, Service]) -> None:
    shop, _ = services

    class Broken(FakeBroker):
        def append(self, messages: Sequence[Any]) -> None:
            raise ConnectionError("the broker is gone")

    shop.broker = Broken()
    async with shop.running() as task:
        await sell(shop.pools.write, uuid7(), 1)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(asyncio.shield(task), 10)


async def test_a_worker_waits_for_the_migrations_it_was_built_for(
    services: tuple[Service, Service], tmp_path: Any
) -> None:
    shop, _ = services
    (tmp_path / "0001_expand_x.sql").write_text("create table x (id int)")
    shop.work = replace(shop.work, migrations=[COMMONS_MESSAGING, tmp_path])
    async with shop.running() as task:
        await asyncio.sleep(0.3)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{shop.port}") as http:
            assert (await http.get("/startz")).status_code == 503
            assert (await http.get("/livez")).status_code == 200
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_watchdog_finds_a_consumer_that_polls_nothing(broker: FakeBroker) -> None:
    exits = telemetry.WATCHDOG_EXITS._value.get()
    consumer = broker.consumer("books", ["be.shop.v1"])
    watchdog = Watchdog(consumer, quiet_seconds=0.0)
    await watchdog.check()  # nothing to poll: fine
    broker.append([Message("be.shop.v1", b"k", b"v")])
    with pytest.raises(ConsumerStuck, match="waiting"):
        await watchdog.check()
    await consumer.close()
    with pytest.raises(ConsumerStuck, match="no partition"):
        await watchdog.check()
    assert telemetry.WATCHDOG_EXITS._value.get() == exits + 2


def test_a_process_exits_with_one_after_a_failure_and_says_what_the_operator_can_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def works() -> None: ...

    async def breaks() -> None:
        raise ValueError("a bug")

    async def is_misconfigured() -> None:
        Settings.from_environment({})

    assert [run_process(main) for main in (works, breaks, is_misconfigured)] == [0, 1, 1]
    assert "DATABASE_URL is not set." in caplog.text
