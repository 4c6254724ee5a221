"""Vote on a resolution: one member, one vote."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain import ballot
from governance.domain.ballot import Choice
from governance.domain.errors import AlreadyVoted, NotOnRoll
from governance.domain.resolution import must_be_open
from governance.rows import ResolutionRow
from governance.sql import SQL
from governance.store import meeting_to_read, resolution_for_vote, resolution_rows, roll_around


@capability
async def cast_vote(
    ctx: Ctx, *, resolution_id: Annotated[UUID, Node("Resolution")], choice: Choice
) -> ResolutionRow:
    """Vote on a resolution, in one's own name, while its ballot is open. Who votes is present.

    A vote is final. Shares do not matter: every member on the frozen roll has one vote.
    """
    resolution = await resolution_for_vote(ctx.db, resolution_id)
    must_be_open(resolution)
    member_id = ctx.who.member_id
    if member_id is None:
        raise NotOnRoll(resolution=resolution_id)
    meeting = await meeting_to_read(ctx.db, resolution.meeting_id)
    has_voted = await ctx.db.fetchval(SQL["has_voted"], resolution_id, member_id)
    vote = ballot.cast_vote(
        member_id=member_id,
        choice=choice,
        cast_by=member_id,
        roll=await roll_around(ctx.db, meeting, member_id),
        voted={member_id} if has_voted else (),
        proxies=(),
    )
    is_first = await ctx.db.fetchval(
        SQL["insert_vote"],
        resolution_id,
        meeting.id,
        vote.member_id,
        vote.choice.value,
        await ctx.today(meeting.entity_id),
    )
    if not is_first:  # given twice at the same moment
        raise AlreadyVoted(member=member_id)
    [row] = await resolution_rows(ctx.db, [resolution_id])
    return row
