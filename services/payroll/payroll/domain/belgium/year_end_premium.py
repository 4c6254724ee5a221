"""The Belgian year-end premium on the payslip of a wage: lines, contribution and tax of its own."""

from __future__ import annotations

from payroll.domain.belgium.exceptional import (
    ExceptionalPay,
    child_cut,
    exceptional_rate,
    withhold_exceptional,
)
from payroll.domain.belgium.social import worker_contribution, write_contribution_base
from payroll.domain.integers import Cents, div
from payroll.domain.sheet import Kind, Sheet
from payroll.domain.wage import Batch


def write_year_end_premium(gross: Cents, batch: Batch, sheet: Sheet) -> Cents:
    """Premium, contribution and tax; gives the base of its contributions, at 108 % where the law says so.

    The normal annual gross that chooses the rate is the wage of the payslip brought to a year. Raises
    ValueNotInForce.
    """
    premium = sheet.write("year_end_premium", Kind.EARNING, batch.year_end_premium)
    base = write_contribution_base("year_end_premium.base", premium, batch.regime, sheet)
    worker = sheet.rule("onss.worker")
    contribution = worker_contribution(base, worker.rate("rate"))
    sheet.write(
        "onss.year_end_premium",
        Kind.DEDUCTION,
        -contribution,
        base=base,
        rate=worker.rate("rate"),
        rule=worker,
    )
    annual = sheet.write(
        "year_end_premium.normal_year",
        Kind.STEP,
        div(gross * batch.time_parts_per_year, batch.time_parts),
        base=gross,
        period="year",
    )
    table, of_children = (
        sheet.rule("withholding.exceptional"),
        sheet.rule("withholding.exceptional_children"),
    )
    rate = exceptional_rate(annual, table, ExceptionalPay.OTHER)
    cut = child_cut(annual, batch.situation.children, of_children)
    taxed = premium - contribution
    sheet.write(
        "withholding.year_end_premium",
        Kind.DEDUCTION,
        -withhold_exceptional(taxed, rate, cut),
        base=taxed,
        rate=rate,
        rule=table,
    )
    return base
