"""A payslip and what became of the wage."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from commons.graphql import AnyOf, Money, Own, Role, WithParent, batched, node_id, record, ref
from payroll.api.loaders import contracts_by_key, corrections_by_payslip, payslip_documents
from payroll.api.types.correction import PayslipCorrection
from payroll.api.types.wage import ExplanationNode, PayrollDocument, PayslipLine, PayslipRemark, WageAmounts
from payroll.rows import MemberRef, PayslipKind, PayslipRow, WageState

if TYPE_CHECKING:
    from payroll.api.types.contract import Contract
    from payroll.api.types.member import Member


@record(PayslipRow, keys=["id"])
class Payslip:
    """A computed wage with every line, never edited; `laborCost` is what the budget is charged.

    `corrections` are what differs since it was computed again; a later payslip takes them up, in lines whose
    code begins with `correction.`, or one of the kind CORRECTION does.
    """

    id: ID = node_id("Payslip")
    contract: Annotated[Contract, strawberry.lazy("payroll.api.types.contract")] | None = batched(
        contracts_by_key, key="contract_id", rule=WithParent(), description="What the wage is for."
    )
    member: Annotated[Member, strawberry.lazy("payroll.api.types.member")] = ref(MemberRef, "member_id")
    kind: PayslipKind
    period_start: date
    period_end: date
    gross_wage: Money
    withholding_tax: Money
    net_wage: Money
    net_payable: Money
    labor_cost: Money
    amounts: WageAmounts
    lines: list[PayslipLine]
    net_explanation: list[ExplanationNode]
    cost_explanation: list[ExplanationNode]
    remarks: list[PayslipRemark]
    fingerprint: str
    engine_version: str
    due_date: date
    computed_on: date
    state: WageState
    funded_on: date | None
    funding_source: str | None
    paid_on: date | None
    returned_on: date | None
    return_reason: str | None
    corrections: list[PayslipCorrection] = batched(corrections_by_payslip, key="key", rule=WithParent())
    document: PayrollDocument | None = batched(
        payslip_documents, key="key", rule=AnyOf(Role("payroll_officer"), Own("member_id"))
    )
