"""A fact is announced exactly where it became true, and each aggregate counts without gaps."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.database import Connection, Pool, transaction
from commons.money import Money
from commons.outbox import append
from commons.testing import a_ctx
from commons.tests.shop import SaleForgotten, SaleMade
from commons.uuid7 import uuid7


def a_sale(sale_id: UUID) -> SaleMade:
    return SaleMade(sale_id=sale_id, step=1, price=Money(93_500, "EUR"))


async def test_an_announced_event_has_everything_the_broker_will_need(db: Connection) -> None:
    sale_id, cause = uuid7(), str(uuid7())
    ctx = a_ctx(db, who=Claims(subject="ann"), request_id="r1")
    ctx.causation = cause
    event_id = await ctx.announce(a_sale(sale_id))
    row = await db.fetchrow("select * from outbox where id = $1", event_id)
    assert row is not None
    assert (row["topic"], row["type"]) == ("be.shop.v1", "shop.SaleMade.v1")
    assert (row["agg_type"], row["agg_id"], row["agg_version"]) == ("Sale", sale_id, 1)
    assert row["data"] == {"sale_id": str(sale_id), "step": 1, "price": {"minor": "93500", "currency": "EUR"}}
    assert row["headers"] == {"actor": "ann", "country": "BE", "request_id": "r1", "causation": cause}
    assert row["published"] is None


async def test_versions_count_per_aggregate_whatever_the_type(db: Connection) -> None:
    one, other = uuid7(), uuid7()
    for event in (a_sale(one), SaleForgotten(sale_id=one), a_sale(other), a_sale(one)):
        await append(db, event, country="be")
    rows = await db.fetch(
        "select agg_id, agg_version from outbox where agg_id = any($1) order by seq", [one, other]
    )
    assert [(row["agg_id"], row["agg_version"]) for row in rows] == [(one, 1), (one, 2), (other, 1), (one, 3)]


async def test_an_event_is_not_announced_outside_a_transaction(pool: Pool) -> None:
    async with pool.acquire() as db:
        with pytest.raises(AssertionError, match="in the transaction that makes it true"):
            await append(db, a_sale(uuid7()), country="be")


async def test_what_is_rolled_back_was_never_said_and_leaves_no_gap(pool: Pool) -> None:
    sale_id = uuid7()

    async def announce(fails: bool) -> None:
        async with transaction(pool) as db:
            await append(db, a_sale(sale_id), country="be")
            if fails:
                raise RuntimeError

    for fails in (False, True, True, False):
        await asyncio.gather(announce(fails), return_exceptions=True)
    async with transaction(pool) as db:
        versions = await db.fetch("select agg_version from outbox where agg_id = $1 order by seq", sale_id)
    assert [row["agg_version"] for row in versions] == [1, 2]


async def test_the_order_of_versions_is_the_order_of_the_sequence_under_concurrency(pool: Pool) -> None:
    sales = [uuid7() for _ in range(3)]

    async def announce(number: int) -> None:
        async with transaction(pool) as db:
            await append(db, a_sale(sales[number % 3]), country="be")
            await asyncio.sleep(0.001 * (number % 4))  # commits out of the order of their beginnings

    await asyncio.gather(*(announce(number) for number in range(60)))
    async with transaction(pool) as db:
        for sale_id in sales:
            rows = await db.fetch("select agg_version from outbox where agg_id = $1 order by seq", sale_id)
            assert [row["agg_version"] for row in rows] == list(range(1, 21))
