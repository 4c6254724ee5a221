"""Close a meeting and write its minutes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from governance.domain import meeting as meetings
from governance.domain.checks import record_date_check
from governance.domain.minutes import write_minutes
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import check_notice, meeting_for_update, meeting_rows, resolution_from, roll_of


@capability
async def close_meeting(
    ctx: Ctx,
    *,
    meeting_id: Annotated[UUID, Node("Meeting")],
    chair: Annotated[str, Text(max=200, min=1)],
    secretary: Annotated[str, Text(max=200, min=1)],
) -> MeetingRow:
    """Close a meeting of which every resolution is decided; its minutes follow from what was recorded.

    The names are those of the bureau, who sign the minutes: no other person is named in them.
    """
    meeting = await meeting_for_update(ctx.db, meeting_id)
    assert meeting.rules is not None, "convene() sets it"
    assert meeting.convened_on is not None, "convene() sets it"
    today = await ctx.today(meeting.entity_id)
    rows = await ctx.db.fetch(SQL["resolutions_to_minute"], meeting_id)
    resolutions = [resolution_from(row) for row in rows]
    closed = meetings.close_meeting(meeting, resolutions, today=today)
    roll = await roll_of(ctx.db, meeting)
    waived = await ctx.db.fetch(SQL["notice_waivers_of_meeting"], meeting_id)
    present = await ctx.db.fetch(SQL["attendance_of_meeting"], meeting_id)
    entity = await ctx.db.fetchrow(SQL["entity"], meeting.entity_id)
    assert entity is not None, "a meeting refers to its entity"
    minutes = write_minutes(
        closed,
        resolutions,
        entity_name=entity["name"],
        chair=chair,
        secretary=secretary,
        present=len(present),
        by_proxy=0,
        meeting_checks=[
            check_notice(meeting, roll, (row["member_id"] for row in waived)),
            record_date_check(
                meeting.rules, convened_on=meeting.convened_on, meeting_date=meeting.meeting_date, roll=roll
            ),
        ],
        today=today,
    )
    await ctx.db.execute(SQL["mark_meeting_closed"], meeting_id, today)
    await ctx.db.execute(SQL["insert_minutes"], meeting_id, minutes.text, minutes.hash, today)
    [row] = await meeting_rows(ctx.db, [meeting_id])
    return row
