"""Know until when a member may bring new money."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.events.consumed import SharesPaid
from guarantee.sql import SQL


@consumes(SharesPaid)
async def shares_paid(ctx: Ctx, event: SharesPaid) -> None:
    """Remember the entitlement; a longer one that is known stays."""
    await ctx.db.execute(SQL["note_entitlement"], event.member_id, event.entity_id, event.entitled_until)
