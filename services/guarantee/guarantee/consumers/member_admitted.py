"""Know the members of an entity."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.events.consumed import MemberAdmitted
from guarantee.sql import SQL


@consumes(MemberAdmitted)
async def member_admitted(ctx: Ctx, event: MemberAdmitted) -> None:
    """Remember the day of admission."""
    await ctx.db.execute(SQL["note_admission"], event.member_id, event.entity_id, event.admitted_on)
