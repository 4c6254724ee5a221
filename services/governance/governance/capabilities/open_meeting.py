"""Open a general meeting on its day."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain import meeting as meetings
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import check_notice, meeting_for_update, meeting_rows, roll_of


@capability
async def open_meeting(ctx: Ctx, *, meeting_id: Annotated[UUID, Node("Meeting")]) -> MeetingRow:
    """Open a convened meeting whose members were called early enough, or have all waived the notice."""
    meeting = await meeting_for_update(ctx.db, meeting_id)
    waived = await ctx.db.fetch(SQL["notice_waivers_of_meeting"], meeting_id)
    notice = check_notice(meeting, await roll_of(ctx.db, meeting), (row["member_id"] for row in waived))
    today = await ctx.today(meeting.entity_id)
    opened = meetings.open_meeting(meeting, notice=notice, today=today)
    await ctx.db.execute(SQL["mark_meeting_opened"], meeting_id, opened.opened_on, notice.to_record())
    [row] = await meeting_rows(ctx.db, [meeting_id])
    return row
