"""A wage has one order at a time, and a name for each attempt that the bank can carry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from payroll.domain.errors import WageNotReturned, WageReturnedTooOften
from payroll.domain.payment import ATTEMPTS_MAX, Payment, end_to_end_id, pay_again, payslip_of

PAYSLIP = UUID("01900000-0000-7000-8000-00000000000a")
DAY = date(2026, 8, 8)
ISO_20022_TEXT_LENGTH_MAX = 35


def test_a_wage_on_its_way_or_paid_is_not_paid_again() -> None:
    under_way = Payment(PAYSLIP, attempt=1, source="advance", funded_on=DAY)
    for payment in (under_way, Payment(PAYSLIP, 1, "advance", DAY, paid_on=DAY)):
        with pytest.raises(WageNotReturned):
            pay_again(payment)


@pytest.mark.parametrize("paid_on", [None, DAY])
def test_a_returned_wage_is_ordered_again_with_the_same_money(paid_on: date | None) -> None:
    again = pay_again(Payment(PAYSLIP, 1, "advance", DAY, paid_on=paid_on, returned_on=DAY))
    assert again == Payment(PAYSLIP, attempt=2, source="advance", funded_on=DAY)


def test_each_attempt_has_a_name_of_its_own_that_a_bank_can_carry() -> None:
    attempts = [Payment(PAYSLIP, attempt, "advance", DAY) for attempt in range(1, ATTEMPTS_MAX + 1)]
    for name in ("end_to_end_id", "message_id", "effect_key"):
        names = {getattr(payment, name) for payment in attempts}
        assert len(names) == ATTEMPTS_MAX
    assert max(len(payment.message_id) for payment in attempts) <= ISO_20022_TEXT_LENGTH_MAX
    assert {payslip_of(payment.end_to_end_id) for payment in attempts} == {PAYSLIP}


def test_after_so_many_returns_a_person_must_act() -> None:
    with pytest.raises(WageReturnedTooOften):
        pay_again(Payment(PAYSLIP, ATTEMPTS_MAX, "advance", DAY, returned_on=DAY))


@pytest.mark.parametrize("number", ["", "NOTPROVIDED", "g" * 32, end_to_end_id(PAYSLIP, 1) + "-x"])
def test_a_number_that_is_not_ours_is_no_wage(number: str) -> None:
    assert payslip_of(number) is None
