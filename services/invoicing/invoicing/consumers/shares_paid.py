"""Know until when a member may bring new money."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.events.consumed import SharesPaid
from invoicing.sql import SQL


@consumes(SharesPaid)
async def shares_paid(ctx: Ctx, event: SharesPaid) -> None:
    """Keep the latest day."""
    await ctx.db.execute(SQL["note_entitlement"], event.member_id, event.entity_id, event.entitled_until)
