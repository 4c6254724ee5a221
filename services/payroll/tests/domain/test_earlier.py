"""What earlier payments of the month, the quarter and the year leave to the next one."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.a_wage import a_wage

from commons.country import load_country
from payroll.domain.belgium.situation import NOTHING_EARLIER, Status
from payroll.domain.earlier import Counted
from payroll.domain.engines import engine_of
from payroll.domain.sheet import withholding_tax
from payroll.domain.wage import FULL_MONTH, WorkTime

ENGINE = engine_of(load_country("be"))
JULY = date(2026, 7, 31)


def a_payment(day: date) -> Counted:
    return Counted(
        day,
        {
            "gross": 1_000,
            "base": 1_080,
            "time_millionths": 600_000,
            "bonus_a": 10,
            "bonus_b": 20,
            "special_contribution": 5,
        },
    )


def test_without_earlier_payments_nothing_counts() -> None:
    assert ENGINE.earlier([], JULY) == NOTHING_EARLIER


def test_month_quarter_and_year_each_count_their_own_payments() -> None:
    days = [date(2025, 7, 31), date(2026, 3, 31), date(2026, 8, 31), date(2026, 7, 10), date(2026, 7, 20)]
    earlier: Any = ENGINE.earlier([a_payment(day) for day in days], JULY)
    assert (earlier.gross_month, earlier.base_month, earlier.base_quarter) == (2_000, 2_160, 3_240)
    assert (earlier.bonus_a_month, earlier.bonus_b_month, earlier.bonus_year) == (20, 40, 120)
    assert earlier.special_contribution_month == 10


def test_a_month_is_never_counted_as_more_than_whole() -> None:
    earlier: Any = ENGINE.earlier([a_payment(JULY), a_payment(JULY)], JULY)
    assert earlier.time_month_millionths == 1_000_000


def test_a_payslip_counts_its_gross_its_base_and_what_was_withheld() -> None:
    wage = a_wage(54_000, JULY, regime=Status.ARTIST, time=WorkTime(3, 260))
    counts = ENGINE.counts(ENGINE.payslip(wage), wage)
    assert (counts["gross"], counts["base"]) == (54_000, 58_320)
    employee = a_wage(300_000, JULY, time=FULL_MONTH)
    payslip = ENGINE.payslip(employee)
    counts = ENGINE.counts(payslip, employee)
    assert (counts["gross"], counts["base"], counts["time_millionths"]) == (300_000, 300_000, 1_000_000)
    assert counts["special_contribution"] == -payslip.amount("special_contribution").minor > 0


def test_withholding_tax_is_shown_as_a_positive_amount_less_its_bonus() -> None:
    payslip = ENGINE.payslip(a_wage(300_000, JULY))
    tax = -(payslip.amount("withholding") + payslip.amount("withholding.fiscal_bonus"))
    assert withholding_tax(payslip) == tax
    assert not tax.is_negative
