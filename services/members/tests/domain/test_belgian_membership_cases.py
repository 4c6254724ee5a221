"""The worked examples of membership in the Belgian folder."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import yaml

from commons.country import countries_folder, load_country
from commons.money import Money, total
from members.domain.register import capabilities_on, enter_payment, entitled_until
from members.domain.roll import Roll, RollLine
from members.domain.rules import membership_rules
from members.domain.subscription import subscribe

ENTITY, MEMBER = UUID(int=1), UUID(int=2)


def cases_in(name: str) -> list[dict[str, Any]]:
    text = (countries_folder() / "be" / "cases" / name).read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["cases"])


@pytest.mark.parametrize("case", cases_in("membership-entitlement.yaml"), ids=lambda case: str(case["name"]))
def test_the_shares_of_the_example_entitle_as_the_example_says(case: dict[str, Any]) -> None:
    section = load_country("be").section("membership")
    entries = []
    for number, bought in enumerate(case["paid"], start=1):
        subscription = subscribe(
            id=UUID(int=number),
            member_id=MEMBER,
            entity_id=ENTITY,
            category="A",
            quantity=bought["shares"],
            reference=f"{number:012}",
            today=bought["paid_on"],
            rules=membership_rules(section, bought["paid_on"]),
        )
        entries.append(
            enter_payment(subscription, number=number, paid_on=bought["paid_on"], today=bought["paid_on"])
        )
    expected = case["expected"]
    assert total([entry.amount for entry in entries], "EUR") == Money.of(expected["amount_paid"], "EUR")
    assert entitled_until(entries) == expected["entitled_until"]
    for line in expected["days"]:
        found = capabilities_on(entries, line["day"], membership_rules(section, line["day"]))
        assert (found.may_bring_new_money, found.may_spend, found.may_vote) == (
            line["new_money"],
            line["spending"],
            line["vote"],
        ), line["day"]


def test_the_hash_of_a_roll_is_the_one_that_governance_computes_for_the_same_lines() -> None:
    [case] = cases_in("governance-roll.yaml")
    lines = tuple(RollLine(UUID(line["member"]), line["category"], line["votes"]) for line in case["lines"])
    day = case["day"]
    assert isinstance(day, date)
    assert Roll(UUID(case["entity"]), day, through=0, lines=lines).hash == case["expected"]["hash"]
