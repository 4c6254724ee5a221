"""Propose to those who decide it that a claim is given up."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.domain.wage_promise import State
from guarantee.events.published import WriteOffProposed
from guarantee.sql import SQL
from guarantee.store import lock_order, lock_wage, wages_of_order


@capability
async def propose_write_off(ctx: Ctx, *, payslip_id: UUID) -> None:
    """Propose to give up what is claimed on the order of a wage; nothing where nothing is open any more.

    While a proposal for the order waits for its decision, no second one is made.
    """
    wage = await lock_wage(ctx.db, payslip_id)
    if wage is None:
        raise NotYet(f"payslip {payslip_id}")
    order = await lock_order(ctx.db, wage.promise.order_id)
    assert order is not None, "its wage was just read"
    today = await ctx.today(order.entity_id)
    claimed = Money.zero(order.currency)
    for each in await wages_of_order(ctx.db, order):
        if each.promise.state is State.RECOVERY_OPENED:
            claimed = claimed + each.promise.open_advance
    if claimed.is_zero:
        return
    key = await ctx.db.fetchval(
        SQL["insert_write_off"],
        uuid7(),
        order.id,
        order.entity_id,
        claimed.minor,
        claimed.currency,
        today,
    )
    if key is not None:
        await ctx.announce(
            WriteOffProposed(
                write_off_id=key,
                order_id=order.id,
                entity_id=order.entity_id,
                amount=claimed,
                proposed_on=today,
            )
        )
