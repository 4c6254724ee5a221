"""Give the mutual pool what the price of a contract left over, or take from it what it fell short by."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from guarantee.domain.books import variance_journal
from guarantee.sql import SQL
from guarantee.store import book, open_accounts

VARIANCES_BATCH_SIZE: Final = 500


@capability
async def pool_variance(
    ctx: Ctx, *, contract_id: UUID, number: int, entity_id: UUID, change: Money, corrected_on: date
) -> None:
    """Book one step of a contract's variance, once. While the entity has no fund it waits for one.

    The pool may stand below nothing: whoever decides the contribution must know it, and no wage waits for it.
    """
    today = max(await ctx.today(entity_id), corrected_on)
    await ctx.db.fetchrow(SQL["lock_entity"], entity_id)  # a fund that is being opened books it, or we do
    added = await ctx.db.fetchval(
        SQL["insert_variance"], contract_id, number, entity_id, change.minor, change.currency, corrected_on
    )
    if added is None or not await ctx.db.fetchval(SQL["is_fund_open"], entity_id):
        return
    # A fund that was opened before there was a pool has no accounts for it yet.
    await open_accounts(ctx, entity_id, change.currency, today)
    await book_variances(ctx, entity_id, today)


async def book_variances(ctx: Ctx, entity_id: UUID, today: date) -> None:
    """Book every step that waits."""
    while rows := await ctx.db.fetch(SQL["variances_to_book"], entity_id, VARIANCES_BATCH_SIZE):
        for row in rows:
            change = Money(row["change_minor"], row["currency"])
            journal = variance_journal(entity_id, row["contract_id"], row["number"], change)
            await book(ctx, journal, entity_id=entity_id, effective=today)
            await ctx.db.execute(SQL["mark_variance_booked"], row["contract_id"], row["number"], today)
