"""Offer an order to its buyer: a message with a signed link."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.access import must_be_own
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain import order as orders
from invoicing.rows import OrderRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import check_may_bring_money, load_order, order_rows


@capability
async def send_order(ctx: Ctx[Invoicing], *, order_id: Annotated[UUID, Node("Order")]) -> OrderRow:
    """Send a drafted order to its buyer, who reads and decides under a signed link; it is then never changed.

    An order brings new money, so the member's share for the year must be paid.
    """
    order = await load_order(ctx.db, order_id, ctx.service.rules)
    must_be_own(ctx.who, order.member_id)
    today = await ctx.today(order.entity_id)
    await check_may_bring_money(ctx.db, order.member_id, order.entity_id, today)
    sent = orders.send(order, today)
    await ctx.db.execute(SQL["mark_order_sent"], order_id, sent.sent_on, ctx.clock.now())
    # Neither the link nor the address: whoever may read effects must not be able to decide for a buyer.
    await ctx.effect("mail.order", str(order_id), {"order_id": str(order_id)})
    record = await ctx.db.fetchrow(SQL["order"], order_id)
    assert record is not None, "it is locked"
    [row] = await order_rows(ctx, ctx.db, [record])
    return row
