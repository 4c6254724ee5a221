"""Ask somebody into an activity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain import activity as activities
from invoicing.domain.activity import ActivityRole
from invoicing.rows import ActivityRow
from invoicing.sql import SQL
from invoicing.store import activity_row, load_activity


@capability
async def invite_participant(
    ctx: Ctx,
    *,
    activity_id: Annotated[UUID, Node("Activity")],
    member_id: Annotated[UUID, Node("Member")],
    role: ActivityRole = ActivityRole.PARTICIPANT,
) -> ActivityRow:
    """Invite a person, by the id that the person gives, into an activity of which one is an administrator.

    Nothing begins before the person accepts. A participant need not be a member of the cooperative; an
    administrator brings new money and does.
    """
    activity = await load_activity(ctx.db, activity_id)
    invited = await ctx.db.fetchrow(SQL["invitation_for_update"], activity_id, member_id)
    invitation = activities.invite(
        activity, by=ctx.who.member_id, member_id=member_id, role=role, is_invited=invited is not None
    )
    await ctx.db.execute(
        SQL["insert_invitation"],
        activity_id,
        invitation.member_id,
        invitation.role.value,
        ctx.who.member_id,
        await ctx.today(activity.entity_id),
    )
    return await activity_row(ctx.db, activity_id)
