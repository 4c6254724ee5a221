"""The end of a Belgian quarter: what monthly advances and estimates become when the quarter is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from payroll.domain.belgium.employer import (
    StructuralReduction,
    granted_reduction,
    structural_reduction,
    worked_share,
)
from payroll.domain.belgium.engine import Belgium, households
from payroll.domain.belgium.situation import BelgianSituation
from payroll.domain.belgium.social import special_contribution_quarter
from payroll.domain.integers import RATE_UNIT, at_most, column, div, mul_rate
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Wage


@dataclass(frozen=True, slots=True)
class QuarterWorked:
    """One worker's quarter at one employer, in cents: sums over the payslips, none of which is touched again.

    `mu_millionths` is the share of a full-time quarter worked; `special_contribution` what was withheld.
    """

    last_day: date
    regime: str
    situation: BelgianSituation
    gross: int
    base: int
    special_contribution: int
    employer_contributions: int
    mu_millionths: int
    has_artists_reduction: bool = False


def regularize(engine: Belgium, quarter: QuarterWorked) -> Payslip:
    """The lines of difference that close a quarter, as a payslip of its own.

    The worker's special contribution is brought from the advances to the quarter's own scale (a deduction);
    structural and target-group reductions come off the employer's contributions (negative charges), never
    below nothing. Raises ValueNotInForce.
    """
    day = quarter.last_day
    sheet = Sheet(engine.law, day)
    batch = engine.batch(
        [Wage(gross=quarter.gross, day=day, regime=quarter.regime, situation=quarter.situation)]
    )
    scale = sheet.rule("special_contribution.monthly_advance")
    base = column(quarter.base)
    due = special_contribution_quarter(base, households(batch, sheet), scale)
    sheet.write(
        "special_contribution.quarter",
        Kind.DEDUCTION,
        column(quarter.special_contribution) - due,
        base=base,
        rule=scale,
        period="quarter",
        is_always_shown=True,
    )
    left = _write_structural_reduction(quarter, sheet)
    if quarter.has_artists_reduction:
        _write_artists_reduction(quarter, left, sheet)
    return payslip_of(sheet, 0, engine.version)


def _write_structural_reduction(quarter: QuarterWorked, sheet: Sheet) -> int:
    rule = sheet.rule("employer.structural_reduction")
    beta = sheet.rule("employer.beta")
    reference = column(_full_time_wage(quarter))
    share = worked_share(column(quarter.mu_millionths), beta)
    full = structural_reduction(reference, StructuralReduction.of(rule))
    granted = at_most(quarter.employer_contributions, granted_reduction(full, share))
    sheet.write(
        "employer.structural_reduction",
        Kind.CHARGE,
        -granted,
        base=reference,
        rule=rule,
        period="quarter",
    )
    return quarter.employer_contributions - int(granted[0])


def _write_artists_reduction(quarter: QuarterWorked, left: int, sheet: Sheet) -> None:
    rule = sheet.rule("employer.artists_reduction")
    minimum = sheet.rule("minimum_wage.monthly").amount("amount")
    if _full_time_wage(quarter) < rule.count("wage_in_minimum_incomes") * minimum:
        return
    granted = min(rule.amount("cap"), int(mul_rate(rule.amount("amount"), quarter.mu_millionths)), left)
    sheet.write("employer.artists_reduction", Kind.CHARGE, column(-granted), rule=rule, period="quarter")


def _full_time_wage(quarter: QuarterWorked) -> int:
    return int(div(quarter.gross * RATE_UNIT, max(1, quarter.mu_millionths)))
