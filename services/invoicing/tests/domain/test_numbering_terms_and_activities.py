from datetime import date
from uuid import UUID

import pytest

from commons.dated import Dated, Span
from commons.money import Money
from invoicing.domain.activity import (
    ActivityRole,
    check_administrator,
    check_open,
    close_activity,
    open_activity,
)
from invoicing.domain.errors import (
    ActivityHasBudget,
    ActivityHasOpenOrders,
    ActivityIsClosed,
    NotInActivity,
    PaymentTermNegative,
    PaymentTermTooLong,
    SeriesExhausted,
    SeriesUnknown,
)
from invoicing.domain.numbering import SeriesFormat, series
from invoicing.domain.payment_term import PaymentTerm, PaymentTermLimits, agree_term

DAY = date(2026, 7, 31)
YEARLY = SeriesFormat("invoice", "F", is_yearly=True, digits=6)
LIMITS = Dated.of("payment_term", [Span(date(2022, 2, 1), PaymentTermLimits(10, 60))])
NOTHING = Money.zero("EUR")


def test_a_yearly_series_starts_anew_with_the_issue_date() -> None:
    assert YEARLY.write(42, DAY) == "F2026-000042"
    assert (YEARLY.counter_year(DAY), YEARLY.counter_year(date(2027, 1, 1))) == (2026, 2027)


def test_an_endless_series_has_one_counter() -> None:
    endless = SeriesFormat("order", "O", is_yearly=False, digits=8)
    assert (endless.write(42, DAY), endless.counter_year(DAY)) == ("O00000042", 0)


def test_numbers_sort_as_they_were_issued() -> None:
    numbers = [YEARLY.write(counter, DAY) for counter in (1, 9, 10, 99_999, 999_999)]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("counter", [0, 10**6])
def test_a_number_beyond_the_digits_is_refused(counter: int) -> None:
    with pytest.raises(SeriesExhausted):
        YEARLY.write(counter, DAY)


def test_an_unknown_series_is_refused() -> None:
    with pytest.raises(SeriesUnknown):
        series({"invoice": YEARLY}, "receipt")


def test_a_term_is_the_one_agreed_or_the_standard_one() -> None:
    assert agree_term(None, LIMITS, DAY) == PaymentTerm(10)
    assert agree_term(60, LIMITS, DAY).due_date(DAY) == date(2026, 9, 29)
    assert agree_term(0, LIMITS, DAY).due_date(DAY) == DAY


def test_a_term_beyond_the_law_is_refused() -> None:
    with pytest.raises(PaymentTermTooLong):
        agree_term(61, LIMITS, DAY)
    with pytest.raises(PaymentTermNegative):
        agree_term(-1, LIMITS, DAY)


ACTIVITY = open_activity(
    id=UUID(int=1), entity_id=UUID(int=2), member_id=UUID(int=3), name="Atelier Web", today=DAY
)


def test_who_opens_an_activity_administers_it() -> None:
    assert ACTIVITY.participations[0].role is ActivityRole.ADMINISTRATOR
    check_administrator(ACTIVITY, UUID(int=3))
    with pytest.raises(NotInActivity):
        check_administrator(ACTIVITY, UUID(int=4))


def test_an_activity_closes_when_it_is_empty_and_its_orders_are_done() -> None:
    closed = close_activity(ACTIVITY, balance=NOTHING, held=NOTHING, open_order_count=0, today=DAY)
    with pytest.raises(ActivityIsClosed):
        check_open(closed)
    cent = Money(1, "EUR")
    for balance, held in ((cent, NOTHING), (NOTHING, cent)):
        with pytest.raises(ActivityHasBudget):
            close_activity(ACTIVITY, balance=balance, held=held, open_order_count=0, today=DAY)
    with pytest.raises(ActivityHasOpenOrders):
        close_activity(ACTIVITY, balance=NOTHING, held=NOTHING, open_order_count=1, today=DAY)
