"""Release what the fund keeps for an order that will not be carried out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain.wage_promise import OrderCancelled
from guarantee.sql import SQL
from guarantee.store import lock_order, wages_of_order


@capability
async def release_order(ctx: Ctx, *, order_id: UUID, cancelled_on: date, kept: Money | None = None) -> None:
    """End the cover of an order. Wages of work already done are still paid, and then claimed from the client.

    Where a part was done before, the client owes it and the fund stands for it as before: `kept` is the price
    of the part less its contribution.
    An order that was never confirmed has nothing to release.
    """
    order = await lock_order(ctx.db, order_id)
    if order is None or order.cancelled_on is not None:
        return
    if kept is not None:
        await ctx.db.execute(SQL["keep_cover_of_part"], order_id, kept.minor)
        await ctx.db.execute(SQL["refresh_exposure"], order_id)
        return
    today = max(await ctx.today(order.entity_id), cancelled_on)
    await ctx.db.execute(SQL["mark_order_cancelled"], order_id, cancelled_on)
    for wage in await wages_of_order(ctx.db, order):
        await move_wage(ctx, wage=wage, event=OrderCancelled(), today=today)
    await ctx.db.execute(SQL["refresh_exposure"], order_id)
