"""Carry the loss of a claim that was given up."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from guarantee.capabilities.move_wage import move_wage
from guarantee.capabilities.note_reserve import note_reserve
from guarantee.domain.wage_promise import State, WriteOffApproved
from guarantee.sql import SQL
from guarantee.store import lock_order, wages_of_order


@capability
async def carry_loss(ctx: Ctx, *, write_off_id: UUID, order_id: UUID, approved_on: date) -> None:
    """Book what is still open on the order as a loss of the fund; once. What came back meanwhile is none.

    The member keeps the wage. Money that comes later goes to the fund. Raises NotYet.
    """
    order = await lock_order(ctx.db, order_id)
    write_off = await ctx.db.fetchrow(SQL["lock_write_off"], write_off_id)
    if order is None or write_off is None:
        raise NotYet(f"write-off {write_off_id}")
    if write_off["carried_on"] is not None:
        return
    today = max(await ctx.today(order.entity_id), approved_on)
    carried = Money.zero(order.currency)
    for wage in await wages_of_order(ctx.db, order):
        if wage.promise.state is State.RECOVERY_OPENED:
            carried = carried + wage.promise.open_advance
            await move_wage(ctx, wage=wage, event=WriteOffApproved(), today=today)
    await ctx.db.execute(SQL["mark_write_off_carried"], write_off_id, carried.minor, today)
    await ctx.db.execute(SQL["refresh_exposure"], order.id)
    await note_reserve(ctx, entity_id=order.entity_id, currency=order.currency, today=today)
