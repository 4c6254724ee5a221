"""Austrian social insurance: contributions of a month, by the steps of the unemployment insurance."""

from __future__ import annotations

from payroll.domain.austria.situation import Land
from payroll.domain.integers import Cents, at_most, bracket_of, mul_rate, pick, where
from payroll.domain.law import Rule
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Batch


def worker_rate(of_month: Cents, batch: Batch, sheet: Sheet) -> Cents:
    """The worker's rate in millionths: health, pension, chamber, housing; unemployment by the month's pay."""
    rule = sheet.rule("sv.worker")
    fixed = rule.rate("health") + rule.rate("pension") + rule.rate("chamber")
    return fixed + housing_rate(batch, sheet) + unemployment_rate(of_month, sheet.rule("sv.unemployment"))


def unemployment_rate(of_month: Cents, rule: Rule) -> Cents:
    """The worker's rate of unemployment insurance: nothing for small pay, then in steps to the whole."""
    scale = rule.scale("steps")
    return pick(scale.rates, bracket_of(of_month, scale.overs))


def employer_rate(batch: Batch, sheet: Sheet) -> Cents:
    """The employer's rate in millionths."""
    rule = sheet.rule("sv.employer")
    names = ("health", "pension", "accident", "unemployment", "insolvency")
    return housing_rate(batch, sheet) + sum(rule.rate(name) for name in names)


def housing_rate(batch: Batch, sheet: Sheet) -> Cents:
    """The housing contribution, which each side pays; a Land may have its own."""
    rule = sheet.rule("sv.housing")
    return pick([rule.rate(land if rule.has(land) else "rate") for land in Land], batch.situation.land)


def month_contribution(of_month: Cents, rate: Cents, sheet: Sheet) -> Cents:
    """A contribution on a month's pay up to the ceiling, rounded to the cent; none on marginal pay."""
    limits = sheet.rule("sv.limits")
    counted = at_most(limits.amount("ceiling"), of_month)
    return where(of_month <= limits.amount("marginal"), 0, mul_rate(counted, rate))


def marginal_contribution(of_month: Cents, sheet: Sheet) -> Cents:
    """What the employer owes on marginal pay: accident insurance alone."""
    limits, rule = sheet.rule("sv.limits"), sheet.rule("sv.employer")
    return where(of_month <= limits.amount("marginal"), mul_rate(of_month, rule.rate("accident")), 0)
