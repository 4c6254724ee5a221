from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.an_assembly import Assembly, an_item

from commons import global_id
from commons.database import Pools
from governance.domain.roll import make_roll
from governance.store import standings_of


async def test_a_meeting_is_called_with_its_roll_frozen_and_its_notice_counted(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    assert meeting["state"] == "CONVENED"
    assert meeting["roll"]["size"] == 4
    assert meeting["recordDate"] == meeting["roll"]["recordDate"] == "2026-08-03"
    assert meeting["noticeCheck"]["formula"] == "2026-08-20 − 2026-08-03 = 17 ≥ 15"
    assert meeting["noticeCheck"]["outcome"] == "sufficient"
    assert "6:70" in meeting["noticeCheck"]["citation"]
    assert meeting["place"] == "Rue Coenraets 72, 1060 Bruxelles"


async def test_the_call_is_announced_once(assembly: Assembly, pools: Pools) -> None:
    meeting = await assembly.convene()
    [row] = await pools.read.fetch(
        "select type, data from outbox where agg_id = $1", global_id.decode(meeting["id"]).key
    )
    assert row["type"] == "governance.MeetingConvened.v1"
    assert (row["data"]["meeting_date"], row["data"]["record_date"]) == ("2026-08-20", "2026-08-03")


async def test_the_meeting_keeps_the_rules_it_was_called_under(assembly: Assembly, pools: Pools) -> None:
    meeting = await assembly.convene()
    rules = await pools.read.fetchval(
        "select rules from meeting where id = $1", global_id.decode(meeting["id"]).key
    )
    assert rules["code"] == "be_sc_ordinary"
    assert rules["resolutions"]["statutes"]["majority"]["value"]["threshold"] == "3/4"


async def test_the_roll_can_be_made_again_from_the_register_with_the_same_hash(
    assembly: Assembly, pools: Pools
) -> None:
    meeting = await assembly.convene()
    await assembly.pay(assembly.members[0], date(2026, 8, 1))
    await assembly.admit(date(2026, 8, 4))
    async with pools.read.acquire() as db:
        standings = await standings_of(db, assembly.entity)
    again = make_roll(standings, entity_id=assembly.entity, day=date(2026, 8, 3), votes_per_member=1)
    assert again.hash == meeting["roll"]["sha256"]


async def test_who_has_not_paid_a_share_is_not_on_the_roll(assembly: Assembly) -> None:
    await assembly.admit(paid_on=None)
    assert (await assembly.convene())["roll"]["size"] == 4


async def test_a_call_two_days_late_is_refused_with_the_last_day(assembly: Assembly) -> None:
    await assembly.turn_to(date(2026, 8, 7))
    refusal = await assembly.convene()
    assert refusal["code"] == "NoticeTooShort"
    assert refusal["facts"]["last_day_to_call"] == "2026-08-05"


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"day": "2026-08-03"}, "MeetingInThePast", ["meetingDate"]),
        ({"kind": "picnic"}, "NoRuleSet", []),
        ({"agenda": []}, "AgendaEmpty", []),
        ({"agenda": [an_item(), an_item(fr="Oui ?")]}, "TranslationMissing", []),
        ({"agenda": [an_item("wish")]}, "ResolutionKindUnknown", ["agenda", "0", "kind"]),
        ({"agenda": [an_item("election")]}, "BallotModeNotAvailable", ["agenda", "0", "kind"]),
        ({"agenda": [an_item(), an_item(FR="Oui ?")]}, "LanguageMalformed", ["agenda", "1", "texts"]),
        (
            {"agenda": [{**an_item(), "texts": [{"language": "fr", "text": "Oui ?"}] * 2}]},
            "LanguageRepeated",
            ["agenda", "0", "texts"],
        ),
        (
            {"agenda": [{**an_item(), "texts": []}]},
            "TranslationMissing",
            ["agenda", "0", "authoritativeLanguage"],
        ),
    ],
)
async def test_a_call_that_the_rules_do_not_allow_is_refused_and_leaves_nothing(
    assembly: Assembly, pools: Pools, given: dict[str, Any], code: str, path: list[str]
) -> None:
    refusal = await assembly.convene(**given)
    assert (refusal["code"], refusal["path"] or []) == (code, path)
    assert (
        await pools.read.fetchval("select count(*) from meeting where entity_id = $1", assembly.entity) == 0
    )


async def test_nothing_is_called_in_an_entity_nobody_has_heard_of(assembly: Assembly) -> None:
    unknown = global_id.encode("BE", "Entity", assembly.members[0])
    assert (await assembly.convene(entity=unknown))["code"] == "UnknownEntity"
