"""Bring an order's money into its activity's budget."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.capabilities.note_cover import note_cover
from invoicing.domain.books import BUDGET_CREDITED, budget_credit
from invoicing.domain.order import Cover
from invoicing.service import Invoicing
from invoicing.sql import SQL


@capability
async def credit_budget(ctx: Ctx[Invoicing], *, order_id: UUID, decided_on: date) -> None:
    """Credit the price less the contribution as soon as the guarantee fund stands for the order; once.

    An order that was cancelled before the verdict came brings nothing.
    """
    order = await note_cover(ctx, order_id=order_id, cover=Cover(True, (), decided_on))
    if order.cancellation is not None:
        return
    contribution_minor = await ctx.db.fetchval(SQL["order_contribution_minor"], order_id)
    legs = budget_credit(
        entity_id=order.entity_id,
        activity_id=order.activity_id,
        budget=order.price - Money(contribution_minor, order.currency),
    )
    if legs:
        await ledger.post(
            ctx.db,
            code=BUDGET_CREDITED,
            ref=str(order_id),
            actor=ctx.who.subject,
            effective=await ctx.today(order.entity_id),
            legs=legs,
        )
