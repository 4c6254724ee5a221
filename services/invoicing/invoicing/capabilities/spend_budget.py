"""Charge a wage to the budget that holds it."""

from __future__ import annotations

from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from invoicing.capabilities.withdraw_budget import withdraw_budget
from invoicing.sql import SQL


@capability
async def spend_budget(ctx: Ctx, *, contract_id: UUID, labor_cost: Money) -> None:
    """Move the labor cost from the hold to labor; what was held beyond it is free again.

    A cost above the hold is refused by the ledger and waits for a person: it was priced with another law.
    """
    held = await ctx.db.fetchrow(SQL["budget_hold_for_update"], contract_id)
    if held is None:
        raise NotYet(f"the hold of contract {contract_id}")
    today = await ctx.today(held["entity_id"])
    await ledger.post_hold(
        ctx.db,
        code="budget_spend",
        ref=str(contract_id),
        actor=ctx.who.subject,
        effective=today,
        hold=held["hold_id"],
        amount=labor_cost,
    )
    await ctx.db.execute(SQL["end_budget_hold"], contract_id, today)
    await withdraw_budget(ctx, order_id=held["order_id"])
