"""Write down the guarantee fund's verdict on an order."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from invoicing.domain.errors import UnknownOrder
from invoicing.domain.order import Cover, Order, decide_cover
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import load_order


@capability
async def note_cover(ctx: Ctx[Invoicing], *, order_id: UUID, cover: Cover) -> Order:
    """Keep the verdict; the same one again changes nothing, another one is refused."""
    try:
        order = await load_order(ctx.db, order_id, ctx.service.rules)
    except UnknownOrder as unknown:
        raise NotYet(f"order {order_id}") from unknown
    decided = decide_cover(order, cover)
    await ctx.db.execute(
        SQL["mark_order_cover"], order_id, cover.is_covered, list(cover.reasons), cover.decided_on
    )
    return decided
