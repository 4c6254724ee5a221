"""Know that a client will not pay any more: what was advanced is claimed, and no order is covered again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain.wage_promise import ClientDefaulted
from guarantee.sql import SQL
from guarantee.store import lock_order, wages_of_order


@capability
async def note_default(ctx: Ctx, *, buyer_id: UUID, entity_id: UUID, reason: str, defaulted_on: date) -> None:
    """Remember the default and open the recovery of what is advanced on the client's orders; once.

    Covered orders stay covered: their wages are paid on their day, from the fund. Raises UnknownEntity.
    """
    today = max(await ctx.today(entity_id), defaulted_on)
    if await ctx.db.fetchval(SQL["insert_client_default"], buyer_id, entity_id, reason, defaulted_on) is None:
        return
    for row in await ctx.db.fetch(SQL["orders_of_buyer"], buyer_id, entity_id):
        order = await lock_order(ctx.db, row["id"])
        assert order is not None, "an order has its verdict"
        for wage in await wages_of_order(ctx.db, order):
            await move_wage(ctx, wage=wage, event=ClientDefaulted(), today=today)
