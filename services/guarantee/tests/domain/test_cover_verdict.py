"""The verdict on an order: every rule speaks, the required ones decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import yaml

from commons.country import CountryDataWrong, countries_folder, load_country
from commons.money import Money
from guarantee.domain import errors
from guarantee.domain.cover import STRATEGIES, FundFacts, OrderFacts, decide_cover, reserve_ratio
from guarantee.domain.rules import CoverRule, GuaranteeRules, guarantee_rules

DAY = date(2026, 6, 15)


def test_an_order_that_passes_every_required_rule_is_covered_for_its_price_less_the_contribution() -> None:
    verdict = decide_cover(an_order(), a_fund(), rules(), today=DAY)
    assert verdict.is_covered
    assert verdict.cover == eur("935.00")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"confirmed_by": "member"}, "formal_confirmation_by_buyer"),
        ({"buyer_country": "CH"}, "buyer_seat_in_eu"),
        ({"buyer_credit_status": "insolvent"}, "buyer_credit_status"),
        ({"member_entitled_until": date(2026, 6, 14)}, "member_in_good_standing"),
        ({"member_entitled_until": None}, "member_in_good_standing"),
    ],
)
def test_one_required_rule_that_fails_leaves_the_order_without_cover_and_is_named(
    change: dict[str, Any], rule: str
) -> None:
    verdict = decide_cover(replace(an_order(), **change), a_fund(reserve="500.00"), rules(), today=DAY)
    assert not verdict.is_covered
    assert verdict.cover == eur("0.00")
    assert [reason.rule for reason in verdict.failed] == [rule]


def test_a_price_at_the_cap_is_covered_and_a_cent_above_is_not() -> None:
    at_cap = replace(an_order(), price=eur("50000.00"), contribution=eur("3250.00"))
    above = replace(at_cap, price=eur("50000.01"))
    assert decide_cover(at_cap, a_fund(), rules(), today=DAY).is_covered
    assert not decide_cover(above, a_fund(), rules(), today=DAY).is_covered


def test_the_exposure_of_a_buyer_counts_this_order_too() -> None:
    just_fits = replace(a_fund(), buyer_exposure=eur("149065.00"))
    too_much = replace(a_fund(), buyer_exposure=eur("149065.01"))
    assert decide_cover(an_order(), just_fits, rules(), today=DAY).is_covered
    assert not decide_cover(an_order(), too_much, rules(), today=DAY).is_covered


def test_a_fund_below_its_reserve_promises_nothing_new() -> None:
    assert decide_cover(an_order(), a_fund(reserve="46.75"), rules(), today=DAY).is_covered
    verdict = decide_cover(an_order(), a_fund(reserve="46.74"), rules(), today=DAY)
    assert not verdict.is_covered
    assert [reason.rule for reason in verdict.failed] == ["reserve_ratio"]


def test_every_reason_says_what_it_looked_at_where_the_rule_stands_and_whether_we_invented_it() -> None:
    verdict = decide_cover(an_order(), a_fund(), rules(), today=DAY)
    assert [reason.rule for reason in verdict.reasons] == list(STRATEGIES)
    assert all(reason.facts and reason.source for reason in verdict.reasons)
    invented = {reason.rule for reason in verdict.reasons if reason.invented}
    assert "amount_cap" in invented
    assert "formal_confirmation_by_buyer" not in invented
    assert set(verdict.reasons[0].to_record()) == {
        "rule",
        "passed",
        "required",
        "facts",
        "source",
        "invented",
    }


def test_a_seat_in_a_country_that_left_the_union_counts_until_the_day_it_left() -> None:
    british = replace(an_order(), buyer_country="GB")
    section = load_country("be").section("guarantee")
    before = decide_cover(british, a_fund(), guarantee_rules(section, date(2020, 1, 31)), today=DAY)
    after = decide_cover(british, a_fund(), guarantee_rules(section, date(2020, 2, 1)), today=DAY)
    assert before.is_covered
    assert not after.is_covered


def test_a_country_that_names_an_unknown_strategy_is_an_error_in_its_data() -> None:
    wrong = replace(rules(), cover=(CoverRule("phase_of_the_moon", True, {}, "nowhere", True),))
    with pytest.raises(CountryDataWrong):
        decide_cover(an_order(), a_fund(), wrong, today=DAY)


def test_the_reserve_ratio_is_cut_downward_and_is_nothing_without_exposure() -> None:
    assert reserve_ratio(eur("2.00"), eur("3.00")) == Decimal("0.6666")
    assert reserve_ratio(eur("2.00"), eur("0.00")) is None


def test_the_fund_gets_its_part_of_a_contribution_rounded_as_the_data_says() -> None:
    assert rules().contribution_to_fund(eur("65.00")) == eur("16.25")
    assert rules().contribution_to_fund(eur("0.10")) == eur("0.03")
    assert rules().fund_floor == eur("-1000000.00")


def test_recovery_is_opened_and_the_loss_proposed_on_the_days_the_data_gives() -> None:
    assert rules().recovery_opens_on(date(2026, 8, 8)) == date(2026, 10, 7)
    assert rules().write_off_proposed_on(date(2026, 8, 8)) == date(2026, 11, 6)


def test_every_refusal_of_the_fund_has_a_sentence_of_its_own() -> None:
    refusals = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.GuaranteeRefusal)
    ]
    sentences = [str(one.__doc__) for one in refusals]
    assert len(set(sentences)) == len(sentences)
    assert all(one.__name__ in str(errors.__doc__) for one in refusals)


def cases() -> list[dict[str, Any]]:
    path = countries_folder() / "be" / "cases" / "guarantee-cover.yaml"
    return list(yaml.safe_load(path.read_text(encoding="utf-8"))["cases"])


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["name"]))
def test_the_belgian_example_gets_the_verdict_it_says(case: dict[str, Any]) -> None:
    order = OrderFacts(
        order_id=UUID(int=1),
        price=eur(case["price"]),
        contribution=eur(case["contribution"]),
        confirmed_by=case["confirmed_by"],
        confirmed_on=case["confirmed_on"],
        buyer_country=case["buyer_country"],
        buyer_credit_status=case["buyer_credit_status"],
        member_entitled_until=case["member_entitled_until"],
    )
    the_rules = guarantee_rules(load_country("be").section("guarantee"), case["confirmed_on"])
    verdict = decide_cover(order, a_fund(case["reserve"]), the_rules, today=case["confirmed_on"])
    assert verdict.is_covered is case["expected"]["covered"]
    assert verdict.cover == eur(case["expected"]["cover"])
    assert [reason.rule for reason in verdict.failed] == case["expected"]["failed"]


def rules() -> GuaranteeRules:
    return guarantee_rules(load_country("be").section("guarantee"), DAY)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def an_order() -> OrderFacts:
    return OrderFacts(
        order_id=UUID(int=1),
        price=eur("1000.00"),
        contribution=eur("65.00"),
        confirmed_by="buyer",
        confirmed_on=DAY,
        buyer_country="BE",
        buyer_credit_status="unknown",
        member_entitled_until=date(2026, 12, 31),
    )


def a_fund(reserve: str = "100000.00") -> FundFacts:
    return FundFacts(eur(reserve), eur("0.00"), eur("0.00"), eur("0.00"))
