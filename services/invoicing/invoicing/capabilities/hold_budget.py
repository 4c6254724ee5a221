"""Set the cost of a contract aside on its activity's budget."""

from __future__ import annotations

from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from invoicing.domain.books import budget_of, labor_hold
from invoicing.domain.errors import BudgetTooSmall
from invoicing.events.published import BudgetHeld, BudgetRefused
from invoicing.sql import SQL


@capability
async def hold_budget(
    ctx: Ctx, *, contract_id: UUID, order_id: UUID, activity_id: UUID, labor_cost: Money
) -> None:
    """Hold the labor cost, or say that the budget does not have it.

    Waits for the fund's verdict on the order: before it, the money cannot be in the budget. For a cancelled
    order nothing is held: payroll refuses its contract as soon as it hears of it.
    """
    order = await ctx.db.fetchrow(SQL["order_for_update"], order_id)
    if order is None or order["is_covered"] is None:
        raise NotYet(f"the verdict on order {order_id}")
    assert order["activity_id"] == activity_id, "payroll takes the activity from the order"
    if order["cancelled_on"] is not None:
        return
    entity_id: UUID = order["entity_id"]
    today = await ctx.today(entity_id)
    leg = labor_hold(entity_id=entity_id, activity_id=activity_id, labor_cost=labor_cost)
    try:
        hold_id = await ledger.hold(
            ctx.db,
            code="budget_hold",
            ref=str(contract_id),
            actor=ctx.who.subject,
            effective=today,
            debit=leg.debit,
            credit=leg.credit,
            amount=leg.amount,
        )
    except ledger.FloorReached:
        balance = await ledger.balance(ctx.db, budget_of(activity_id).id)
        refusal = BudgetTooSmall(requested=labor_cost, available=balance.available)
        await ctx.announce(
            BudgetRefused(
                contract_id=contract_id,
                order_id=order_id,
                activity_id=activity_id,
                entity_id=entity_id,
                requested=labor_cost,
                available=balance.available,
                code=refusal.code,
            )
        )
        return
    await ctx.db.execute(
        SQL["insert_budget_hold"],
        contract_id,
        order_id,
        activity_id,
        entity_id,
        hold_id,
        labor_cost.minor,
        labor_cost.currency,
        today,
    )
    await ctx.announce(
        BudgetHeld(
            hold_id=hold_id,
            contract_id=contract_id,
            order_id=order_id,
            activity_id=activity_id,
            entity_id=entity_id,
            amount=labor_cost,
            held_on=today,
        )
    )
