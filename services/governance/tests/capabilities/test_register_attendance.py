from __future__ import annotations

from datetime import date

from tests.an_assembly import Assembly, a_member, an_item

QUORUM = "query ($id: ID!) { meeting(id: $id) { resolutions { quorumCheck { formula } } } }"


async def test_members_on_the_roll_are_present_once_and_only_in_an_open_meeting(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    ana = a_member(assembly.members[0])
    assert (await assembly.on_meeting("registerAttendance", meeting, ana))["code"] == "MeetingNotOpen"
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.on_meeting("openMeeting", meeting)
    assert (await assembly.on_meeting("registerAttendance", meeting, ana))["present"] == 1
    assert (await assembly.on_meeting("registerAttendance", meeting, ana))["present"] == 1
    stranger = a_member(await assembly.admit(date(2026, 8, 4)))
    assert (await assembly.on_meeting("registerAttendance", meeting, stranger))["code"] == "NotOnRoll"


async def test_the_quorum_of_a_resolution_follows_who_comes(assembly: Assembly) -> None:
    meeting, _ = await assembly.open_ballot(an_item("statutes"))
    formulas = []
    for member in assembly.members[:2]:
        await assembly.on_meeting("registerAttendance", meeting, a_member(member))
        seen = await assembly.api.ask(QUORUM, who=a_member(member), id=meeting["id"])
        formulas.append(seen.data["meeting"]["resolutions"][0]["quorumCheck"]["formula"])
    assert formulas == ["1/4 < 1/2", "2/4 ≥ 1/2"]
