"""One general meeting."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain.errors import UnknownMeeting
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import meeting_row


@capability
async def get_meeting(ctx: Ctx, *, id: Annotated[UUID, Node("Meeting")]) -> MeetingRow:
    """One general meeting, by id."""
    row = await ctx.read.fetchrow(SQL["meetings_by_key"], [id])
    if row is None:
        raise UnknownMeeting(meeting=id)
    return meeting_row(row)
