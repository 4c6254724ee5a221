"""Know who was admitted: only members open activities."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.events.consumed import MemberAdmitted
from invoicing.sql import SQL


@consumes(MemberAdmitted)
async def member_admitted(ctx: Ctx, event: MemberAdmitted) -> None:
    """Keep the day of admission."""
    await ctx.db.execute(SQL["note_admission"], event.member_id, event.entity_id, event.admitted_on)
