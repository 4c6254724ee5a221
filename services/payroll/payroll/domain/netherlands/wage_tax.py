"""Dutch wage tax and national insurance: the arithmetic behind the white table, in whole euros of a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.integers import (
    RATE_UNIT,
    Cents,
    Flags,
    at_least,
    at_most,
    bracket_of,
    div,
    div_down,
    div_up,
    mul_rate,
    pick,
    where,
)
from payroll.domain.law import Rule
from payroll.domain.wage import Batch

EURO: Final = 100


@dataclass(frozen=True, slots=True)
class WageTax:
    """The tax of a period and the labor credit in it, both in cents, and the wage of a year it rests on."""

    tax: Cents
    labor_credit: Cents
    year_wage: Cents


def wage_tax(wage: Cents, batch: Batch, has_credit: Flags, brackets: Rule, credits: Rule) -> WageTax:
    """The tax of a period by the white table.

    The wage is brought to a year and cut to a multiple of 54 euros; the tax of the year, without its
    fraction, less the credits, is brought back and rounded to the cent. What is above the largest wage of the
    table pays the highest rate.
    """
    step, largest = brackets.amount("step"), brackets.amount("year_wage_max")
    parts, per_year = batch.time_parts, batch.time_parts_per_year
    year_wage = at_most(largest, div_down(wage * per_year, parts * step) * step) // EURO
    tax = year_tax(year_wage, brackets)
    general = where(has_credit, general_credit(year_wage, credits), 0)
    labor = where(has_credit, labor_credit(year_wage, credits), 0)
    labor = at_least(0, labor - at_least(0, general + labor - tax))
    general = np.minimum(general, tax - labor)
    of_period = div((tax - general - labor) * EURO * parts, per_year)
    over = at_least(0, wage - div_down(largest * parts, per_year))
    above = div_down(over * brackets.rate("above"), RATE_UNIT)
    return WageTax(of_period + above, div(labor * EURO * parts, per_year), year_wage)


def year_tax(year_wage: Cents, rule: Rule) -> Cents:
    """The tax of a year's wage before credits, without its fraction; all in euros."""
    scale = rule.scale("brackets")
    overs = scale.overs // EURO
    index = bracket_of(year_wage, overs)
    over = year_wage - pick(overs, index)
    return pick(scale.fixed // EURO, index) + div_down(over * pick(scale.rates, index), RATE_UNIT)


def general_credit(year_wage: Cents, rule: Rule) -> Cents:
    """The general tax credit, falling above a limit, up to the next euro; nothing above a second limit.

    Who has reached the age of the state pension has the credit of the elderly besides.
    """
    over = at_least(0, year_wage - rule.amount("general_from") // EURO)
    credit = rule.amount("general") // EURO - div_down(over * rule.rate("general_slope"), RATE_UNIT)
    credit = where(year_wage >= rule.amount("general_until") // EURO, 0, at_least(0, credit))
    if rule.has("elderly"):
        above = at_least(0, year_wage - rule.amount("elderly_from") // EURO)
        elderly = rule.amount("elderly") // EURO - div_down(above * rule.rate("elderly_slope"), RATE_UNIT)
        credit = credit + at_least(0, elderly)
    return credit


def labor_credit(year_wage: Cents, rule: Rule) -> Cents:
    """The labor credit: it rises in three slopes to a top and falls again; up to the next euro."""
    credit = np.zeros_like(year_wage)
    for step in rule.rows("labor"):
        over = at_least(0, year_wage - int(step["over"]))
        rate = int(step["rate_1e5"])
        if rate < 0:
            credit = credit + over * rate
        else:
            credit = np.minimum(credit + over * rate, int(step["max"]) * 100_000)
    credit = at_least(0, div_up(credit, 100_000))
    return where(year_wage >= rule.amount("labor_until") // EURO, 0, credit)


def special_reward_rate(year_wage: int, has_credit: bool, rule: Rule) -> int:
    """The rate on holiday allowance and bonuses in millionths, by the wage of the year before (in cents)."""
    row = [row for row in rule.rows("rows") if int(row["from"]) * EURO <= year_wage][-1]
    standard, settlement = _per_cent(row["standard"]), row["settlement"]
    if not has_credit:
        return standard
    return 0 if settlement == "none" else standard + _per_cent(settlement)


def special_reward_tax(reward: Cents, rate: int) -> Cents:
    """The tax on a special reward, without the fraction of a cent."""
    return div_down(reward * rate, RATE_UNIT)


def anonymous_tax(wage: Cents, rule: Rule) -> Cents:
    """The tax of who did not identify himself."""
    return mul_rate(wage, rule.rate("rate"))


def _per_cent(text: str) -> int:
    # Two decimals of a percentage are millionths of a hundred: "-8.32" is -83 200.
    whole, _, decimals = text.lstrip("-").partition(".")
    value = int(whole) * 10_000 + int((decimals + "0000")[:4])
    return -value if text.startswith("-") else value
