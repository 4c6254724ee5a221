"""Release what the fund keeps for an invoice that was taken back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain.books import contribution_reversal_journal
from guarantee.domain.wage_promise import InvoiceCredited
from guarantee.sql import SQL
from guarantee.store import book, lock_order, wages_of_order


@capability
async def release_invoice(ctx: Ctx, *, invoice_id: UUID, order_id: UUID, credited_on: date) -> None:
    """End the cover of the order of a credited invoice, and give its part of the contribution back.

    Wages of work already done are still paid. What the fund advanced for them stays open and is carried by
    the fund until its loss is decided; the client who was credited owes it nothing. Raises NotYet until order
    and invoice have arrived.
    """
    order = await lock_order(ctx.db, order_id)
    invoice = await ctx.db.fetchrow(SQL["lock_invoice"], invoice_id)
    if order is None or invoice is None:
        raise NotYet(f"invoice {invoice_id} of order {order_id}")
    if not await ctx.db.fetchval(SQL["mark_invoice_credited"], invoice_id, credited_on):
        return
    today = max(await ctx.today(order.entity_id), credited_on)
    for wage in await wages_of_order(ctx.db, order):
        await move_wage(ctx, wage=wage, event=InvoiceCredited(), today=today)
    await ctx.db.execute(SQL["refresh_exposure"], order_id)
    await _give_contribution_back(ctx, order.entity_id, invoice_id, today)


async def _give_contribution_back(ctx: Ctx, entity_id: UUID, invoice_id: UUID, today: date) -> None:
    """Once: a part that is not booked yet, because the entity has no fund, will never be."""
    await ctx.db.fetchrow(SQL["lock_entity"], entity_id)  # a fund that is being opened comes before or after
    row = await ctx.db.fetchrow(SQL["reverse_contribution"], invoice_id, today)
    if row is None or row["booked_on"] is None or not row["fund_part_minor"]:
        return
    part = Money(row["fund_part_minor"], row["currency"])
    journal = contribution_reversal_journal(entity_id, invoice_id, part)
    try:
        await book(ctx, journal, entity_id=entity_id, effective=today)
    except ledger.FloorReached as empty:
        raise NotYet(f"the fund has {part} to give back") from empty
