"""Do without the notice of a meeting that was called late."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain import meeting as meetings
from governance.domain.errors import NotOnRoll
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import meeting_for_share, meeting_rows, roll_around


@capability
async def waive_notice(ctx: Ctx, *, meeting_id: Annotated[UUID, Node("Meeting")]) -> MeetingRow:
    """Waive the notice of a meeting, in one's own name. A meeting called late opens once all have."""
    meeting = await meeting_for_share(ctx.db, meeting_id)
    if ctx.who.member_id is None:
        raise NotOnRoll(meeting=meeting_id)
    roll = await roll_around(ctx.db, meeting, ctx.who.member_id)
    meetings.waive_notice(meeting, member_id=ctx.who.member_id, roll=roll)
    today = await ctx.today(meeting.entity_id)
    await ctx.db.execute(SQL["insert_notice_waiver"], meeting_id, ctx.who.member_id, today)
    [row] = await meeting_rows(ctx.db, [meeting_id])
    return row
