"""Italian income tax (IRPEF) of a year: scale, credits by days, and the sums paid out beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, at_least, bracket_of, div, mul_rate, pick, where
from payroll.domain.italy.situation import YEAR_MILLIONTHS
from payroll.domain.law import Rule

FINE: Final = 100  # a share of the year in hundred-thousandths of a month keeps products inside 64 bits


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a year's tax, in cents: each rounded to the cent by itself."""

    gross_tax: Cents
    work_credit: Cents
    further_credit: Cents
    free_sum: Cents
    bonus: Cents

    @property
    def net_tax(self) -> Cents:
        """What is left of the tax after its credits, never less than nothing."""
        return at_least(0, self.gross_tax - self.work_credit - self.further_credit)


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of the tax."""

    scale: Rule
    work_credit: Rule
    wedge: Rule
    bonus: Rule


def items_of(
    income: Cents, employment_income: Cents, share: Cents, rules: Rules, *, is_fixed_term: bool
) -> Items:
    """The items for a total income of the year; `share` is the worked part, in millionths of a month."""
    gross_tax = scale_tax(income, rules.scale)
    work = work_credit(income, share, rules.work_credit, is_fixed_term=is_fixed_term)
    further = further_credit(income, share, rules.wedge)
    return Items(
        gross_tax=gross_tax,
        work_credit=work,
        further_credit=further,
        free_sum=free_sum(income, employment_income, share, rules.wedge),
        bonus=bonus(income, gross_tax, work, share, rules.bonus),
    )


def scale_tax(income: Cents, rule: Rule) -> Cents:
    """The gross tax of the scale, rounded to the cent."""
    return div(exact_scale_tax(income, rule), RATE_UNIT)


def exact_scale_tax(income: Cents, rule: Rule) -> Cents:
    """The same before it is rounded, in millionths of a cent."""
    scale = rule.scale("brackets")
    index = bracket_of(income, scale.overs)
    over = income - pick(scale.overs, index)
    return pick(scale.fixed, index) * RATE_UNIT + over * pick(scale.rates, index)


def work_credit(income: Cents, share: Cents, rule: Rule, *, is_fixed_term: bool) -> Cents:
    """The credit for employment (TUIR, art. 13), by days; of small incomes at least an amount by itself."""
    low, middle, high = (rule.amount(name) for name in ("low_to", "middle_to", "high_to"))
    base, more = rule.amount("base"), rule.amount("more")
    falling = base + div(at_least(0, middle - income) * more, middle - low)
    ending = div(at_least(0, high - income) * base, high - middle)
    of_year = where(income <= low, rule.amount("low"), where(income <= middle, falling, ending))
    extra = (income > rule.amount("extra_over")) & (income <= rule.amount("extra_to"))
    by_days = by_share(of_year, share) + where(extra, by_share(rule.amount("extra"), share), 0)
    least = rule.amount("least_fixed_term" if is_fixed_term else "least")
    return where((income <= low) & (income > 0), np.maximum(by_days, least), by_days)


def further_credit(income: Cents, share: Cents, rule: Rule) -> Cents:
    """The further credit of who earns more than the tax-free sum allows (law 207/2024, paragraph 6)."""
    start, whole, end = (rule.amount(name) for name in ("credit_over", "credit_whole_to", "credit_end"))
    falling = div(at_least(0, end - income) * rule.amount("credit"), end - whole)
    of_year = where(income <= whole, rule.amount("credit"), falling)
    return where(income > start, by_share(of_year, share), 0)


def credit_limits(rules: Rules) -> tuple[int, ...]:
    """The incomes above which the credit for work, its extra or the further credit is more at once."""
    work, wedge = rules.work_credit, rules.wedge
    return (work.amount("low_to"), work.amount("extra_over"), wedge.amount("credit_over"))


def free_sum(income: Cents, employment_income: Cents, share: Cents, rule: Rule) -> Cents:
    """The sum that is no income (law 207/2024, paragraph 4): a rate chosen by the income of a whole year."""
    granted = mul_rate(employment_income, free_sum_rate(employment_income, share, rule))
    return where(income <= rule.amount("credit_over"), granted, 0)


def free_sum_rate(employment_income: Cents, share: Cents, rule: Rule) -> Cents:
    """The rate of the tax-free sum, by the employment income brought to a year."""
    of_year = div(employment_income * (YEAR_MILLIONTHS // FINE), at_least(1, share // FINE))
    scale = rule.scale("free_sum")
    return pick(scale.rates, bracket_of(of_year, scale.overs))


def bonus(income: Cents, gross_tax: Cents, credit: Cents, share: Cents, rule: Rule) -> Cents:
    """The integrative bonus (DL 3/2020): of small incomes that owe tax whole, else what credits leave."""
    whole = by_share(rule.amount("amount"), share)
    owes = gross_tax > credit - by_share(rule.amount("credit_less"), share)
    small = where(owes, whole, 0)
    middle = np.minimum(whole, at_least(0, credit - gross_tax))
    low, high = rule.amount("low_to"), rule.amount("high_to")
    return where(income <= low, small, where(income <= high, middle, 0))


def by_share(amount: Cents | int, share: Cents) -> Cents:
    """The part of a yearly amount for the worked part of the year."""
    return div(np.asanyarray(amount, dtype=np.int64) * (share // FINE), YEAR_MILLIONTHS // FINE)


def surtax(income: Cents, rule: Rule) -> Cents:
    """A surtax of the year by the brackets of a region or municipality; nothing up to its exempt income."""
    steps = rule.brackets("brackets")
    index = bracket_of(income, rule.scale("brackets").overs)
    total = np.zeros_like(income)
    for place, step in enumerate(steps):
        end = steps[place + 1].over if place + 1 < len(steps) else None
        top = income if end is None else np.minimum(income, end)
        total = total + at_least(0, top - step.over) * step.rate
    exempt = rule.amount("exempt_to") if rule.has("exempt_to") else -1
    return where((income <= exempt) | (index < 0), 0, div(total, RATE_UNIT))


def surtax_credit(income: Cents, rule: Rule) -> Cents:
    """What a region gives back within a range of incomes."""
    if not rule.has("credit"):
        return np.zeros_like(income)
    applies = (income > rule.amount("credit_over")) & (income <= rule.amount("credit_to"))
    return where(applies, rule.amount("credit"), 0)
