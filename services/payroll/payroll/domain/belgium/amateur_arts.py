"""The Belgian allowance for amateur arts (IAA): no wage, so neither contribution of the worker nor tax."""

from __future__ import annotations

from payroll.domain.integers import at_least, mul_rate, where
from payroll.domain.sheet import Kind, Sheet
from payroll.domain.wage import Batch


def write_allowance(batch: Batch, sheet: Sheet) -> None:
    """The allowance, and what its principal owes on those of the year.

    Above a limit, the contribution is due on everything that the principal paid in the year, to whomever: the
    payment that crosses it bears what is due on the earlier ones. Whoever paid more days than another limit
    must report on the year. Raises ValueNotInForce.
    """
    paid = sheet.write(
        "allowance",
        Kind.EARNING,
        batch.gross,
        rule=sheet.rule("allowance.amateur_arts.limits"),
        is_always_shown=True,
    )
    rule = sheet.rule("allowance.amateur_arts.contribution")
    of_year = batch.earlier.principal_paid_year + paid
    due = where(of_year > rule.amount("over"), mul_rate(of_year, rule.rate("rate")), 0)
    sheet.write(
        "allowance.contribution",
        Kind.CHARGE,
        at_least(0, due - batch.earlier.principal_contribution_year),
        base=of_year,
        rate=rule.rate("rate"),
        rule=rule,
        period="year",
    )
    report = sheet.rule("allowance.amateur_arts.report")
    days = batch.earlier.principal_days_year + batch.time_parts
    sheet.remark("allowance.declaration", batch.gross > 0)
    sheet.remark("allowance.report", days > report.count("over_days"))
