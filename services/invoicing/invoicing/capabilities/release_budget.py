"""Free what was set aside for a contract."""

from __future__ import annotations

from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.capabilities.withdraw_budget import withdraw_budget
from invoicing.events.published import BudgetReleased
from invoicing.sql import SQL


@capability
async def release_budget(ctx: Ctx, *, contract_id: UUID) -> None:
    """Free the hold of a contract; nothing happens where there is none or it has ended."""
    held = await ctx.db.fetchrow(SQL["budget_hold_for_update"], contract_id)
    if held is None or held["ended_on"] is not None:
        return
    today = await ctx.today(held["entity_id"])
    await ledger.void_hold(
        ctx.db,
        code="budget_release",
        ref=str(contract_id),
        actor=ctx.who.subject,
        effective=today,
        hold=held["hold_id"],
    )
    await ctx.db.execute(SQL["end_budget_hold"], contract_id, today)
    await ctx.announce(
        BudgetReleased(
            contract_id=contract_id,
            entity_id=held["entity_id"],
            amount=Money(held["amount_minor"], held["currency"]),
            released_on=today,
        )
    )
    await withdraw_budget(ctx, order_id=held["order_id"])
