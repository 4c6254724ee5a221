"""Tell the board when the fund has less than what it stands for demands."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import CEILING, Money
from guarantee.domain.rules import guarantee_rules
from guarantee.events.published import FundBelowReserve
from guarantee.sql import SQL
from guarantee.store import fund_balance


@capability
async def note_reserve(
    ctx: Ctx, *, entity_id: UUID, currency: str, today: date, asked: Money | None = None
) -> None:
    """Compare the fund with the reserve that the country wants for its exposure; tell it once a day.

    `asked` is cover that was asked for and refused: it counts, so that the board hears what could not be.
    """
    rules = guarantee_rules(ctx.country.section("guarantee"), today)
    row = await ctx.db.fetchrow(SQL["exposure"], entity_id, None, None)
    assert row is not None, "a sum is always answered"
    exposure = Money(row["minor"], currency) + (asked or Money.zero(currency))
    reserve = exposure.times(rules.reserve_ratio_minimum, CEILING)
    balance = await fund_balance(ctx.db, entity_id, currency)
    if balance >= reserve:
        return
    noted = await ctx.db.fetchval(
        SQL["insert_fund_warning"], entity_id, today, balance.minor, reserve.minor, currency
    )
    if noted is not None:
        await ctx.announce(
            FundBelowReserve(entity_id=entity_id, balance=balance, reserve=reserve, noted_on=today)
        )
