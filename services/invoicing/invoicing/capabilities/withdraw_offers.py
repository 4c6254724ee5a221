"""Withdraw the offers of a member who left: nobody would be there to do the work."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from invoicing.domain import order as orders
from invoicing.events.published import OrderCancelled
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import load_order

MEMBER_RESIGNED: Final = "member_resigned"


@capability
async def withdraw_offers(
    ctx: Ctx[Invoicing], *, member_id: UUID, entity_id: UUID, resigned_on: date
) -> None:
    """Cancel every order of the member that is drafted or sent and that its buyer has not decided on.

    What was confirmed stands: the work is done, invoiced and paid as it was agreed.
    """
    today = max(await ctx.today(entity_id), resigned_on)
    for row in await ctx.db.fetch(SQL["undecided_orders_of_member"], member_id, entity_id):
        # Locked and looked at again: its buyer may have said yes in the meantime.
        order = await load_order(ctx.db, row["id"], ctx.service.rules)
        if order.confirmation is not None or order.cancellation is not None:
            continue
        withdrawn = orders.cancel(order, reason="", done={}, today=today).cancellation
        assert withdrawn is not None, "cancel() sets it"
        await ctx.db.execute(
            SQL["mark_order_cancelled"],
            order.id,
            withdrawn.reason,
            withdrawn.is_refusal,
            withdrawn.cancelled_on,
        )
        await ctx.announce(
            OrderCancelled(
                order_id=order.id,
                entity_id=entity_id,
                reason=MEMBER_RESIGNED,
                cancelled_on=withdrawn.cancelled_on,
            )
        )
