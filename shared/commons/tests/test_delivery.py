"""From transaction to transaction: whatever the broker and the processes do, each event has its effect once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from commons.consumer import Consumption, ask_for_gaps, consume_batch
from commons.database import Connection, Pool, create_pools, transaction
from commons.events import Handler
from commons.kafka import Message, Partition
from commons.parked import retry_due
from commons.reconcile import close_hours
from commons.relay import publish_batch
from commons.testing import SetClock
from commons.testing.broker import FakeBroker, FakeConsumer, FakeProducer
from commons.testing.fixtures import Databases
from commons.tests.shop import TABLES, Books, SaleSeen, Shop, counted, sale_made, sell
from commons.uuid7 import uuid7

ROUNDS_MAX = 60


class Crash(BaseException):
    """kill -9 at this very place: nothing may catch it."""


@dataclass
class World:
    """A shop and its books, each with its database."""

    shop_pool: Pool
    books_pool: Pool
    shop_url: str

    def shop(self, broker: FakeBroker) -> Shop:
        return Shop(self.shop_pool, self.shop_url, broker)

    def books(self, broker: FakeBroker, clock: SetClock) -> Books:
        return Books(self.books_pool, broker, name=f"books {uuid7()}", clock=clock)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(databases: Databases, migrations: list[object]) -> AsyncIterator[World]:
    urls = [await databases.create(migrations) for _ in range(2)]  # type: ignore[arg-type]  # a list of folders
    pools = [await create_pools(url, "delivery") for url in urls]
    for each in pools:
        async with transaction(each.write) as db:
            await db.execute(TABLES)
    yield World(pools[0].write, pools[1].write, urls[0])
    for each in pools:
        await each.close()
    for url in urls:
        await databases.drop(url)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def empty(world: World) -> None:
    for pool in (world.shop_pool, world.books_pool):
        async with transaction(pool) as db:
            await db.execute("truncate outbox, taken_back, inbox, parked, aggregate_version, sale, counted")


async def settle(
    shop: Shop, books: Books, consumption: Consumption, clock: SetClock, expected: Mapping[UUID, list[int]]
) -> int:
    """Let everything that happens by itself happen, hours too, until the books are right; the rounds it took."""
    for number in range(ROUNDS_MAX):
        await shop.publish()
        while await consume_batch(consumption, timeout_seconds=0):
            pass
        await retry_due(consumption.inbox)
        await ask_for_gaps(consumption)
        await shop.hear()
        if await counted(books.pool) == expected:
            return number
        clock.advance(1_800)
        await close_hours(
            shop.pool,
            consumption.producer,
            country="be",
            topic="be.shop.v1",
            now=datetime.now(UTC) + timedelta(hours=2),
        )
    raise AssertionError(
        f"not settled after {ROUNDS_MAX} rounds: {await counted(books.pool)} instead of {expected}"
    )


@pytest.mark.parametrize("seed", range(12))
async def test_duplicates_losses_and_disorder_change_nothing(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    broker = FakeBroker(seed=seed, duplicate=0.3, lose=0.2, shuffle=True)
    clock = SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    consumption = books.start()
    sales = [uuid7() for _ in range(6)]
    made: dict[UUID, list[int]] = {sale: [] for sale in sales}
    for _ in range(8):
        for sale in chance.sample(sales, 4):
            made[sale].append(len(made[sale]) + 1)
            await sell(shop.pool, sale, len(made[sale]))
        await shop.publish()
        await consume_batch(consumption, timeout_seconds=0)
        if chance.random() < 0.3:  # the process is killed; the next one knows only the database
            await consumption.consumer.close()
            consumption = books.start()
    broker.lose = 0.0  # from now on the repairs get through
    await settle(shop, books, consumption, clock, {sale: steps for sale, steps in made.items() if steps})
    await shop.close()


async def test_a_broker_that_lost_everything_is_refilled_from_the_outbox(world: World) -> None:
    broker, clock = FakeBroker(lose=1.0), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    consumption = books.start()
    sales = [uuid7() for _ in range(20)]
    for sale in sales:
        await sell(shop.pool, sale, 1)
    await shop.publish()
    assert await counted(books.pool) == {}
    broker.lose = 0.0
    # Not one event arrived, so no gap shows it: only the closed hour does.
    rounds = await settle(shop, books, consumption, clock, {sale: [1] for sale in sales})
    assert rounds > 0
    await shop.close()


async def test_a_rebalance_in_the_middle_of_a_batch_changes_nothing(world: World) -> None:
    broker, clock = FakeBroker(), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    first = books.start()
    sales = [uuid7() for _ in range(6)]
    for sale in sales:
        await sell(shop.pool, sale, 1, 2, 3)
    await shop.publish()
    second = books.start()  # takes over partitions whose events the first may be handling
    await asyncio.gather(*(consume_batch(each, timeout_seconds=0) for each in (first, second)))
    third = books.start()
    for _ in range(5):
        await asyncio.gather(*(consume_batch(each, timeout_seconds=0) for each in (first, second, third)))
        clock.advance(5)
        await retry_due(first.inbox)
    assert await counted(books.pool) == {sale: [1, 2, 3] for sale in sales}
    await shop.close()


class CrashingProducer(FakeProducer):
    def __init__(self, broker: FakeBroker, *, after: bool) -> None:
        super().__init__(broker)
        self._after = after

    async def send_batch(self, messages: Sequence[Message]) -> None:
        if self._after:
            await super().send_batch(messages)
        raise Crash


@pytest.mark.parametrize("after", [False, True])
async def test_a_relay_killed_before_or_after_sending_loses_nothing(world: World, after: bool) -> None:
    broker, clock = FakeBroker(), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    sale = uuid7()
    await sell(shop.pool, sale, 1, 2)
    assert await shop.publish() == 2
    await sell(shop.pool, sale, 3)
    assert shop._session is not None
    with pytest.raises(Crash):
        await publish_batch(shop._session, CrashingProducer(broker, after=after))
    await shop.close()
    await settle(shop, books, books.start(), clock, {sale: [1, 2, 3]})
    await shop.close()


class CrashingConsumer:
    """Dies when it should commit, before or after doing so."""

    def __init__(self, inner: FakeConsumer, *, after: bool) -> None:
        self._inner = inner
        self._after = after
        self.poll, self.lag, self.end_offsets = inner.poll, inner.lag, inner.end_offsets
        self.assignment, self.close = inner.assignment, inner.close

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        if self._after:
            await self._inner.commit(offsets)
        raise Crash


@pytest.mark.parametrize("after", [False, True])
async def test_a_consumer_killed_around_its_commit_handles_nothing_twice(world: World, after: bool) -> None:
    broker, clock = FakeBroker(), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    sale = uuid7()
    await sell(shop.pool, sale, 1, 2, 3)
    await shop.publish()
    doomed = books.start()
    assert isinstance(doomed.consumer, FakeConsumer)
    with pytest.raises(Crash):
        await consume_batch(
            replace(doomed, consumer=CrashingConsumer(doomed.consumer, after=after)), timeout_seconds=0
        )
    await doomed.consumer.close()
    await settle(shop, books, books.start(), clock, {sale: [1, 2, 3]})
    await shop.close()


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_a_consumer_killed_inside_a_handler_leaves_nothing_half_done(world: World, step: int) -> None:
    broker, clock = FakeBroker(), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    sale = uuid7()
    await sell(shop.pool, sale, 1, 2, 3)
    await shop.publish()

    async def dies(ctx: object, event: SaleSeen) -> None:
        await sale_made(ctx, event)
        if event.step == step:
            raise Crash

    doomed = replace(books, handlers={SaleSeen.type: Handler(SaleSeen, dies)}).start()
    with pytest.raises(Crash):
        await consume_batch(doomed, timeout_seconds=0)
    assert await counted(books.pool) == {}  # the batch was one transaction
    await doomed.consumer.close()
    # The offset alone brings it back: no gap is noticed and nothing is asked for again.
    await consume_batch(books.start(), timeout_seconds=0)
    assert await counted(books.pool) == {sale: [1, 2, 3]}
    await shop.close()


async def test_without_the_inbox_the_harness_would_notice(world: World) -> None:
    """The checker is worth something: a consumer that forgets what it handled counts twice and is stopped."""
    broker, clock = FakeBroker(duplicate=1.0), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    sale = uuid7()
    await sell(shop.pool, sale, 1)
    await shop.publish()
    consumption = books.start()

    async def forgets(ctx: object, event: SaleSeen) -> None:
        db: Connection = ctx.db  # type: ignore[attr-defined]  # a mutant need not be typed
        await db.execute(
            "insert into counted select $1, coalesce(max(step), 0) + 1 from counted", event.sale_id
        )
        await db.execute("delete from inbox")

    mutant = replace(
        consumption, inbox=replace(consumption.inbox, handlers={SaleSeen.type: Handler(SaleSeen, forgets)})
    )
    while await consume_batch(mutant, timeout_seconds=0):
        pass
    assert await counted(books.pool) == {sale: [1, 2]}
    await shop.close()


async def test_everything_published_again_at_the_end_changes_nothing(world: World) -> None:
    broker, clock = FakeBroker(), SetClock(datetime.now(UTC))
    shop, books = world.shop(broker), world.books(broker, clock)
    consumption = books.start()
    sales = [uuid7() for _ in range(5)]
    for sale in sales:
        await sell(shop.pool, sale, 1, 2)
    await settle(shop, books, consumption, clock, {sale: [1, 2] for sale in sales})
    async with transaction(shop.pool) as db:
        await db.execute("update outbox set published = null")
    assert await shop.publish() == 10
    while await consume_batch(consumption, timeout_seconds=0):
        pass
    assert await counted(books.pool) == {sale: [1, 2] for sale in sales}
    await shop.close()
