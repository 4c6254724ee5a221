"""The end of a Belgian quarter: what monthly advances and estimates become when the quarter is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from commons.money import Money
from payroll.domain.belgium.employer import (
    StructuralReduction,
    granted_reduction,
    structural_reduction,
    worked_share,
)
from payroll.domain.belgium.engine import households
from payroll.domain.belgium.social import special_contribution_quarter
from payroll.domain.engines import Engine
from payroll.domain.facts import situation_of
from payroll.domain.integers import RATE_UNIT, at_most, column, div, mul_rate, spread
from payroll.domain.law import PayrollLaw
from payroll.domain.periodic_return import Figure, PaidWork, PeriodEnd
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Situation, Wage

MONTHS: Final = 3
SPECIAL_CONTRIBUTION: Final = "special_contribution.quarter"
REDUCTIONS: Final = ("employer.structural_reduction", "employer.artists_reduction")


@dataclass(frozen=True, slots=True)
class QuarterWorked:
    """One worker's quarter at one employer, in cents: sums over the payslips, none of which is touched again.

    `mu_millionths` is the share of a full-time quarter worked, `special_contribution` what was withheld, and
    `employer_contributions` are the base contributions that reductions come off.
    """

    last_day: date
    regime: str
    situation: Situation
    gross: int
    base: int
    special_contribution: int
    employer_contributions: int
    mu_millionths: int
    has_artists_reduction: bool = False


def regularize(engine: Engine, quarter: QuarterWorked) -> Payslip:
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
        SPECIAL_CONTRIBUTION,
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
    return payslip_of(sheet, engine.version)


def quarter_worked(
    engine: Engine, works: Sequence[PaidWork], last_day: date, region: str | None
) -> QuarterWorked:
    """The quarter of one worker from the payslips of it, in the order of their days.

    `region` is where the employer is established. The household is that of the last payslip. A full quarter
    is three times the month that the payslips count in. Raises FamilySituationContradicts, ValueNotInForce.
    """
    last = works[-1]
    return QuarterWorked(
        last_day=last_day,
        regime=last.regime,
        situation=situation_of(engine.situation_type, last.facts),
        gross=_counted("gross", works),
        base=_counted("base", works),
        special_contribution=_counted("special_contribution", works),
        employer_contributions=sum(_base_contribution(work) for work in works),
        mu_millionths=min(RATE_UNIT, int(div(_counted("time_millionths", works), MONTHS))),
        has_artists_reduction=_has_artists_reduction(engine.law, works, last_day, region),
    )


def close_quarter(
    engine: Engine, works: Sequence[PaidWork], end: PeriodEnd
) -> tuple[Payslip, list[tuple[Figure, ...]]]:
    """What closes a worker's quarter, and how much of it each work of the quarter declares.

    The special contribution due is spread by what it is counted on, so that no work declares less than
    nothing with what it withheld; a reduction by the contributions that it comes off, so that none exceeds
    those of its work. The law reduces by line of occupation: with one rate of pay in a quarter that is the
    same sum. Raises FamilySituationContradicts, ValueNotInForce.
    """
    quarter = quarter_worked(engine, works, end.last_day, end.region)
    closing = regularize(engine, quarter)
    currency = engine.law.currency
    due = quarter.special_contribution - closing.amount(SPECIAL_CONTRIBUTION).minor
    shares = spread(due, [work.counts["base"] for work in works], end.spread)
    parts = [
        [Figure(SPECIAL_CONTRIBUTION, Kind.DEDUCTION, Money(withheld - share, currency))]
        for withheld, share in zip(
            (work.counts["special_contribution"] for work in works), shares, strict=True
        )
    ]
    left = [_base_contribution(work) for work in works]
    for code in REDUCTIONS:
        reductions = spread(-closing.amount(code).minor, left, end.spread)
        left = [of_work - reduction for of_work, reduction in zip(left, reductions, strict=True)]
        for part, reduction in zip(parts, reductions, strict=True):
            part.append(Figure(code, Kind.CHARGE, Money(-reduction, currency)))
    return closing, [tuple(figure for figure in part if not figure.amount.is_zero) for part in parts]


def _counted(name: str, works: Iterable[PaidWork]) -> int:
    return sum(work.counts[name] for work in works)


def _base_contribution(work: PaidWork) -> int:
    return work.payslip.amount("employer.base").minor


def _has_artists_reduction(
    law: PayrollLaw, works: Sequence[PaidWork], last_day: date, region: str | None
) -> bool:
    # How much of a quarter counts that somebody worked as an artist in part alone was not found: none does.
    rule = law.rule("employer.artists_reduction", last_day)
    regimes = rule.text("regimes").split()
    is_granted = not rule.has("regions") or region in rule.text("regions").split()
    return is_granted and all(work.regime in regimes for work in works)


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
