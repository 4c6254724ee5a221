"""Say yes to an invitation into an activity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain import activity as activities
from invoicing.domain.activity import ActivityRole, Invitation
from invoicing.events.published import ActivityJoined
from invoicing.rows import ActivityRow
from invoicing.sql import SQL
from invoicing.store import activity_row, check_admitted, load_activity


@capability
async def accept_invitation(ctx: Ctx, *, activity_id: Annotated[UUID, Node("Activity")]) -> ActivityRow:
    """Accept an invitation. From then on one may ask for contracts that the activity's budget pays."""
    activity = await load_activity(ctx.db, activity_id)
    row = await ctx.db.fetchrow(SQL["invitation_for_update"], activity_id, ctx.who.member_id)
    invitation = Invitation(row["member_id"], ActivityRole(row["role"])) if row else None
    joined = activities.accept(activity, invitation).participations[-1]
    if joined.role is ActivityRole.ADMINISTRATOR:
        await check_admitted(ctx.db, joined.member_id, activity.entity_id)
    today = await ctx.today(activity.entity_id)
    await ctx.db.execute(SQL["insert_participation"], activity_id, joined.member_id, joined.role.value)
    await ctx.db.execute(SQL["mark_invitation_accepted"], activity_id, joined.member_id, today)
    await ctx.announce(
        ActivityJoined(
            activity_id=activity_id,
            entity_id=activity.entity_id,
            member_id=joined.member_id,
            role=joined.role.value,
            joined_on=today,
        )
    )
    return await activity_row(ctx.db, activity_id)
