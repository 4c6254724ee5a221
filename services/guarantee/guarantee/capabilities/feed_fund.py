"""Feed the fund with its part of the contribution levied on an invoice."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from guarantee.domain.books import contribution_journal
from guarantee.domain.rules import guarantee_rules
from guarantee.sql import SQL
from guarantee.store import book


@capability
async def feed_fund(ctx: Ctx, *, entity_id: UUID, invoice_id: UUID, levied: Money, levied_on: date) -> None:
    """Book the fund's part, once an invoice. While the entity has no fund it waits until one is opened."""
    today = max(await ctx.today(entity_id), levied_on)
    await ctx.db.fetchrow(SQL["lock_entity"], entity_id)  # a fund that is being opened books it, or we do
    rules = guarantee_rules(ctx.country.section("guarantee"), levied_on)
    part = rules.contribution_to_fund(levied)
    added = await ctx.db.fetchval(
        SQL["insert_contribution"], invoice_id, entity_id, levied.minor, part.minor, part.currency, levied_on
    )
    if added is None or not await ctx.db.fetchval(SQL["is_fund_open"], entity_id):
        return
    if part.minor:
        journal = contribution_journal(entity_id, invoice_id, part)
        await book(ctx, journal, entity_id=entity_id, effective=today)
    await ctx.db.execute(SQL["mark_contributions_booked"], [invoice_id], today)
