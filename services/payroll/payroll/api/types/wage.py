"""A wage: its lines with their sources, its amounts, its simulation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from commons.graphql import Money, WithParent, attribute, batched, record
from payroll.api.loaders import labels_by_code, texts_of_remarks, words_by_code
from payroll.domain.explanation import Node, Reason
from payroll.domain.law import Source
from payroll.domain.price import ContractAmounts
from payroll.domain.sheet import Kind, Line, Remark
from payroll.rows import DocumentRow, WageSimulationRow


@record(ContractAmounts)
class WageAmounts:
    """The four amounts of a wage's cost, as they become known.

    Estimated by the engine, provisioned from the budget at the published price, declared in the quarterly
    return, corrected two quarters later.
    """

    estimated: Money
    provisioned: Money
    declared: Money | None
    corrected: Money | None


@record(Source)
class LawSource:
    """Where a figure stands, since when it holds, and how far it can be trusted."""

    parameter: str
    since: date
    text: str
    read: str
    checked_until: date
    confirmed_on: date | None


@record(Line)
class PayslipLine:
    """One line: of what, at which rate, how much, borne by whom, rounded how, by which law."""

    code: str
    kind: Kind
    label: str = batched(labels_by_code, key="code", rule=WithParent())
    base: Money | None
    rate: Decimal | None
    amount: Money
    period: str
    paid_by: str | None
    rounding: str
    source: LawSource | None
    invented: bool = attribute("is_invented", description="Whether no source gives its figure.")


@record(Remark)
class PayslipRemark:
    """Something a payslip must say, for example that a contribution could not be computed."""

    code: str
    text: str = batched(texts_of_remarks, key="texts", rule=WithParent())


@record(Node)
class ExplanationNode:
    """One figure of a tree that is given as a list: what explains a node follows it, one step deeper.

    `code` is that of a payslip's line, of a total, or `terms`, `time`, `situation` or `earlier` for what was
    told, in which case `facts` names it.
    """

    depth: int
    code: str
    label: str = batched(words_by_code, key="code", rule=WithParent())
    reason: Reason
    amount: Money | None
    base: Money | None
    rate: Decimal | None
    rounding: str | None
    period: str | None
    paid_by: str | None
    source: LawSource | None
    facts: list[str]


@record(WageSimulationRow)
class WageSimulation:
    """A wage seen from both ends: every line, what it costs, what the budget is charged.

    `wage` is the gross per month, day or hour, or the lump sum, to ask for a contract with; `remainder` is
    what stays of the budget asked about.
    """

    wage: Money
    gross_wage: Money
    withholding_tax: Money
    net_wage: Money
    net_payable: Money
    labor_cost: Money
    amounts: WageAmounts
    remainder: Money | None
    minimum_wage: Money | None
    is_below_minimum_wage: bool
    lines: list[PayslipLine]
    net_explanation: list[ExplanationNode]
    cost_explanation: list[ExplanationNode]
    remarks: list[PayslipRemark]
    fingerprint: str
    engine_version: str
    period_start: date
    period_end: date
    due_date: date


@record(DocumentRow)
class PayrollDocument:
    """A document; `content` is base64."""

    media_type: str
    sha256: str
    size_bytes: int
    content: str
