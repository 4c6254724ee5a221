"""From what the database answers to the rows that queries return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from commons.context import Ctx
from commons.database import Record
from commons.money import Money
from payroll.archive import payslip_from
from payroll.domain.contract import ContractKind
from payroll.domain.declaration import Anomaly, DeclarationState
from payroll.domain.person import Person, masked
from payroll.domain.price import ContractAmounts
from payroll.domain.sheet import withholding_tax
from payroll.domain.wage import Status
from payroll.rows import ContractRow, DeclarationRow, PayrollProfileRow, PayslipRow
from payroll.service import Payroll
from payroll.store import contract_from

IBAN_VISIBLE_START: Final = 4  # country and check digits
NATIONAL_NUMBER_VISIBLE_END: Final = 2


async def contract_rows(ctx: Ctx[Payroll], records: Sequence[Record]) -> list[ContractRow]:
    """Contracts with their state on the business day of their entity."""
    days: dict[str, date] = {}
    for record in records:
        if record["entity_id"] not in days:
            days[record["entity_id"]] = await ctx.today(UUID(record["entity_id"]))
    return [_contract_row(record, days[record["entity_id"]]) for record in records]


def declaration_row(record: Record) -> DeclarationRow:
    """A declaration."""
    return DeclarationRow(
        key=record["id"],
        contract_id=record["contract_id"],
        kind=record["kind"],
        state=DeclarationState(record["state"]),
        reference=record["reference"],
        period_id=record["period_id"],
        result=record["result"],
        anomalies=[Anomaly(item["code"], item["label"]) for item in record["anomalies"]],
        sent_at=record["sent_at"],
        decided_at=record["decided_at"],
    )


def payslip_row(record: Record) -> PayslipRow:
    """A payslip and its payment."""
    payslip, currency = payslip_from(record), record["currency"]
    return PayslipRow(
        key=record["id"],
        contract_id=record["contract_id"],
        order_id=record["order_id"],
        activity_id=record["activity_id"],
        entity_id=record["entity_id"],
        member_id=record["member_id"],
        period_start=record["period_start"],
        period_end=record["period_end"],
        gross_wage=payslip.gross_wage,
        withholding_tax=withholding_tax(payslip),
        net_wage=payslip.net_wage,
        net_payable=payslip.net_payable,
        amounts=ContractAmounts(
            estimated=payslip.labor_cost,
            provisioned=Money(record["provisioned_minor"], currency),
            declared=_money(record["declared_minor"], currency),
            corrected=_money(record["corrected_minor"], currency),
        ),
        lines=payslip.lines,
        remarks=payslip.remarks,
        fingerprint=payslip.fingerprint,
        engine_version=payslip.engine_version,
        due_date=record["due_date"],
        computed_on=record["computed_on"],
        funded_on=record["funded_on"],
        funding_source=record["funding_source"],
        paid_on=record["paid_on"],
        returned_on=record["returned_on"],
        return_reason=record["return_reason"],
    )


def profile_row(record: Record, person: Person) -> PayrollProfileRow:
    """A profile with its numbers masked."""
    return PayrollProfileRow(
        member_id=record["member_id"],
        language=record["language"],
        completed_on=record["completed_on"],
        holder_name=person.holder_name,
        national_number_masked=masked(person.national_number, visible_end=NATIONAL_NUMBER_VISIBLE_END),
        iban_masked=masked(person.iban, visible_start=IBAN_VISIBLE_START),
        spouse=person.family.spouse,
        children=person.family.children,
        is_single_parent=person.family.is_single_parent,
    )


def _contract_row(record: Record, today: date) -> ContractRow:
    contract, currency = contract_from(record), record["currency"]
    return ContractRow(
        key=record["id"],
        order_id=record["order_id"],
        activity_id=record["activity_id"],
        entity_id=record["entity_id"],
        member_id=record["member_id"],
        kind=ContractKind(record["kind"]),
        regime=Status(record["regime"]),
        first_day=record["first_day"],
        last_day=record["last_day"],
        wage=contract.terms.wage,
        days=record["days"],
        hours=record["hours"],
        function_title=record["function_title"],
        joint_committee=record["joint_committee"],
        gross_wage=Money(record["gross_minor"], currency),
        estimated_cost=Money(record["estimated_minor"], currency),
        price=contract.labor_cost,
        requested_on=record["requested_on"],
        budget_held_on=record["budget_held_on"],
        declared_on=record["declared_on"],
        ended_on=record["ended_on"],
        paid_on=record["paid_on"],
        refused_on=record["refused_on"],
        refusal_code=record["refusal_code"],
        undeclared_on=record["undeclared_on"],
        payslip_refusal_code=record["payslip_refusal_code"],
        state=contract.state(today),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
