"""Whoever is about to fill in a form may ask what payroll asks, without an account."""

from __future__ import annotations

from commons.testing.api import AskedApi

QUESTIONS = "query ($day: Date!) { payrollQuestions(day: $day) { name about kind choices default } }"


async def test_anybody_sees_regimes_and_facts_with_their_choices_and_defaults(api: AskedApi) -> None:
    found = (await api.ask(QUESTIONS, day="2026-07-01")).data["payrollQuestions"]
    assert found[0] == {
        "name": "regime",
        "about": "contract",
        "kind": "CHOICE",
        "choices": ["amateur_arts", "artist", "artist_1bis", "manual_worker", "white_collar"],
        "default": None,
    }
    assert [asked["name"] for asked in found[1:]] == [
        "spouse",
        "children",
        "is_single_parent",
        "has_flat_withholding",
        "has_arts_work_certificate",
    ]
    assert {asked["about"] for asked in found[1:]} == {"worker"}


async def test_a_day_without_law_is_refused_by_its_parameter(api: AskedApi) -> None:
    [error] = (await api.ask(QUESTIONS, day="1950-01-01")).body["errors"]
    refusal = error["extensions"]["refusal"]
    assert (refusal["code"], refusal["facts"]["day"]) == ("ValueNotInForce", "1950-01-01")
