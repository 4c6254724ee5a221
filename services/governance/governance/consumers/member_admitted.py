"""Know a member of an entity."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from governance.events.consumed import MemberAdmitted
from governance.sql import SQL


@consumes(MemberAdmitted)
async def member_admitted(ctx: Ctx, event: MemberAdmitted) -> None:
    """Keep the member's category in the entity."""
    await ctx.db.execute(
        SQL["insert_member_standing"], event.entity_id, event.member_id, event.category, event.admitted_on
    )
