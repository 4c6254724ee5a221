from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date

from tests.an_assembly import OFFICER, Assembly, a_member

from commons.database import Pools

SEEN = """
query ($id: ID!) {
  resolution(id: $id) {
    state turnout forCount againstCount abstainCount outcome majorityCheck { outcome } quorumCheck { formula }
  }
}
"""


async def test_a_vote_counts_for_the_turnout_and_its_voter_is_present(
    assembly: Assembly, pools: Pools
) -> None:
    _, resolution = await assembly.open_ballot()
    voted = await assembly.vote(resolution, assembly.members[0])
    assert (voted["state"], voted["turnout"]) == ("BALLOT_OPEN", 1)
    present = await pools.read.fetch(
        "select member_id from attendance where member_id = $1", assembly.members[0]
    )
    assert len(present) == 1


async def test_nobody_sees_a_partial_result_of_an_open_ballot_but_everybody_the_turnout_and_the_quorum(
    assembly: Assembly,
) -> None:
    _, resolution = await assembly.open_ballot()
    await assembly.vote(resolution, assembly.members[0])
    await assembly.vote(resolution, assembly.members[1], "AGAINST")
    for who in (a_member(assembly.members[2]), OFFICER):
        seen = (await assembly.api.ask(SEEN, who=who, id=resolution["id"])).data["resolution"]
        assert seen == {
            "state": "BALLOT_OPEN",
            "turnout": 2,
            "forCount": None,
            "againstCount": None,
            "abstainCount": None,
            "outcome": None,
            "majorityCheck": None,
            "quorumCheck": {"formula": "2/4 ≥ 0"},
        }


async def test_a_second_vote_is_refused_and_the_first_one_stays(assembly: Assembly) -> None:
    _, resolution = await assembly.open_ballot()
    ana = assembly.members[0]
    await assembly.vote(resolution, ana)
    assert (await assembly.vote(resolution, ana, "AGAINST"))["code"] == "AlreadyVoted"
    closed = await assembly.on_resolution("closeBallot", resolution)
    assert (closed["forCount"], closed["againstCount"]) == (1, 0)


async def test_of_two_votes_at_the_same_moment_one_counts(assembly: Assembly, pools: Pools) -> None:
    _, resolution = await assembly.open_ballot()
    ana = assembly.members[0]
    answers = await asyncio.gather(
        *(assembly.vote(resolution, ana, choice) for choice in ("FOR", "AGAINST") * 4)
    )
    outcomes = Counter(answer.get("code", "counted") for answer in answers)
    assert outcomes == {"counted": 1, "AlreadyVoted": 7}
    assert await pools.read.fetchval("select count(*) from vote where member_id = $1", ana) == 1


async def test_the_same_vote_sent_twice_with_its_key_is_one_vote_and_one_answer(assembly: Assembly) -> None:
    _, resolution = await assembly.open_ballot()
    first = await assembly.vote(resolution, assembly.members[0], key="vote-1")
    again = await assembly.vote(resolution, assembly.members[0], key="vote-1")
    assert first == again
    assert first["turnout"] == 1


async def test_all_members_vote_at_once_while_the_ballot_is_being_closed_and_every_counted_vote_is_in_the_result(
    assembly: Assembly, pools: Pools
) -> None:
    _, resolution = await assembly.open_ballot()
    *answers, closed = await asyncio.gather(
        *(assembly.vote(resolution, member) for member in assembly.members),
        assembly.on_resolution("closeBallot", resolution),
    )
    counted = sum("code" not in answer for answer in answers)
    assert {answer["code"] for answer in answers if "code" in answer} <= {"BallotNotOpen"}
    assert closed["forCount"] == counted


async def test_who_became_a_member_after_the_record_date_cannot_vote(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    late = await assembly.admit(date(2026, 8, 4))
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.on_meeting("openMeeting", meeting)
    [resolution] = meeting["resolutions"]
    await assembly.on_resolution("openBallot", resolution)
    assert (await assembly.vote(resolution, late))["code"] == "NotOnRoll"


async def test_nobody_votes_before_the_ballot_is_opened_or_after_it_is_closed(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    [resolution] = meeting["resolutions"]
    assert (await assembly.vote(resolution, assembly.members[0]))["code"] == "BallotNotOpen"
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.on_meeting("openMeeting", meeting)
    await assembly.on_resolution("openBallot", resolution)
    await assembly.on_resolution("closeBallot", resolution)
    assert (await assembly.vote(resolution, assembly.members[0]))["code"] == "BallotNotOpen"


async def test_seventeen_shares_give_one_vote(assembly: Assembly) -> None:
    for _ in range(16):
        await assembly.pay(assembly.members[0], date(2026, 6, 9))
    _, resolution = await assembly.open_ballot()
    assert (await assembly.vote(resolution, assembly.members[0]))["turnout"] == 1
