"""Know since when a member holds paid shares."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from governance.events.consumed import SharesPaid
from governance.sql import SQL


@consumes(SharesPaid)
async def shares_paid(ctx: Ctx, event: SharesPaid) -> None:
    """Keep the entry with its day, so that the roll of any record date can be made from it."""
    await ctx.db.execute(
        SQL["insert_paid_share"],
        event.subscription_id,
        event.entity_id,
        event.member_id,
        event.register_number,
        event.quantity,
        event.paid_on,
    )
