"""What differs in a payslip that was computed again."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, attribute, node_id, record
from payroll.api.types.wage import PayslipLine
from payroll.domain.correction import Delta
from payroll.rows import PayslipCorrectionRow


@record(Delta)
class PayslipDelta:
    """A line that is another one now: `before` stood on the payslip, `amount` is to be added to it."""

    line: PayslipLine
    before: Money
    amount: Money


@record(PayslipCorrectionRow)
class PayslipCorrection:
    """What differs in a payslip by the law and the facts of its days as known later: the payslip stays.

    The amounts are differences. `settled` is what later payslips paid or, below zero, withheld of
    `netPayable`, `open` the rest.
    """

    id: ID = node_id("PayslipCorrection")
    number: int
    reason: str
    corrected_on: date
    lines: list[PayslipDelta] = attribute("deltas")
    net_wage: Money
    net_payable: Money
    labor_cost: Money
    settled: Money
    open: Money
    fingerprint: str
    engine_version: str
