"""Take back from a budget what an order had brought that fell away."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.domain.books import budget_of, withdrawal
from invoicing.sql import SQL

ATTEMPTS_MAX: Final = 3  # somebody else's hold may come in between; what is left is asked for again later


@capability
async def withdraw_budget(ctx: Ctx, *, order_id: UUID) -> None:
    """Take what the budget has, up to what it owes for the order; nothing where the order did not fall away.

    What wages hold is not touched: it is asked for again when a hold of the order ends.
    """
    asked = await ctx.db.fetchrow(SQL["budget_withdrawal_for_update"], order_id)
    if asked is None:
        return
    open_amount = Money(asked["amount_minor"] - asked["taken_minor"], asked["currency"])
    nothing = Money.zero(asked["currency"])
    for _ in range(ATTEMPTS_MAX):
        available = (await ledger.balance(ctx.db, budget_of(asked["activity_id"]).id)).available
        amount = min(available, open_amount)
        if amount <= nothing:
            return
        leg = withdrawal(entity_id=asked["entity_id"], activity_id=asked["activity_id"], amount=amount)
        try:
            await ledger.post(
                ctx.db,
                code="budget_withdrawn",
                ref=f"{order_id}/{asked['taken_minor']}",
                actor=ctx.who.subject,
                effective=await ctx.today(asked["entity_id"]),
                legs=[leg],
            )
        except ledger.FloorReached:
            continue
        await ctx.db.execute(SQL["take_budget_withdrawal"], order_id, amount.minor)
        return
