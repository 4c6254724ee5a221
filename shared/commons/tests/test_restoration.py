"""A restored database says nothing twice, sends nothing blindly, and asks for what it lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest_asyncio

from commons.clock import REAL_CLOCK
from commons.cloudevents import Envelope
from commons.context import Ctx, ctx_factory
from commons.database import COMMONS_SQL as SQL
from commons.database import Pool, create_pools, transaction
from commons.effects import Effect, EffectHandler, Effects, execute_one
from commons.events import Published
from commons.inbox import Inbox
from commons.kafka import Received
from commons.migrate import COMMONS_MESSAGING
from commons.money import Money
from commons.outbox import control_topic_of, topic_of
from commons.relay import publish_batch
from commons.replay import ReplayRequested, heard
from commons.restoration import MARGIN, Ends, Regained, look_back, regain
from commons.set_back import forgotten, told_day, why_it_must_wait
from commons.testing import SetClock, a_country, a_ctx
from commons.testing.broker import FakeBroker
from commons.testing.fixtures import Databases
from commons.tests.shop import SaleMade
from commons.uuid7 import uuid7


class SaleInvoiced(Published):
    """A fact with a day in it."""

    service: ClassVar[str] = "shop"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    issued_on: date


SINCE = datetime(2027, 3, 1, 8, tzinfo=UTC)


@dataclass
class Shop:
    """A service before and after: the restored database has nothing of what was said."""

    lost: Pool
    restored: Pool
    broker: FakeBroker

    async def sell(self, pool: Pool, sale: UUID, *, step: int = 1) -> None:
        async with transaction(pool) as db:
            await a_ctx(db).announce(SaleMade(sale_id=sale, step=step, price=Money(1, "EUR")))
        async with pool.acquire() as db:
            await publish_batch(db, self.broker.producer())

    async def hear(self, pool: Pool, event: Envelope, reader: str = "shop") -> None:
        inbox = Inbox(reader, pool, {}, ctx_factory(country=a_country(), service=None), REAL_CLOCK)
        await inbox.take([event])

    @property
    def said(self) -> list[Received]:
        return self.broker.messages(topic_of("be", "shop"))

    async def regain(self) -> Regained:
        return await regain(
            self.restored,
            self.broker.producer(),
            one_batch(self.said),
            one_batch(self.broker.messages(topic_of("be", "bank"))),
            country="be",
            name="shop",
            topics=[topic_of("be", "bank"), control_topic_of("be")],
            generation=2,
            since=SINCE,
            by="Ana",
            reason="the disk is gone",
        )

    async def left(self) -> list[str]:
        async with transaction(self.restored) as db:
            return [row["type"] for row in await db.fetch(SQL["left_from_before"], 10)]

    async def ends(self) -> Ends:
        return self.said, self.broker.messages(topic_of("be", "bank"))


async def one_batch(messages: list[Received]) -> AsyncIterator[list[Received]]:
    yield messages


@pytest_asyncio.fixture(loop_scope="session")
async def shop(databases: Databases) -> AsyncIterator[Shop]:
    urls = [await databases.create([COMMONS_MESSAGING]) for _ in range(2)]
    opened = [await create_pools(url, "shop") for url in urls]
    yield Shop(opened[0].write, opened[1].write, FakeBroker())
    for pools in opened:
        await pools.close()
    for url in urls:
        await databases.drop(url)


async def test_a_fact_that_becomes_true_again_is_not_told_a_second_time(shop: Shop) -> None:
    sale = uuid7()
    await shop.sell(shop.lost, sale)
    found = await shop.regain()
    said = len(shop.said)

    await shop.sell(shop.restored, sale)

    assert found.events == 1
    assert len(shop.said) == said, "others have heard it already"
    assert await shop.left() == []


async def test_what_is_new_after_the_restoration_follows_the_last_version_that_others_know(
    shop: Shop,
) -> None:
    sale = uuid7()
    await shop.sell(shop.lost, sale)
    await shop.sell(shop.lost, sale, step=2)
    await shop.regain()

    for step in (1, 2, 3):
        await shop.sell(shop.restored, sale, step=step)

    versions = [Envelope.of(message).agg_version for message in shop.said]
    assert sorted(versions) == [1, 2, 3]


async def test_what_never_becomes_true_again_is_listed_for_a_person(shop: Shop) -> None:
    await shop.sell(shop.lost, uuid7())

    await shop.regain()

    assert await shop.left() == ["shop.SaleMade.v1"]


async def test_a_fact_that_becomes_true_in_other_words_is_listed_for_a_person(shop: Shop) -> None:
    sale = uuid7()
    await shop.sell(shop.lost, sale)
    await shop.regain()

    async with transaction(shop.restored) as db:
        await a_ctx(db).announce(SaleMade(sale_id=sale, step=1, price=Money(2, "EUR")))

    async with transaction(shop.restored) as db:
        [row] = await db.fetch(SQL["left_from_before"], 10)
    assert row["data"]["price"]["minor"] == "1"
    assert row["told_otherwise"]["price"]["minor"] == "2"


async def test_what_is_asked_for_again_has_the_id_that_others_know_it_by_once(shop: Shop) -> None:
    sale = uuid7()
    await shop.sell(shop.lost, sale)
    await shop.regain()

    async with transaction(shop.restored) as db:
        assert await forgotten(db, SaleMade, sale_id=uuid7()) is None
        found = await forgotten(db, SaleMade, sale_id=sale)
        assert found is not None
        assert found.id == sale
        await a_ctx(db).announce(SaleMade(sale_id=sale, step=1, price=Money(1, "EUR")))
        assert await forgotten(db, SaleMade, sale_id=sale) is None


async def test_what_was_done_on_a_day_stays_done_on_that_day(shop: Shop) -> None:
    invoice = uuid7()
    asked = (SaleInvoiced, invoice, "issued_on")
    async with transaction(shop.lost) as db:
        await a_ctx(db).announce(SaleInvoiced(invoice_id=invoice, issued_on=date(2027, 3, 1)))
    async with shop.lost.acquire() as db:
        await publish_batch(db, shop.broker.producer())
    await shop.regain()

    async with transaction(shop.restored) as db:
        assert await told_day(db, *asked) == date(2027, 3, 1)
        await a_ctx(db).announce(SaleInvoiced(invoice_id=invoice, issued_on=date(2027, 3, 1)))
        assert await told_day(db, *asked) is None, "it is true again"
    assert await shop.left() == []


async def test_regaining_twice_takes_nothing_twice(shop: Shop) -> None:
    await shop.sell(shop.lost, uuid7())
    await shop.regain()

    assert (await shop.regain()).events == 0


async def test_the_hours_agree_again_between_what_was_published_and_what_others_received(shop: Shop) -> None:
    await shop.sell(shop.lost, uuid7())
    await shop.sell(shop.lost, uuid7())
    await shop.regain()

    hours = []
    for pool in (shop.lost, shop.restored):
        async with transaction(pool) as db:
            row = await db.fetchrow(
                SQL["published_between"],
                topic_of("be", "shop"),
                SINCE.replace(year=2020),
                SINCE.replace(year=2100),
            )
        assert row is not None
        hours.append((row["count"], row["ids"], row["waits"]))
    assert hours[0] == hours[1]
    assert hours[0][0] == 2


async def test_neighbours_are_asked_for_everything_since_the_moment_of_the_restoration(shop: Shop) -> None:
    await shop.regain()

    asked = [heard(message, ReplayRequested) for message in shop.broker.messages(control_topic_of("be"))]
    assert [(each.topic, each.since) for each in asked if each] == [(topic_of("be", "bank"), SINCE - MARGIN)]


async def test_what_was_read_late_and_forgotten_is_asked_for_although_it_is_older(shop: Shop) -> None:
    event = Envelope(
        id=uuid7(),
        topic=topic_of("be", "bank"),
        type="bank.Paid.v1",
        agg_type="Paid",
        agg_id=uuid7(),
        agg_version=1,
        created=SINCE - timedelta(hours=5),
        data={},
        headers={},
    )
    await shop.broker.producer().send_batch([event.to_message()])

    found = await shop.regain()

    assert (found.unheard, found.asked_since) == (1, event.created - MARGIN)


async def test_a_database_that_lacks_what_its_service_has_said_or_read_is_found_and_waits_for_a_person(
    shop: Shop,
) -> None:
    await shop.sell(shop.lost, uuid7())
    assert await look_back(shop.lost, "shop", await shop.ends()) is None

    sentence = await look_back(shop.restored, "shop", await shop.ends())

    assert sentence is not None
    assert "lacks 1 events that this service has published and 0 that it has handled" in sentence
    async with transaction(shop.restored) as db:
        assert await why_it_must_wait(db, "shop", 1) == sentence
    await shop.regain()
    assert await look_back(shop.restored, "shop", await shop.ends()) is None
    async with transaction(shop.restored) as db:
        assert await why_it_must_wait(db, "shop", 2) is None


async def test_what_is_committed_as_read_and_not_in_the_inbox_was_forgotten(shop: Shop) -> None:
    event = Envelope(
        id=uuid7(),
        topic=topic_of("be", "bank"),
        type="bank.Paid.v1",
        agg_type="Paid",
        agg_id=uuid7(),
        agg_version=1,
        created=SINCE,
        data={},
        headers={},
    )
    await shop.broker.producer().send_batch([event.to_message()])
    await shop.hear(shop.lost, event)

    assert await look_back(shop.lost, "shop", await shop.ends()) is None
    sentence = await look_back(shop.restored, "shop", await shop.ends())
    assert sentence is not None
    assert "0 events that this service has published and 1 that it has handled" in sentence


async def test_a_copy_that_does_not_know_of_its_generation_waits_for_a_person(shop: Shop) -> None:
    async with transaction(shop.restored) as db:
        why = await why_it_must_wait(db, "shop", 2)
    assert why is not None
    assert "it knows of generation 1, and this is 2" in why

    await shop.regain()

    async with transaction(shop.restored) as db:
        assert await why_it_must_wait(db, "shop", 2) is None


async def test_a_payment_that_was_sent_after_the_moment_of_the_restoration_is_recognised_and_not_sent(
    shop: Shop,
) -> None:
    sent: list[str] = []

    async def send(effect: Effect) -> dict[str, Any]:
        sent.append(effect.key)
        return {"receipt": effect.key}

    async def ask(effect: Effect) -> dict[str, Any] | None:
        return None if effect.key == "never sent" else {"receipt": effect.key}

    async def settled(ctx: Ctx, effect: Effect, result: Any) -> None:
        assert result["receipt"] == effect.key

    clock = SetClock(datetime.now(UTC))
    handlers = {"pay": EffectHandler(send=send, ask=ask, settled=settled)}
    executor = Effects(
        shop.restored, handlers, ctx_factory(country=a_country(), service=None, clock=clock), clock
    )
    async with transaction(shop.restored) as db:
        await a_ctx(db).effect("pay", "asked for before the moment", {})
    await shop.regain()
    async with transaction(shop.restored) as db:
        await a_ctx(db).effect("pay", "asked for again after it", {})
        await a_ctx(db).effect("pay", "never sent", {})

    for _ in range(10):
        clock.advance(1_000)
        while await execute_one(executor):
            pass

    assert sent == ["never sent"]
    async with transaction(shop.restored) as db:
        assert {row["state"] for row in await db.fetch("select state from effect")} == {"done"}
