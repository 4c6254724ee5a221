"""Be counted as present in a meeting."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain.errors import NotOnRoll
from governance.domain.meeting import must_be_open
from governance.domain.roll import must_be_on
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import meeting_for_share, meeting_rows, roll_around


@capability
async def register_attendance(ctx: Ctx, *, meeting_id: Annotated[UUID, Node("Meeting")]) -> MeetingRow:
    """Be present in an open meeting, in one's own name; twice is once. Who votes is present without it."""
    meeting = await meeting_for_share(ctx.db, meeting_id)
    must_be_open(meeting)
    if ctx.who.member_id is None:
        raise NotOnRoll(meeting=meeting_id)
    must_be_on(await roll_around(ctx.db, meeting, ctx.who.member_id), ctx.who.member_id)
    today = await ctx.today(meeting.entity_id)
    await ctx.db.execute(SQL["insert_attendance"], meeting_id, ctx.who.member_id, today)
    [row] = await meeting_rows(ctx.db, [meeting_id])
    return row
