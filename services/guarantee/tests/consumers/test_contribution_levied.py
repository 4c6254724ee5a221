from __future__ import annotations

from datetime import date
from typing import Any

from commons.uuid7 import uuid7
from guarantee.consumers.contribution_levied import contribution_levied
from guarantee.events.consumed import ContributionLevied


def levied(cell: Any, cents: int = 6500) -> ContributionLevied:
    return ContributionLevied.model_validate(
        {
            "invoice_id": uuid7(),
            "entity_id": cell.entity,
            "amount": {"minor": str(cents), "currency": "EUR"},
            "levied_on": date(2026, 7, 31),
        }
    )


async def test_a_quarter_of_a_contribution_feeds_the_fund_once_an_invoice(funded: Any) -> None:
    event = levied(funded)
    for _ in range(2):
        await funded.do(lambda ctx: contribution_levied(ctx, event))
    assert await funded.fund() == ("10016.25", "0.00")
    await funded.check_books()


async def test_a_contribution_whose_part_rounds_to_nothing_is_noted_and_books_nothing(funded: Any) -> None:
    event = levied(funded, cents=1)
    await funded.do(lambda ctx: contribution_levied(ctx, event))
    assert await funded.fund() == ("10000.00", "0.00")
    booked = await funded.pools.read.fetchval(
        "select booked_on from contribution where invoice_id = $1", event.invoice_id
    )
    assert booked == date(2026, 7, 31)


async def test_without_a_fund_a_contribution_waits_for_one(cell: Any) -> None:
    event = levied(cell)
    await cell.do(lambda ctx: contribution_levied(ctx, event))
    await cell.open_fund("100.00")
    assert await cell.fund() == ("116.25", "0.00")
    await cell.do(lambda ctx: contribution_levied(ctx, event))
    assert await cell.fund() == ("116.25", "0.00")
