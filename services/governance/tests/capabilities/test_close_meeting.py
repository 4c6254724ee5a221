from __future__ import annotations

import base64
import hashlib
import json
from datetime import date
from typing import Any

import pytest
from tests.an_assembly import Assembly, a_member, an_item

MINUTES = """
query ($id: ID!, $format: MinutesFormat! = HTML, $language: String) {
  meeting(id: $id) {
    state
    minutes { text sha256 writtenOn document(format: $format, language: $language) { mediaType language content } }
  }
}
"""


async def held(assembly: Assembly) -> Any:
    """A meeting with one resolution carried by 2 to 1 with 1 abstention, closed the day after."""
    meeting, resolution = await assembly.open_ballot()
    for member, choice in zip(assembly.members, ("FOR", "FOR", "AGAINST", "ABSTAIN"), strict=True):
        await assembly.vote(resolution, member, choice)
    await assembly.on_resolution("closeBallot", resolution)
    await assembly.turn_to(date(2026, 8, 21))
    return await assembly.close(meeting)


async def minutes_of(assembly: Assembly, meeting: Any, **given: Any) -> Any:
    """As a member reads them."""
    who = a_member(assembly.members[0])
    return (await assembly.api.ask(MINUTES, who=who, id=meeting["id"], **given)).data["meeting"]["minutes"]


async def test_the_minutes_hold_the_quorum_the_votes_and_the_abstentions_of_every_resolution(
    assembly: Assembly,
) -> None:
    meeting = await held(assembly)
    assert (meeting["state"], meeting["present"]) == ("MINUTED", 4)
    record = json.loads((await minutes_of(assembly, meeting))["text"])
    [resolution] = record["resolutions"]
    assert (resolution["for_count"], resolution["against_count"], resolution["abstain_count"]) == (2, 1, 1)
    assert {check["name"]: check["formula"] for check in resolution["checks"]} == {
        "one_vote": "1 ≤ 1",
        "quorum": "4/4 ≥ 0",
        "majority": "2/3 > 1/2",
    }
    assert [check["name"] for check in record["meeting_checks"]] == ["notice", "record_date"]
    assert record["roll_hash"] == meeting["roll"]["sha256"]
    assert (record["present"], record["written_on"]) == (4, "2026-08-21")
    assert (record["chair"], record["secretary"]) == ("Ada Peeters", "Bob Claes")


async def test_the_hash_of_the_minutes_is_that_of_their_text(assembly: Assembly) -> None:
    minutes = await minutes_of(assembly, await held(assembly))
    assert hashlib.sha256(minutes["text"].encode()).hexdigest() == minutes["sha256"]


async def test_no_member_is_named_in_the_minutes(assembly: Assembly) -> None:
    minutes = await minutes_of(assembly, await held(assembly))
    assert not any(str(member) in minutes["text"] for member in assembly.members)


@pytest.mark.parametrize(
    ("language", "served", "word"),
    [("fr", "fr", "Abstentions"), ("nl", "nl", "Onthoudingen"), ("de", "en", "Quorum")],
)
async def test_the_page_of_the_minutes_shows_them_in_the_language_asked_for(
    assembly: Assembly, language: str, served: str, word: str
) -> None:
    minutes = await minutes_of(assembly, await held(assembly), language=language)
    document = minutes["document"]
    page = base64.b64decode(document["content"]).decode()
    assert (document["mediaType"], document["language"]) == ("text/html", served)
    for text in (
        word,
        "2/3 &gt; 1/2",
        "4/4 ≥ 0",
        minutes["sha256"],
        "Les comptes" if served != "nl" else "De rekeningen",
    ):
        assert text in page, text


async def test_the_document_of_the_minutes_is_a_pdf(assembly: Assembly) -> None:
    document = (await minutes_of(assembly, await held(assembly), format="PDF"))["document"]
    assert document["mediaType"] == "application/pdf"
    assert base64.b64decode(document["content"]).startswith(b"%PDF")


async def test_a_meeting_does_not_close_over_an_undecided_resolution(assembly: Assembly) -> None:
    meeting, resolution = await assembly.open_ballot(an_item(), an_item())
    assert (await assembly.close(meeting))["code"] == "BallotStillOpen"
    await assembly.on_resolution("closeBallot", resolution)
    assert (await assembly.close(meeting))["code"] == "BallotStillOpen"


async def test_minutes_need_their_chair_and_are_written_once(assembly: Assembly) -> None:
    meeting, resolution = await assembly.open_ballot()
    await assembly.on_resolution("closeBallot", resolution)
    assert (await assembly.close(meeting, chair=" "))["code"] == "TextTooShort"
    assert (await assembly.close(meeting))["state"] == "MINUTED"
    assert (await assembly.close(meeting))["code"] == "MeetingNotOpen"
