from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.money import Money
from invoicing.domain.contribution import gross_margin, internal_transfer, price_for, split
from invoicing.domain.errors import AmountNegative, ContributionRateOutOfRange, PriceCannotBeDerived
from invoicing.domain.rules import contribution_rule

SMART: dict[str, Any] = {"base": "turnover", "shape": "percentage", "rate": "0.065"}
ASTROLABE: dict[str, Any] = {
    "base": "turnover",
    "shape": "marginal_tiers",
    "brackets": [
        {"up_to": "40000", "rate": "0.11"},
        {"up_to": "80000", "rate": "0.10"},
        {"rate": "0.09"},
    ],
    "floor": "2160",
}
SOLSTICE: dict[str, Any] = {
    "base": "gross_margin",
    "shape": "whole_amount_brackets",
    "brackets": [
        {"up_to": "1000", "rate": "0.13"},
        {"up_to": "2000", "rate": "0.12"},
        {"up_to": "3333", "rate": "0.11"},
        {"rate": "0.10"},
    ],
    "floor": "100",
}
COOPANAME: dict[str, Any] = {
    "base": "gross_margin",
    "shape": "percentage",
    "rate": "0.135",
    "fixed": "30",
}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("fields", "amount", "due"),
    [
        pytest.param(SMART, "1000", "65", id="Smart: 6.5 % of turnover"),
        pytest.param(ASTROLABE, "90000", "9300", id="Astrolabe: 4,400 + 4,000 + 900"),
        pytest.param(ASTROLABE, "5000", "2160", id="Astrolabe: 550 is below the floor"),
        pytest.param(ASTROLABE, "40000", "4400", id="Astrolabe: the end of a tier belongs to it"),
        pytest.param(SOLSTICE, "2500", "275", id="Solstice: 11 % of the whole"),
        pytest.param(SOLSTICE, "1000", "130", id="Solstice: the end of a bracket belongs to it"),
        pytest.param(SOLSTICE, "500", "100", id="Solstice: the floor"),
        pytest.param({**SOLSTICE, "cap": "5500"}, "90000", "5500", id="Solstice: the cap"),
        pytest.param(
            {"base": "turnover", "shape": "percentage", "rate": "0.09"}, "1000", "90", id="SmartDE: 90"
        ),
    ],
)
def test_published_examples_give_their_published_contribution(
    fields: dict[str, Any], amount: str, due: str
) -> None:
    assert contribution_rule("rule", fields, "EUR").contribution(eur(amount)) == eur(due)


def test_coopaname_takes_a_fixed_part_and_a_share_of_the_margin() -> None:
    rule = contribution_rule("rule", COOPANAME, "EUR")
    assert rule.contribution(gross_margin(eur("4000"), eur("1000"))) == eur("435")


def test_a_loss_is_no_negative_margin() -> None:
    assert gross_margin(eur("100"), eur("250")) == eur("0")


def test_smart_germany_leaves_910_of_1000_in_the_budget() -> None:
    rule = contribution_rule("rule", {**SMART, "rate": "0.09"}, "EUR")
    assert split(rule, eur("1000")).budget == eur("910")


def test_another_activity_pays_no_contribution() -> None:
    assert internal_transfer(eur("935")).contribution == eur("0")


def test_the_levy_is_a_gross_up_and_not_a_surcharge() -> None:
    assert price_for(contribution_rule("rule", SMART, "EUR"), eur("935")).price == eur("1000")
    assert eur("935") + eur("935").times(contribution_rule("rule", SMART, "EUR").shape.rate) != eur("1000")  # type: ignore[union-attr] # a percentage


@given(cost=st.integers(0, 10**10))
def test_a_price_leaves_exactly_the_cost_in_the_budget(cost: int) -> None:
    result = price_for(contribution_rule("rule", SMART, "EUR"), Money(cost, "EUR"))
    assert result.budget == Money(cost, "EUR")
    assert result.contribution + result.budget == result.price


@given(price=st.integers(0, 10**10), fields=st.sampled_from([SMART, ASTROLABE, SOLSTICE, COOPANAME]))
def test_a_split_loses_no_cent_and_never_makes_a_budget_negative(price: int, fields: dict[str, Any]) -> None:
    result = split(contribution_rule("rule", fields, "EUR"), Money(price, "EUR"))
    assert result.contribution + result.budget == result.price
    assert not result.budget.is_negative


@given(amounts=st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)))
def test_marginal_tiers_never_leave_less_for_more(amounts: tuple[int, int]) -> None:
    rule = contribution_rule("rule", {**ASTROLABE, "floor": "0"}, "EUR")
    less, more = (Money(amount, "EUR") for amount in sorted(amounts))
    assert more - rule.contribution(more) >= less - rule.contribution(less)


def test_a_price_is_derived_only_from_a_plain_percentage() -> None:
    for fields in (ASTROLABE, SOLSTICE, COOPANAME, {**SMART, "cap": "10"}):
        with pytest.raises(PriceCannotBeDerived):
            price_for(contribution_rule("rule", fields, "EUR"), eur("935"))


@pytest.mark.parametrize("rate", ["1", "-0.01", "6.5"])
def test_a_rate_outside_zero_to_one_is_refused(rate: str) -> None:
    with pytest.raises(ContributionRateOutOfRange):
        contribution_rule("rule", {**SMART, "rate": rate}, "EUR")


def test_nothing_negative_is_levied() -> None:
    rule = contribution_rule("rule", SMART, "EUR")
    with pytest.raises(AmountNegative):
        rule.contribution(eur("-1"))
    with pytest.raises(AmountNegative):
        price_for(rule, eur("-1"))


@pytest.mark.parametrize(
    "brackets",
    [
        [],
        [{"up_to": "100", "rate": "0.1"}],
        [{"up_to": "100", "rate": "0.1"}, {"up_to": "100", "rate": "0.1"}, {"rate": "0.1"}],
        [{"rate": "0.1"}, {"rate": "0.1"}],
    ],
)
def test_brackets_that_do_not_rise_to_an_open_one_are_a_fault_of_the_data(brackets: list[Any]) -> None:
    with pytest.raises(ValueError, match="bracket"):
        contribution_rule("rule", {**ASTROLABE, "brackets": brackets}, "EUR")
