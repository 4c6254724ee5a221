"""German wage tax, solidarity surcharge and the base of church tax, by the official flow chart (PAP)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.germany.situation import TaxClass
from payroll.domain.germany.tariff import tariff, tariff_of_class_5_6
from payroll.domain.integers import (
    RATE_UNIT,
    Cents,
    Flags,
    at_least,
    at_most,
    div_down,
    down_to_multiple,
    up_to_multiple,
    where,
)
from payroll.domain.law import Rule

EURO: Final = 100
II, III, IV, V, VI = range(2, 7)


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """The inputs of the flow chart beside the pay, as columns.

    `tax_class` from 1 to 6; `child_allowance_halves` counts half allowances; `factor` in millionths, 1 where
    none; `fund_supplement` and `care_rate` in millionths; amounts in cents: `allowance` of the year off the
    pay, `private_premium` of a month after the employer's subsidy, for who is insured privately.
    """

    tax_class: Cents
    child_allowance_halves: Cents
    factor: Cents
    fund_supplement: Cents
    care_rate: Cents
    allowance: Cents
    is_private: Flags
    private_premium: Cents
    has_pension: Flags
    has_unemployment: Flags


@dataclass(frozen=True, slots=True)
class WageTax:
    """The amounts of a period and of the year that the flow chart gives, in cents.

    `church_base` is what church tax is a share of; `taxable` the taxable income of the year, `costs` the lump
    sum for costs in it.
    """

    tax: Cents
    solidarity: Cents
    church_base: Cents
    taxable: Cents
    costs: Cents


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of the flow chart."""

    tariff: Rule
    classes: Rule
    allowances: Rule
    provision: Rule
    solidarity: Rule


def wage_tax(pay: Cents, parts: Cents, per_year: Cents, facts: TaxFacts, rules: Rules) -> WageTax:
    """The tax of a period of which a year has `per_year / parts`: a month 12 / 1, a week 360 / 7, a day 360.

    Every step is cut or rounded up as the chart says: year's pay and provisions to the cent, costs and
    provisions up to the euro, taxable income and tax down to the euro.
    """
    year_pay = div_down(pay * per_year, parts)
    counted = at_least(0, year_pay - facts.allowance)
    costs = lump_sum_costs(counted, facts, rules.allowances)
    free = costs + table_allowances(facts, rules.allowances)
    provision = provision_lump_sum(year_pay, facts, rules.provision)
    income = counted - free - provision
    # Of the tax with child allowances surcharge and church tax are taken; without any it is the same tax.
    incomes = _taxable(np.stack([income, income - child_allowance(facts, rules.allowances)]))
    taxable = incomes[0]
    tax_year, base_year = _with_factor(year_tax(incomes, facts, rules), facts)
    solidarity = solidarity_surcharge(base_year, facts, rules.solidarity)
    return WageTax(
        tax=div_down(tax_year * EURO * parts, per_year),
        solidarity=div_down(solidarity * parts, per_year),
        church_base=div_down(base_year * EURO * parts, per_year),
        taxable=taxable,
        costs=costs,
    )


def year_tax(taxable: Cents, facts: TaxFacts, rules: Rules) -> Cents:
    """The tax of a year in whole euros on an income in cents (UPMLST): class III doubles that of half."""
    splits = where(facts.tax_class == III, 2, 1)
    income = div_down(taxable, splits * EURO)
    ordinary = splits * tariff(income, rules.tariff)
    is_high = facts.tax_class >= V
    if not is_high.any():
        return ordinary
    return where(is_high, tariff_of_class_5_6(income, rules.tariff, rules.classes), ordinary)


def lump_sum_costs(counted: Cents, facts: TaxFacts, rule: Rule) -> Cents:
    """The lump sum for costs of employment (ANP): at most the pay, up to the euro; none in class VI."""
    costs = at_most(rule.amount("costs"), up_to_multiple(counted, EURO))
    return where(facts.tax_class < VI, costs, 0)


def table_allowances(facts: TaxFacts, rule: Rule) -> Cents:
    """The lump sum for special expenses (SAP) and the relief of single parents in class II (EFA)."""
    special = where(facts.tax_class < VI, rule.amount("special"), 0)
    return special + where(facts.tax_class == II, rule.amount("single_parent"), 0)


def child_allowance(facts: TaxFacts, rule: Rule) -> Cents:
    """The child allowances (KFB), for surcharge and church tax alone: whole in I to III, half in IV."""
    whole = facts.child_allowance_halves * rule.amount("child") // 2
    half = facts.child_allowance_halves * rule.amount("child_class_4") // 2
    amount = where(facts.tax_class <= III, whole, where(facts.tax_class == IV, half, 0))
    return down_to_multiple(amount, EURO)


def provision_lump_sum(year_pay: Cents, facts: TaxFacts, rule: Rule) -> Cents:
    """The lump sum for provisions (VSP): pension, health and care; unemployment where that gives more."""
    for_pension = np.minimum(year_pay, rule.amount("pension_ceiling"))
    pension = where(facts.has_pension, _share(for_pension, rule.rate("pension")), 0)
    for_health = np.minimum(year_pay, rule.amount("health_ceiling"))
    health_rate = facts.fund_supplement // 2 + rule.rate("health") + facts.care_rate
    private = where(facts.tax_class == VI, 0, at_least(0, 12 * facts.private_premium))
    health = where(facts.is_private, private, _share(for_health, health_rate))
    provision = up_to_multiple(health + pension, EURO)
    capped = np.minimum(rule.amount("other_max"), _share(for_pension, rule.rate("unemployment")) + health)
    with_unemployment = np.maximum(provision, up_to_multiple(pension + capped, EURO))
    return where(facts.has_unemployment & (facts.tax_class != VI), with_unemployment, provision)


def solidarity_surcharge(base: Cents, facts: TaxFacts, rule: Rule) -> Cents:
    """The surcharge of a year in cents on a tax in euros (MSOLZ): nothing up to a limit, then mitigated."""
    limit = rule.amount("free") // EURO * where(facts.tax_class == III, 2, 1)
    full = div_down(base * rule.rate("rate"), RATE_UNIT // EURO)
    mitigated = div_down(at_least(0, base - limit) * rule.rate("mitigation"), RATE_UNIT // EURO)
    return where(base > limit, np.minimum(full, mitigated), 0)


def special_payment_tax(payment: Cents, year_pay: Cents, facts: TaxFacts, rules: Rules) -> Cents:
    """The tax on a one-off payment in cents: that of the year with it less that without, in whole euros."""
    one = np.ones_like(payment)
    without = wage_tax(year_pay, one, one, facts, rules).tax
    return at_least(0, wage_tax(year_pay + payment, one, one, facts, rules).tax - without)


def _taxable(amount: Cents) -> Cents:
    return where(amount < EURO, 0, amount)


def _with_factor(tax: Cents, facts: TaxFacts) -> Cents:
    # The factor of the entry procedure holds in class IV alone.
    return where(facts.tax_class == IV, div_down(tax * facts.factor, RATE_UNIT), tax)


def _share(amount: Cents, rate: Cents | int) -> Cents:
    return div_down(amount * rate, RATE_UNIT)


def class_number(place: Cents) -> Cents:
    """The number of a tax class from its place in TaxClass."""
    assert [member.value for member in TaxClass] == ["1", "2", "3", "4", "5", "6"]
    return place + 1
