"""The Hungarian reliefs of income tax, in the order of the law, and what they leave to the contribution."""

from __future__ import annotations

import numpy as np

from payroll.domain.hungary.situation import MothersRelief
from payroll.domain.integers import Cents, at_least, at_most, pick, where
from payroll.domain.law import Rule
from payroll.domain.sheet import Kind, Sheet
from payroll.domain.wage import Batch


def tax_base(gross: Cents, batch: Batch, sheet: Sheet) -> tuple[Cents, Cents]:
    """The base of income tax after all reliefs, and the family allowance that found no base.

    The order is the law's: mothers, under 25, personal allowance, first marriage, family allowance last.
    """
    situation, earlier = batch.situation, batch.earlier
    base = gross
    is_mother = ~situation.has("mothers_relief", MothersRelief.NONE)
    if np.any(is_mother):
        rule = sheet.rule("szja.mothers")
        base = base - _relief(sheet, "szja.mothers", where(is_mother, base, 0), base, rule)
    if np.any(situation.is_under_25):
        rule = sheet.rule("szja.under_25")
        left = at_least(0, rule.amount("cap") - earlier.exempt_month)
        freed = where(situation.is_under_25, np.minimum(base, left), 0)
        base = base - _relief(sheet, "szja.under_25", freed, base, rule)
    # What reliefs of the month were used by earlier payments is no longer there.
    used = earlier.relief_month
    for code, applies in (
        ("szja.personal", situation.has_personal_allowance),
        ("szja.marriage", situation.is_newly_married),
    ):
        if np.any(applies):
            rule = sheet.rule(code)
            granted = where(applies, rule.amount("base"), 0)
            spent = np.minimum(used, granted)
            used = used - spent
            base = base - _relief(sheet, code, np.minimum(base, granted - spent), base, rule)
    unused = np.zeros_like(base)
    if np.any(situation.children > 0):
        rule = sheet.rule("szja.family")
        allowance = at_least(
            0, family_allowance(situation.children, situation.disabled_children, rule) - used
        )
        granted = np.minimum(base, allowance)
        unused = allowance - granted
        base = base - _relief(sheet, "szja.family", granted, base, rule)
    return base, unused


def family_allowance(children: Cents, disabled: Cents, rule: Rule) -> Cents:
    """The base that the family allowance frees in a month: by child, more the more there are."""
    per_child = [0, *rule.amounts("per_child")]
    each = pick(per_child, at_most(len(per_child) - 1, children))
    more: Cents = np.minimum(disabled, children) * rule.amount("disabled_child")
    return children * each + more


def _relief(sheet: Sheet, code: str, amount: Cents, base: Cents, rule: Rule) -> Cents:
    return -sheet.write(code, Kind.STEP, -amount, base=base, rule=rule, period="month")
