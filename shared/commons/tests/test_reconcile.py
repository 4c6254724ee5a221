"""A closed hour is told only when it is published, and a reader that received something else asks for it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from commons import telemetry
from commons.database import Pool, transaction
from commons.kafka import Received
from commons.reconcile import HourClosed, Reconciliation, close_hours
from commons.replay import ReplayRequested, heard
from commons.testing import a_ctx
from commons.testing.broker import FakeBroker
from commons.tests.shop import SaleForgotten
from commons.uuid7 import uuid7

TOPIC = "be.shop.v1"


async def tell(pool: Pool, broker: FakeBroker) -> list[HourClosed]:
    """The hours told when all of this day so far is settled; only those with events."""
    now = datetime.now(UTC) + timedelta(hours=1, seconds=60)
    told = await close_hours(pool, broker.producer(), country="be", topic=TOPIC, now=now)
    return [hour for hour in told if hour.count]


async def test_an_hour_is_told_only_when_all_of_it_is_published(pool: Pool, broker: FakeBroker) -> None:
    async with transaction(pool) as db:
        await a_ctx(db).announce(SaleForgotten(sale_id=uuid7()))
        await a_ctx(db).announce(SaleForgotten(sale_id=uuid7()))
    assert await tell(pool, broker) == []
    async with transaction(pool) as db:
        await db.execute("update outbox set published = now() where seq = (select min(seq) from outbox)")
    assert await tell(pool, broker) == []
    async with transaction(pool) as db:
        await db.execute("update outbox set published = now()")
    told = await tell(pool, broker)
    assert sum(hour.count for hour in told) == 2


async def test_an_hour_travels_on_the_control_topic_also_when_nothing_happened(
    pool: Pool, broker: FakeBroker
) -> None:
    now = datetime.now(UTC) - timedelta(days=30)
    told = await close_hours(pool, broker.producer(), country="be", topic=TOPIC, now=now)
    received = [heard(message, HourClosed) for message in broker.messages("be.control.v1")]
    assert sorted(received, key=str) == sorted(told, key=str)
    assert {(hour.count, hour.ids) for hour in told} == {(0, None)}
    assert heard(broker.messages("be.control.v1")[0], ReplayRequested) is None


def test_a_control_message_that_cannot_be_read_is_left(caplog: pytest.LogCaptureFixture) -> None:
    headers = (("ce_type", b"control.HourClosed.v1"),)
    assert heard(Received("be.control.v1", 0, 0, b"", b"{}", headers), HourClosed) is None
    assert "cannot be read" in caplog.text


async def test_a_difference_is_known_until_it_is_repaired(pool: Pool) -> None:
    start = datetime(2026, 6, 5, 9, tzinfo=UTC)
    ids = [uuid7(), uuid7()]
    xor = format(ids[0].int ^ ids[1].int, "0128b")
    hour = HourClosed(topic=TOPIC, start=start, end=start + timedelta(hours=1), count=2, ids=xor)
    reader = Reconciliation("books", pool, frozenset({TOPIC}))

    def hours_that_differ() -> float:
        return float(telemetry.RECONCILIATION_DIFFERENCES.labels(TOPIC)._value.get())

    async def receive(number: int) -> None:
        async with transaction(pool) as db:
            await db.execute(
                "insert into inbox values ('books', $1, 'Sale', $2, 1, $3, $4)",
                TOPIC,
                uuid7(),
                ids[number],
                start,
            )

    await receive(0)
    wanted = await reader.compare(hour)
    assert wanted is not None
    assert (wanted.topic, wanted.since, wanted.until) == (TOPIC, hour.start, hour.end)
    assert hours_that_differ() == 1
    await receive(1)
    assert await reader.compare(hour) is None
    assert hours_that_differ() == 0
    other = hour.model_copy(update={"ids": format(ids[0].int, "0128b")})
    assert await reader.compare(other) is not None  # as many, but not the same
    assert await reader.compare(hour.model_copy(update={"topic": "be.bank.v1"})) is None
