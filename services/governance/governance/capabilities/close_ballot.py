"""End the vote on a resolution, count it, and say what was decided."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain import ballot
from governance.domain import resolution as resolutions
from governance.domain.ballot import Choice, Vote
from governance.domain.checks import one_vote_check
from governance.domain.meeting import Meeting
from governance.domain.resolution import Decision, DecisionOutcome
from governance.events.published import BallotClosed, ResolutionCarried, ResolutionRejected
from governance.rows import ResolutionRow
from governance.sql import SQL
from governance.store import meeting_and_resolution, resolution_rows, roll_of

ANNOUNCED = {DecisionOutcome.CARRIED: ResolutionCarried, DecisionOutcome.REJECTED: ResolutionRejected}


@capability
async def close_ballot(ctx: Ctx, *, resolution_id: Annotated[UUID, Node("Resolution")]) -> ResolutionRow:
    """Close an open ballot. Without its quorum the resolution is postponed, else the majority decides."""
    meeting, resolution = await meeting_and_resolution(ctx.db, resolution_id)
    assert meeting.rules is not None, "convene() sets it"
    today = await ctx.today(meeting.entity_id)
    closed = resolutions.close_ballot(resolution, today=today)
    roll = await roll_of(ctx.db, meeting)
    votes = [
        Vote(row["member_id"], Choice(row["choice"]), row["member_id"])
        for row in await ctx.db.fetch(SQL["votes_of_resolution"], resolution_id)
    ]
    voted = [vote.member_id for vote in votes]
    present = [row["member_id"] for row in await ctx.db.fetch(SQL["attendance_of_meeting"], meeting.id)]
    decided = resolutions.decide(
        closed,
        rules=meeting.rules,
        tally=ballot.count(votes),
        represented=len(ballot.represented(present=present, proxies=(), voted=voted, roll=roll)),
        members=roll.size,
        second_call=meeting.second_call,
        today=today,
        found_before=[one_vote_check(meeting.rules, voters=voted, roll=roll)],
    )
    assert decided.decision is not None, "decide() sets it"
    await _store_and_announce(ctx, meeting, resolution_id, decided.decision)
    [row] = await resolution_rows(ctx.db, [resolution_id])
    return row


async def _store_and_announce(ctx: Ctx, meeting: Meeting, resolution_id: UUID, decision: Decision) -> None:
    tally = decision.tally
    await ctx.db.execute(
        SQL["mark_ballot_closed"],
        resolution_id,
        decision.decided_on,
        decision.outcome.value,
        tally.for_count,
        tally.against_count,
        tally.abstain_count,
        decision.represented,
        *(check.to_record() for check in decision.checks),
    )
    await ctx.announce(
        BallotClosed(
            resolution_id=resolution_id,
            meeting_id=meeting.id,
            entity_id=meeting.entity_id,
            turnout=tally.cast,
            closed_on=decision.decided_on,
        )
    )
    if decision.outcome in ANNOUNCED:
        await ctx.announce(
            ANNOUNCED[decision.outcome](
                resolution_id=resolution_id,
                meeting_id=meeting.id,
                entity_id=meeting.entity_id,
                for_count=tally.for_count,
                against_count=tally.against_count,
                abstain_count=tally.abstain_count,
                decided_on=decision.decided_on,
            )
        )
