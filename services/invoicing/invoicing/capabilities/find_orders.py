"""The orders of an activity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.rows import OrderRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import order_rows


@capability
async def find_orders(
    ctx: Ctx[Invoicing],
    *,
    activity_id: Annotated[UUID, Node("Activity")],
    first: int = 20,
    after: str | None = None,
) -> Page[OrderRow]:
    """The orders of an activity, oldest first."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    records = await ctx.read.fetch(SQL["orders_of_activity"], activity_id, start, first + 1)
    rows = await order_rows(ctx, ctx.read, records)
    return page(rows, first, key=lambda row: (row.key,))
