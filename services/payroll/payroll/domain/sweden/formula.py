"""The formula behind the Swedish monthly tables (SKV 433): whole kronor, each step cut or rounded by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payroll.domain.integers import (
    RATE_UNIT,
    Cents,
    Flags,
    at_least,
    at_most,
    div_down,
    div_up,
    down_to_multiple,
    where,
)
from payroll.domain.law import Rule


@dataclass(frozen=True, slots=True)
class YearlyTax:
    """The parts of the tax of a year, in kronor, after the credits."""

    municipal: Cents
    state: Cents
    fees: Cents
    pension_fee: Cents
    public_service: Cents

    @property
    def of_month(self) -> Cents:
        """A twelfth, cut to the krona."""
        return div_down(self.municipal + self.state + self.fees + self.pension_fee + self.public_service, 12)


def yearly_tax(
    pay: Cents, table: Cents, *, has_job_credit: Flags, has_pension_fee: Flags, rule: Rule
) -> YearlyTax:
    """The tax of a year on twelve times a month's pay, in kronor.

    `table` is the number of the tax table. Work has job credit and pension fee, other pensionable income the
    fee alone, a pension neither.
    """
    income = down_to_multiple(12 * pay, 100)
    allowance = basic_allowance(income, rule)
    taxable = income - allowance
    local = table * (RATE_UNIT // 100) - rule.rate("fees")
    municipal, fees = _share(taxable, local), _share(taxable, rule.rate("fees"))
    state = _share(at_least(0, taxable - _kronor(rule, "state_over")), rule.rate("state"))
    pension = where(has_pension_fee, pension_fee(income, rule), 0)
    off_municipal = np.minimum(municipal, pension)
    municipal = municipal - off_municipal
    state = state - np.minimum(state, pension - off_municipal)
    credit = where(has_job_credit, job_credit(income, allowance, local, rule), 0)
    municipal = at_least(0, municipal - credit)
    municipal = at_least(0, municipal - income_credit(taxable, rule))
    public_service = at_most(
        _kronor(rule, "public_service_max"), _share(taxable, rule.rate("public_service"))
    )
    return YearlyTax(municipal, state, fees, pension, public_service)


def basic_allowance(income: Cents, rule: Rule) -> Cents:
    """The basic allowance under 66: up to the next hundred kronor, never above the income."""
    base = _kronor(rule, "price_base")

    def of_base(name: str) -> int:
        return rule.rate(name) * base

    rising = of_base("low") + rule.rate("rise") * income - _times(rule, "rise", "rise_from", base)
    falling = of_base("high") - rule.rate("fall") * income + _times(rule, "fall", "fall_from", base)
    exact = income * RATE_UNIT
    millionths = where(
        exact <= of_base("rise_from"),
        of_base("low"),
        where(
            exact <= of_base("high_from"),
            rising,
            where(
                exact <= of_base("fall_from"),
                of_base("high"),
                where(exact <= of_base("end_from"), falling, of_base("end")),
            ),
        ),
    )
    return np.minimum(income, div_up(millionths, 100 * RATE_UNIT) * 100)


def pension_fee(income: Cents, rule: Rule) -> Cents:
    """The general pension fee, to the nearest hundred kronor; exactly fifty goes down."""
    base = _kronor(rule, "price_base")
    counted = np.minimum(income * RATE_UNIT, rule.rate("pension_ceiling") * _kronor(rule, "income_base"))
    exact = div_down(counted, RATE_UNIT // 100) * rule.rate("pension")  # kronor times 10^8
    step = 100 * 100 * RATE_UNIT
    rounded = (2 * exact + step - 1) // (2 * step) * 100
    fee = at_most(_kronor(rule, "pension_max"), rounded)
    return where(income * RATE_UNIT < rule.rate("low") * base, 0, fee)


def job_credit(income: Cents, allowance: Cents, local: Cents, rule: Rule) -> Cents:
    """The job credit of a worker under 66, cut to the krona."""
    base = _kronor(rule, "price_base")
    exact = income * RATE_UNIT

    def of_base(name: str) -> int:
        return rule.rate(name) * base

    first = (
        of_base("credit_1_to")
        + rule.rate("credit_1") * income
        - _times(rule, "credit_1", "credit_1_to", base)
    )
    second = (
        of_base("credit_2_at")
        + rule.rate("credit_2") * income
        - _times(rule, "credit_2", "credit_2_to", base)
    )
    counted = where(
        exact <= of_base("credit_1_to"),
        exact,
        where(
            exact <= of_base("credit_2_to"),
            first,
            where(exact <= of_base("credit_3_to"), second, of_base("credit_end")),
        ),
    )
    # Ten-thousandths of a krona times ten-thousandths of the rate: both are exact, and the product fits.
    base_of_credit = div_down(counted - allowance * RATE_UNIT, 100)
    return at_least(0, div_down(base_of_credit * div_down(local, 100), 10**8))


def income_credit(taxable: Cents, rule: Rule) -> Cents:
    """The credit on earned income above a limit, cut to the krona."""
    over = at_least(0, taxable - _kronor(rule, "income_credit_over"))
    return at_most(_kronor(rule, "income_credit_max"), _share(over, rule.rate("income_credit")))


def _share(amount: Cents, rate: Cents | int) -> Cents:
    return div_down(amount * rate, RATE_UNIT)


def _kronor(rule: Rule, name: str) -> int:
    return rule.amount(name) // 100


def _times(rule: Rule, rate: str, multiple: str, base: int) -> int:
    # A rate times a multiple of the base amount, in millionths of a krona: exact, as both have few decimals.
    return rule.rate(rate) * rule.rate(multiple) * base // RATE_UNIT
