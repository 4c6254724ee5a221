"""Open the fund of a legal entity and endow it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons import ledger
from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import CurrencyMismatch, Money
from commons.uuid7 import uuid7
from guarantee.capabilities.pool_variance import book_variances
from guarantee.domain.books import (
    AccountName,
    Journal,
    Line,
    account_code,
    contribution_journal,
)
from guarantee.domain.errors import EndowmentNegative, FundAlreadyOpen
from guarantee.rows import FundRow
from guarantee.sql import SQL
from guarantee.store import book, open_accounts

CONTRIBUTIONS_BATCH_SIZE: Final = 500


@capability
async def open_fund(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    endowment: Money,
    name: Annotated[str, Text(max=200, min=1)] | None = None,
) -> FundRow:
    """Open the one fund of a legal entity with what the cooperative puts into it, which may be nothing.

    Contributions that were levied and variances that were announced before are booked now. Without a name it
    has that of the entity.
    """
    today = await ctx.today(entity_id)
    entity = await ctx.db.fetchrow(SQL["lock_entity"], entity_id)
    assert entity is not None, "it has a business day since it was registered here"
    if endowment.currency != entity["currency"]:
        raise CurrencyMismatch(expected=entity["currency"], given=endowment.currency).at("endowment")
    if endowment.is_negative:
        raise EndowmentNegative(endowment=endowment).at("endowment")
    if await ctx.db.fetchval(SQL["is_fund_open"], entity_id):
        raise FundAlreadyOpen(entity=entity_id)
    await ctx.db.execute(SQL["insert_fund"], entity_id, name or entity["name"], today)
    await open_accounts(ctx, entity_id, entity["currency"], today)
    await ledger.open_account(
        ctx.db, uuid7(), _endowment_code(entity_id), entity["currency"], "bank", entity_id, floor=None
    )
    if endowment.minor:
        await book(ctx, _endowment(entity_id, endowment), entity_id=entity_id, effective=today)
    await _book_contributions(ctx, entity_id, today)
    await book_variances(ctx, entity_id, today)
    [row] = await ctx.db.fetch(SQL["funds_by_key"], [entity_id])
    return FundRow(*row)


async def _book_contributions(ctx: Ctx, entity_id: UUID, today: date) -> None:
    while rows := await ctx.db.fetch(SQL["contributions_to_book"], entity_id, CONTRIBUTIONS_BATCH_SIZE):
        for row in rows:
            part = Money(row["fund_part_minor"], row["currency"])
            if part.minor:
                journal = contribution_journal(entity_id, row["invoice_id"], part)
                await book(ctx, journal, entity_id=entity_id, effective=today)
        booked = [row["invoice_id"] for row in rows]
        await ctx.db.execute(SQL["mark_contributions_booked"], booked, today)


def _endowment(entity_id: UUID, amount: Money) -> Journal:
    line = Line(_endowment_code(entity_id), account_code(entity_id, AccountName.FUND), amount)
    return Journal("endowment", str(entity_id), (line,))


def _endowment_code(entity_id: UUID) -> str:
    return f"{entity_id}:endowment"
