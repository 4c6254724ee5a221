"""Let the members vote on a resolution."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain import resolution as resolutions
from governance.domain.meeting import must_be_open
from governance.events.published import BallotOpened
from governance.rows import ResolutionRow
from governance.sql import SQL
from governance.store import meeting_and_resolution, resolution_rows


@capability
async def open_ballot(ctx: Ctx, *, resolution_id: Annotated[UUID, Node("Resolution")]) -> ResolutionRow:
    """Open the ballot on a resolution of an open meeting, whose text is the one that was called."""
    meeting, resolution = await meeting_and_resolution(ctx.db, resolution_id)
    assert meeting.rules is not None, "convene() sets it"
    must_be_open(meeting)
    today = await ctx.today(meeting.entity_id)
    resolutions.open_ballot(resolution, rules=meeting.rules, is_meeting_open=True, today=today)
    await ctx.db.execute(SQL["mark_ballot_opened"], resolution_id, today)
    await ctx.announce(
        BallotOpened(
            resolution_id=resolution_id, meeting_id=meeting.id, entity_id=meeting.entity_id, opened_on=today
        )
    )
    [row] = await resolution_rows(ctx.db, [resolution_id])
    return row
