from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.money import (
    MINOR_MAX,
    AmountOutOfRange,
    AmountTooPrecise,
    CurrencyMismatch,
    MalformedAmount,
    Money,
    UnknownCurrency,
    total,
)


def test_the_gross_up_of_a_cost_of_935_euros_at_six_and_a_half_percent_is_exactly_1000() -> None:
    assert Money.of("935.00", "EUR").divided_by(Decimal("0.935")) == Money.of("1000.00", "EUR")


def test_half_a_cent_goes_away_from_zero_on_both_sides() -> None:
    assert Money.of("0.05", "EUR").times(Decimal("0.1")) == Money(1, "EUR")
    assert Money.of("-0.05", "EUR").times(Decimal("0.1")) == Money(-1, "EUR")


@pytest.mark.parametrize("text", ["1e5", "NaN", "1,50", "", " 1", "٣", "1.", "--1", "1" * 30])
def test_an_amount_that_is_not_digits_and_a_point_is_refused(text: str) -> None:
    with pytest.raises(MalformedAmount):
        Money.of(text, "EUR")


def test_a_tenth_of_a_cent_is_refused_and_never_rounded() -> None:
    with pytest.raises(AmountTooPrecise):
        Money.of("10.001", "EUR")


def test_amounts_beyond_what_can_be_booked_are_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        Money(MINOR_MAX + 1, "EUR")
    with pytest.raises(AmountOutOfRange):
        Money.of("9999999999999999", "EUR")


def test_an_amount_of_dollars_has_no_place_here() -> None:
    with pytest.raises(UnknownCurrency):
        Money.of("1.00", "USD")


def test_forints_and_kronor_do_not_add_to_euros() -> None:
    with pytest.raises(CurrencyMismatch):
        total([Money.of("1.00", "HUF"), Money.of("1.00", "SEK")], "HUF")


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_a_split_loses_no_cent(minor: int, weights: list[int]) -> None:
    if not any(weights):
        weights[0] = 1
    shares = Money(minor, "EUR").split(weights)
    assert sum(share.minor for share in shares) == minor


@given(st.integers(-MINOR_MAX, MINOR_MAX))
def test_money_survives_an_event_and_its_text(minor: int) -> None:
    money = Money(minor, "SEK")
    assert Money.from_event(money.to_event()) == money
    assert Money.of(str(money.amount), "SEK") == money


@given(st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from([None, 0, 1, 2]))
def test_an_amount_written_with_fewer_decimals_hides_nothing(minor: int, decimals: int | None) -> None:
    money = Money(minor, "HUF")
    assert Money.of(money.written(decimals), "HUF") == money


def test_a_whole_amount_is_written_without_decimals_where_none_are_wanted() -> None:
    assert Money.of("332500", "HUF").written(0) == "332500"
    assert Money.of("332500.50", "HUF").written(0) == "332500.50"
    assert Money.of("332500", "EUR").written() == "332500.00"
