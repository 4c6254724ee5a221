"""What an engine asks is read off its situation, and what is told makes one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commons.refusal import Refusal
from payroll.domain.belgium.situation import BelgianSituation, Spouse
from payroll.domain.facts import QuestionKind, check_facts, questions, situation_of
from payroll.domain.france.situation import FrenchSituation, TaxRate
from payroll.domain.person import FamilySituation
from payroll.domain.sweden.situation import SwedishSituation


def test_each_field_is_a_question_with_its_choices_and_the_default_of_the_law() -> None:
    spouse, children, single, flat, certificate = questions(BelgianSituation)
    assert (spouse.kind, spouse.default, spouse.choices[:2]) == (
        QuestionKind.CHOICE,
        "none",
        ("none", "own_income"),
    )
    assert (children.kind, children.least, children.most, children.default) == (
        QuestionKind.WHOLE,
        0,
        30,
        "0",
    )
    assert (single.kind, flat.default, certificate.default) == (QuestionKind.YES_NO, "false", "false")
    [table] = [question for question in questions(SwedishSituation) if question.name == "tax_table"]
    assert (table.least, table.most, table.default) == (29, 42, "32")


def test_what_is_told_makes_the_situation_and_the_rest_is_the_law() -> None:
    told = check_facts(FrenchSituation, [("tax_rate", "personal"), ("personal_rate", "0.123")])
    assert situation_of(FrenchSituation, told) == FrenchSituation(TaxRate.PERSONAL, Decimal("0.123"))
    assert situation_of(FrenchSituation, {}) == FrenchSituation()


def test_the_household_is_a_shorter_way_to_tell_three_facts() -> None:
    family = FamilySituation(Spouse.NONE, 2, is_single_parent=True)
    assert situation_of(BelgianSituation, family.facts) == BelgianSituation(Spouse.NONE, 2, True)


def test_a_fact_that_is_asked_no_more_stops_no_wage() -> None:
    kept = {"children": "2", "spouse": "a word of last year", "hat": "red"}
    assert situation_of(BelgianSituation, kept) == BelgianSituation(children=2)


@pytest.mark.parametrize(
    ("name", "answer", "code"),
    [
        ("children", "-1", "FactOutOfRange"),
        ("children", "31", "FactOutOfRange"),
        ("children", "two", "FactMalformed"),
        ("children", "\u0662", "FactMalformed"),  # a digit of another script
        ("children", "1.0", "FactMalformed"),
        ("children", "1" * 40, "FactMalformed"),
        ("is_single_parent", "yes", "FactNotAChoice"),
        ("spouse", "NONE", "FactNotAChoice"),
        ("hat", "red", "FactUnknown"),
    ],
)
def test_what_is_no_answer_is_refused_and_not_repeated(name: str, answer: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_facts(BelgianSituation, [(name, answer)])
    assert refused.value.code == code
    assert answer not in str(refused.value.facts.values())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("1.1", "FactOutOfRange"),
        ("-0.1", "FactMalformed"),
        (".1", "FactMalformed"),
        ("1e-3", "FactMalformed"),
    ],
)
def test_a_rate_is_a_fraction_of_one(answer: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_facts(FrenchSituation, [("personal_rate", answer)])
    assert refused.value.code == code


def test_a_fact_is_told_once() -> None:
    with pytest.raises(Refusal) as refused:
        check_facts(BelgianSituation, [("children", "1"), ("children", "1")])
    assert (refused.value.code, refused.value.path) == ("FactToldTwice", ("1", "name"))
