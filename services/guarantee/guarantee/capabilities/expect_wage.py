"""Expect a wage: keep its money in the fund until the day on which it is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from commons import deadlines
from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from guarantee.capabilities.move_wage import move_wage
from guarantee.capabilities.note_reserve import note_reserve
from guarantee.domain.wage_promise import PayslipComputed
from guarantee.sql import SQL
from guarantee.store import Order, Wage, lock_order, open_wage, wages_of_order


@dataclass(frozen=True, slots=True)
class Payslip:
    """A wage as payroll tells it."""

    id: UUID
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    member_id: UUID
    labor_cost: Money
    due_date: date
    computed_on: date


@capability
async def expect_wage(ctx: Ctx, *, payslip: Payslip) -> None:
    """Hold the labor cost of a payslip, unless the client's money is there, and remember its due date.

    A payslip that is known already changes nothing. Raises NotYet until the order's cover is decided.
    """
    order = await lock_order(ctx.db, payslip.order_id)
    if order is None:
        raise NotYet(f"order {payslip.order_id}")
    if await ctx.db.fetchval(SQL["order_of_payslip"], payslip.id):
        return
    today = max(await ctx.today(payslip.entity_id), payslip.computed_on)
    surplus = await move_wage(
        ctx,
        wage=replace(
            await _waiting(ctx, order), contract_id=payslip.contract_id, member_id=payslip.member_id
        ),
        event=PayslipComputed(payslip.id, payslip.labor_cost, payslip.due_date),
        today=today,
    )
    if surplus.minor:
        await open_wage(ctx.db, order, collected=surplus)
    await deadlines.schedule(
        ctx.db,
        kind="wage_due",
        key=f"wage_due:{payslip.id}",
        entity_id=payslip.entity_id,
        due=payslip.due_date,
        data={"payslip_id": str(payslip.id)},
    )
    await ctx.db.execute(SQL["refresh_exposure"], order.id)
    await note_reserve(ctx, entity_id=order.entity_id, currency=order.currency, today=today)


async def _waiting(ctx: Ctx, order: Order) -> Wage:
    """The promise that waits for a payslip, or one more: an order may have several wages."""
    wages = await wages_of_order(ctx.db, order)
    waiting = next((wage for wage in wages if wage.promise.payslip_id is None), None)
    return waiting or await open_wage(ctx.db, order)
