"""Know an order that a client confirmed: contracts are made under it."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from payroll.events.consumed import OrderConfirmed
from payroll.service import Payroll
from payroll.sql import SQL


@consumes(OrderConfirmed)
async def order_confirmed(ctx: Ctx[Payroll], event: OrderConfirmed) -> None:
    """Keep whose order it is, and for whom the work is."""
    await ctx.db.execute(
        SQL["insert_confirmed_order"],
        event.order_id,
        event.entity_id,
        event.activity_id,
        event.member_id,
        event.start_date,
        event.end_date,
        event.confirmed_on,
        event.buyer_id,
    )
