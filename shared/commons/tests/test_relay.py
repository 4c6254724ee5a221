"""The relay publishes what was committed, in order, and marks it only after every acknowledgment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from commons.cloudevents import Envelope
from commons.database import Connection, Pool, connect, transaction
from commons.kafka import Message, Received
from commons.outbox import append
from commons.relay import lead, publish_batch, relay
from commons.replay import ReplayRequested, replay
from commons.testing.broker import FakeBroker, FakeProducer
from commons.tests.shop import TABLES as SHOP_TABLES
from commons.tests.shop import SaleForgotten, sell
from commons.uuid7 import uuid7
from commons.wake import Wake


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(pool: Pool) -> Pool:
    async with transaction(pool) as db:
        await db.execute(SHOP_TABLES)
    return pool


@pytest_asyncio.fixture(loop_scope="session")
async def session(shop: Pool, database_url: str) -> AsyncIterator[Connection]:
    session = await connect(database_url, "relay")
    await session.execute("update outbox set published = now() where published is null")
    yield session
    await session.close()


async def waiting(pool: Pool) -> int:
    async with transaction(pool) as db:
        count: int = await db.fetchval("select count(*) from outbox where published is null")
    return count


class Slow(FakeProducer):
    """A broker far away: while one relay waits for it, a second one could overtake."""

    async def send_batch(self, messages: Sequence[Message]) -> None:
        await asyncio.sleep(0.02)
        await super().send_batch(messages)


class LosesItsAnswer(FakeProducer):
    """The broker took everything, but the acknowledgment never came."""

    async def send_batch(self, messages: Sequence[Message]) -> None:
        await super().send_batch(messages)
        raise ConnectionError("the answer is lost")


async def test_what_is_committed_is_published_in_order_and_marked(
    shop: Pool, session: Connection, broker: FakeBroker
) -> None:
    sale_id = uuid7()
    await sell(shop, sale_id, 1, 2, 3)
    assert await publish_batch(session, broker.producer()) == 3
    events = [Envelope.of(each) for each in broker.messages("be.shop.v1")]
    assert [(event.agg_id, event.agg_version) for event in events] == [(sale_id, n) for n in (1, 2, 3)]
    assert await waiting(shop) == 0
    assert await publish_batch(session, broker.producer()) == 0


async def test_nothing_is_marked_before_every_acknowledgment(
    shop: Pool, session: Connection, broker: FakeBroker
) -> None:
    await sell(shop, uuid7(), 1, 2)
    with pytest.raises(ConnectionError):
        await publish_batch(session, LosesItsAnswer(broker))
    assert await waiting(shop) == 2
    assert await publish_batch(session, broker.producer()) == 2
    assert len(broker.messages("be.shop.v1")) == 4  # twice: the inboxes will stop the second


async def test_a_transaction_that_commits_late_is_not_passed_over(
    shop: Pool, session: Connection, broker: FakeBroker
) -> None:
    early = uuid7()
    async with transaction(shop) as slow:
        await append(slow, SaleForgotten(sale_id=early), country="be")
        await sell(shop, uuid7(), 1)  # a later sequence value, committed first
        assert await publish_batch(session, broker.producer()) == 1
    assert await publish_batch(session, broker.producer()) == 1
    assert (
        Envelope.of(broker.messages("be.shop.v1")[-1]).agg_id == early
        or len(broker.messages("be.shop.v1")) == 2
    )


async def test_only_one_relay_leads_and_the_next_takes_over(session: Connection, database_url: str) -> None:
    other = await connect(database_url, "other relay")
    assert await lead(session)
    assert not await lead(other)
    await session.close()
    for _ in range(100):  # the server notices the end of the session in its own time
        if await lead(other):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("nobody leads")
    await other.close()


async def test_two_relays_running_at_once_keep_the_order_of_each_aggregate(
    shop: Pool, session: Connection, database_url: str, broker: FakeBroker
) -> None:
    sales = [uuid7() for _ in range(5)]
    other, wakes = await connect(database_url, "other relay"), [Wake(), Wake()]
    running = [
        asyncio.ensure_future(relay(db, producer, wake))
        for db, producer, wake in zip((session, other), (Slow(broker), broker.producer()), wakes, strict=True)
    ]
    await asyncio.gather(*(sell(shop, sale_id, *range(1, 21)) for sale_id in sales))
    for _ in range(200):
        if await waiting(shop) == 0:
            break
        await asyncio.sleep(0.02)
    for wake in wakes:
        wake.stop()
    await asyncio.wait_for(asyncio.gather(*running), 5)
    await other.close()
    order = defaultdict(list)
    for event in map(Envelope.of, broker.messages("be.shop.v1")):
        order[event.agg_id].append(event.agg_version)
    assert dict(order) == {sale_id: list(range(1, 21)) for sale_id in sales}


async def test_the_relay_wakes_at_the_bell(shop: Pool, session: Connection, broker: FakeBroker) -> None:
    wake = Wake()
    running = asyncio.ensure_future(relay(session, broker.producer(), wake))
    await sell(shop, uuid7(), 1)
    wake.ring()
    for _ in range(100):
        if broker.messages("be.shop.v1"):
            break
        await asyncio.sleep(0.005)
    wake.stop()
    await asyncio.wait_for(running, 5)
    assert len(broker.messages("be.shop.v1")) == 1


async def test_a_replay_publishes_again_what_its_conditions_match(
    shop: Pool, session: Connection, broker: FakeBroker
) -> None:
    one, other = uuid7(), uuid7()
    await sell(shop, one, 1, 2, 3)
    await sell(shop, other, 1)
    await publish_batch(session, broker.producer())

    async def again(**conditions: object) -> list[Received]:
        request = ReplayRequested.model_validate(
            {"topic": "be.shop.v1", "requested_by": "a test", "reason": "a test", **conditions}
        )
        async with transaction(shop) as db:
            count = await replay(db, request)
        assert await publish_batch(session, broker.producer()) == count
        return broker.messages("be.shop.v1")[:count]

    assert len(await again(agg_type="Sale", agg_id=one, first_version=2, last_version=3)) == 2
    assert len(await again(agg_type="Sale", agg_id=one)) == 3
    assert len(await again(agg_id=one, event_type="shop.SaleForgotten.v1")) == 0
    assert len(await again(topic="be.other.v1")) == 0
