"""One order."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownOrder
from invoicing.rows import OrderRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import order_rows


@capability
async def get_order(ctx: Ctx[Invoicing], *, id: Annotated[UUID, Node("Order")]) -> OrderRow:
    """One order, by id."""
    record = await ctx.read.fetchrow(SQL["order"], id)
    if record is None:
        raise UnknownOrder(order=id)
    [row] = await order_rows(ctx, ctx.read, [record])
    return row
