from __future__ import annotations

from datetime import date

from tests.an_assembly import Assembly, an_item

from commons import global_id
from commons.database import Pools


async def test_a_ballot_opens_in_an_open_meeting_and_once(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    [resolution] = meeting["resolutions"]
    assert (await assembly.on_resolution("openBallot", resolution))["code"] == "MeetingNotOpen"
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.on_meeting("openMeeting", meeting)
    assert (await assembly.on_resolution("openBallot", resolution))["state"] == "BALLOT_OPEN"
    assert (await assembly.on_resolution("openBallot", resolution))["code"] == "BallotAlreadyOpened"


async def test_a_closed_ballot_is_not_opened_again(assembly: Assembly) -> None:
    _, resolution = await assembly.open_ballot()
    await assembly.on_resolution("closeBallot", resolution)
    assert (await assembly.on_resolution("openBallot", resolution))["code"] == "BallotAlreadyOpened"


async def test_the_resolutions_of_a_meeting_are_voted_on_each_by_itself(assembly: Assembly) -> None:
    meeting, first = await assembly.open_ballot(an_item(), an_item())
    second = meeting["resolutions"][1]
    assert (await assembly.vote(second, assembly.members[0]))["code"] == "BallotNotOpen"
    await assembly.on_resolution("openBallot", second)
    assert (await assembly.vote(second, assembly.members[0]))["turnout"] == 1
    assert (await assembly.vote(first, assembly.members[0]))["turnout"] == 1


async def test_the_opening_is_announced(assembly: Assembly, pools: Pools) -> None:
    meeting, resolution = await assembly.open_ballot()
    [row] = await pools.read.fetch(
        "select type, data from outbox where agg_id = $1", global_id.decode(resolution["id"]).key
    )
    assert row["type"] == "governance.BallotOpened.v1"
    assert row["data"]["meeting_id"] == str(global_id.decode(meeting["id"]).key)
    assert row["data"]["opened_on"] == "2026-08-20"
