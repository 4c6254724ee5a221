from __future__ import annotations

from datetime import date

import pytest
from tests.an_assembly import (
    BOARD,
    CONVENE,
    OFFICER,
    ON_MEETING,
    ON_RESOLUTION,
    VOTE,
    Assembly,
    a_member,
    an_item,
)

from commons import global_id
from commons.claims import ANONYMOUS, Claims

APPLICANT = Claims(subject="applicant")
AUDITOR = Claims(subject="auditor", roles=frozenset({"auditor"}))
READ = """
query ($id: ID!, $entity: ID!, $first: Int! = 20, $after: String) {
  meeting(id: $id) { title state entity { id } resolutions { title texts { language isAuthoritative } } }
  meetings(entityId: $entity, first: $first, after: $after) {
    nodes { id title } pageInfo { endCursor hasNextPage }
  }
}
"""
ROLL = """
query ($id: ID!, $first: Int! = 20, $after: String) {
  electoralRoll(meetingId: $id, first: $first, after: $after) {
    nodes { member { id } category votes } pageInfo { endCursor hasNextPage }
  }
}
"""
REPRESENTATION = """
query ($given: [_Any!]!) {
  _entities(representations: $given) {
    ... on Entity { governanceBusinessDay }
    ... on Meeting { title }
    ... on Resolution { title }
  }
}
"""


async def test_everybody_signed_in_reads_meetings_and_nobody_else(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    given = {"id": meeting["id"], "entity": assembly.entity_id}
    for who in (APPLICANT, a_member(assembly.members[0]), BOARD, OFFICER, AUDITOR):
        data = (await assembly.api.ask(READ, who=who, **given)).data
        assert data["meeting"]["entity"] == {"id": assembly.entity_id}
        assert data["meeting"]["resolutions"] == [
            {
                "title": "Comptes annuels",
                "texts": [
                    {"language": "fr", "isAuthoritative": True},
                    {"language": "nl", "isAuthoritative": False},
                ],
            }
        ]
    assert set((await assembly.api.ask(READ, **given)).codes) == {"UNAUTHENTICATED"}


async def test_meetings_come_in_pages_the_last_convened_first(assembly: Assembly) -> None:
    meetings = [await assembly.convene() for _ in range(3)]
    given = {"who": APPLICANT, "id": meetings[0]["id"], "entity": assembly.entity_id, "first": 2}
    first = (await assembly.api.ask(READ, **given)).data["meetings"]
    assert [node["id"] for node in first["nodes"]] == [meetings[2]["id"], meetings[1]["id"]]
    after = first["pageInfo"]["endCursor"]
    rest = (await assembly.api.ask(READ, **given, after=after)).data["meetings"]
    assert [node["id"] for node in rest["nodes"]] == [meetings[0]["id"]]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_the_roll_is_read_by_the_returning_officer_and_the_auditor_only(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    for who in (OFFICER, AUDITOR):
        found = (await assembly.api.ask(ROLL, who=who, id=meeting["id"])).data["electoralRoll"]
        assert [node["member"]["id"] for node in found["nodes"]] == [
            global_id.encode("BE", "Member", member) for member in sorted(assembly.members)
        ]
        assert {node["votes"] for node in found["nodes"]} == {1}
    for who in (APPLICANT, BOARD, a_member(assembly.members[0])):
        assert (await assembly.api.ask(ROLL, who=who, id=meeting["id"])).codes == ["FORBIDDEN"]


async def test_the_roll_comes_in_pages(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    first = (await assembly.api.ask(ROLL, who=OFFICER, id=meeting["id"], first=3)).data["electoralRoll"]
    after = first["pageInfo"]["endCursor"]
    rest = (await assembly.api.ask(ROLL, who=OFFICER, id=meeting["id"], first=3, after=after)).data
    assert (len(first["nodes"]), len(rest["electoralRoll"]["nodes"])) == (3, 1)


@pytest.mark.parametrize("who", [APPLICANT, OFFICER, AUDITOR, Claims("m", frozenset({"member"}))])
async def test_only_the_board_calls_a_meeting(assembly: Assembly, who: Claims) -> None:
    given = {"entity": assembly.entity_id, "agenda": [an_item()]}
    assert (await assembly.api.ask(CONVENE, who=who, **given)).codes == ["FORBIDDEN"]
    assert (await assembly.api.ask(CONVENE, who=ANONYMOUS, **given)).codes == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("who", [APPLICANT, BOARD, AUDITOR, Claims("m", frozenset({"member"}))])
async def test_only_the_returning_officer_opens_and_closes(assembly: Assembly, who: Claims) -> None:
    meeting = await assembly.convene()
    opening = ON_MEETING.format(name="openMeeting", selection="__typename")
    assert (await assembly.api.ask(opening, who=who, id=meeting["id"])).codes == ["FORBIDDEN"]
    for name in ("openBallot", "closeBallot"):
        text = ON_RESOLUTION.format(name=name, selection="__typename")
        [resolution] = meeting["resolutions"]
        assert (await assembly.api.ask(text, who=who, id=resolution["id"])).codes == ["FORBIDDEN"]


@pytest.mark.parametrize("who", [APPLICANT, BOARD, OFFICER, AUDITOR])
async def test_only_members_vote(assembly: Assembly, who: Claims) -> None:
    _, resolution = await assembly.open_ballot()
    answer = await assembly.api.ask(VOTE, who=who, id=resolution["id"], choice="FOR")
    assert answer.codes == ["FORBIDDEN"]


async def test_a_token_that_names_no_member_has_no_vote(assembly: Assembly) -> None:
    _, resolution = await assembly.open_ballot()
    nameless = Claims(subject="nameless", roles=frozenset({"member"}))
    answer = await assembly.api.ask(VOTE, who=nameless, id=resolution["id"], choice="FOR")
    assert answer.data["castVote"]["code"] == "NotOnRoll"


async def test_what_does_not_exist_is_said_to_be_unknown(assembly: Assembly) -> None:
    meeting = {"id": global_id.encode("BE", "Meeting", assembly.entity)}
    resolution = {"id": global_id.encode("BE", "Resolution", assembly.entity)}
    assert (await assembly.on_meeting("openMeeting", meeting))["code"] == "UnknownMeeting"
    assert (await assembly.on_resolution("openBallot", resolution))["code"] == "UnknownResolution"
    assert (await assembly.vote(resolution, assembly.members[0]))["code"] == "UnknownResolution"


async def test_the_gateway_fetches_the_day_a_meeting_and_a_resolution_by_key(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    await assembly.turn_to(date(2026, 8, 4))
    given = [
        {"__typename": "Entity", "id": assembly.entity_id},
        {"__typename": "Meeting", "id": meeting["id"]},
        {"__typename": "Resolution", "id": meeting["resolutions"][0]["id"]},
    ]
    data = (await assembly.api.ask(REPRESENTATION, who=APPLICANT, given=given)).data["_entities"]
    assert data == [
        {"governanceBusinessDay": "2026-08-04"},
        {"title": "Assemblée générale"},
        {"title": "Comptes annuels"},
    ]
