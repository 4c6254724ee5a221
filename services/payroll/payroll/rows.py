"""What queries return: one frozen row for each type of the API, and how it is made of a database row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from commons.context import Ctx
from commons.database import Record
from commons.graphql import Ref
from commons.money import Money
from payroll.archive import deltas_from, payslip_from
from payroll.domain.belgium.situation import Spouse
from payroll.domain.contract import ContractKind, ContractState
from payroll.domain.correction import Delta
from payroll.domain.declaration import Anomaly, DeclarationState
from payroll.domain.explanation import Node, Total, explanation
from payroll.domain.law import Source
from payroll.domain.pay_run import PayRunState
from payroll.domain.person import Person, masked
from payroll.domain.price import ContractAmounts
from payroll.domain.regularization import Bearer
from payroll.domain.return_filing import ReturnKind, ReturnState
from payroll.domain.sheet import Line, Remark, withholding_tax
from payroll.sealed import Sealer
from payroll.service import Payroll
from payroll.store import contract_from, filing_from, return_owner


class WageState(StrEnum):
    """Where a wage stands: computed, funded and sent to the bank, paid, or returned by the bank."""

    COMPUTED = "computed"
    INSTRUCTED = "instructed"
    PAID = "paid"
    RETURNED = "returned"


class PayslipKind(StrEnum):
    """A wage, or corrections of earlier ones alone, where no wage came to take them up."""

    WAGE = "wage"
    CORRECTION = "correction"


class PersonalFile(StrEnum):
    """What holds personal data, as the access log names it."""

    PAYROLL_PROFILE = "payroll_profile"
    PAYSLIP = "payslip"
    PAYMENT_FILE = "payment_file"
    PERIODIC_RETURN = "periodic_return"


class PaymentFileState(StrEnum):
    """What the bank made of a payment file."""

    INSTRUCTED = "instructed"
    EXECUTED = "executed"
    PARTLY_EXECUTED = "partly_executed"
    REJECTED = "rejected"


class PayrollDocumentKind(StrEnum):
    """The forms in which a payslip can be had."""

    PDF = "pdf"


class TaxFactRow(msgspec.Struct, frozen=True, gc=False):
    """One fact that was told of a worker."""

    name: str
    value: str


class PayrollProfileRow(msgspec.Struct, frozen=True, gc=False):
    """What payroll knows of a member, with numbers that cannot be read."""

    member_id: str
    language: str
    completed_on: date
    holder_name: str
    national_number_masked: str
    iban_masked: str
    spouse: Spouse | None
    children: int | None
    is_single_parent: bool | None
    tax_facts: tuple[TaxFactRow, ...]


class ContractRow(msgspec.Struct, frozen=True, gc=False):
    """A work contract on the business day of its entity."""

    key: str
    order_id: str
    activity_id: str
    entity_id: str
    member_id: str
    kind: ContractKind
    regime: str
    first_day: date
    last_day: date
    wage: Money
    days: int
    hours: Decimal
    function_title: str
    joint_committee: str | None
    gross_wage: Money
    estimated_cost: Money
    price: Money
    requested_on: date
    budget_held_on: date | None
    declared_on: date | None
    ended_on: date | None
    paid_on: date | None
    refused_on: date | None
    refusal_code: str | None
    undeclared_on: date | None
    unanswered_on: date | None
    payslip_refusal_code: str | None
    state: ContractState


class BudgetRefusalRow(msgspec.Struct, frozen=True, gc=False):
    """What a contract would have cost, and what the budget had."""

    requested: Money
    available: Money


class DeclarationRow(msgspec.Struct, frozen=True, gc=False):
    """A declaration to the authority and its answer."""

    key: str
    contract_id: str
    kind: str
    state: DeclarationState
    reference: str | None
    period_id: str | None
    result: str | None
    anomalies: list[Anomaly]
    sent_at: datetime | None
    decided_at: datetime | None
    contradicted_on: date | None
    contradicting_result: str | None
    contradicting_anomalies: list[Anomaly]


class PayslipRow(msgspec.Struct, frozen=True, gc=False):
    """A payslip and what became of the wage."""

    key: str
    contract_id: str
    order_id: str
    activity_id: str
    entity_id: str
    member_id: str
    kind: PayslipKind
    period_start: date
    period_end: date
    gross_wage: Money
    withholding_tax: Money
    net_wage: Money
    net_payable: Money
    amounts: ContractAmounts
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    fingerprint: str
    engine_version: str
    due_date: date
    computed_on: date
    funded_on: date | None
    funding_source: str | None
    paid_on: date | None
    returned_on: date | None
    return_reason: str | None

    def labor_cost(self) -> Money:
        """What the budget is charged."""
        return self.amounts.provisioned

    def net_explanation(self) -> tuple[Node, ...]:
        """Why the net is what it is."""
        return explanation(self.lines, Total.NET_PAYABLE)

    def cost_explanation(self) -> tuple[Node, ...]:
        """Why the employer's cost is what it is."""
        return explanation(self.lines, Total.LABOR_COST)

    def state(self) -> WageState:
        """Where the wage stands."""
        if self.returned_on is not None:
            return WageState.RETURNED
        if self.paid_on is not None:
            return WageState.PAID
        return WageState.COMPUTED if self.funded_on is None else WageState.INSTRUCTED


class PayRunRow(msgspec.Struct, frozen=True, gc=False):
    """A pay run of an entity and how far it has come."""

    key: str
    entity_id: str
    period_start: date
    started_by: str
    started_on: date
    finished_on: date | None
    total: int
    done: int
    failed: int

    def state(self) -> PayRunState:
        """Where it stands."""
        return PayRunState.RUNNING if self.finished_on is None else PayRunState.FINISHED


class PayRunFailureRow(msgspec.Struct, frozen=True, gc=False):
    """A contract that a pay run could not pay."""

    contract_id: str
    code: str
    sentence: str


class RecomputationRow(msgspec.Struct, frozen=True, gc=False):
    """Payslips of past months computed again, and how far that has come."""

    key: str
    entity_id: str
    period_start: date
    period_end: date
    reason: str
    started_by: str
    started_on: date
    finished_on: date | None
    total: int
    corrected: int
    unchanged: int
    failed: int

    def state(self) -> PayRunState:
        """Where it stands."""
        return PayRunState.RUNNING if self.finished_on is None else PayRunState.FINISHED


class RecomputationFailureRow(msgspec.Struct, frozen=True, gc=False):
    """A payslip that could not be computed again."""

    payslip_id: str
    code: str
    sentence: str


class PayslipCorrectionRow(msgspec.Struct, frozen=True, gc=False):
    """What differs in a payslip since it was computed again, and how much of it later ones took up."""

    key: str
    number: int
    reason: str
    corrected_on: date
    deltas: tuple[Delta, ...]
    net_wage: Money
    net_payable: Money
    labor_cost: Money
    settled: Money
    fingerprint: str
    engine_version: str

    def open(self) -> Money:
        """What is still to be paid to the worker, or below zero, withheld."""
        return self.net_payable - self.settled


class LaborCostRow(msgspec.Struct, frozen=True, gc=False):
    """The four amounts of a contract and what the mutual pool was told of the difference."""

    contract_id: str
    amounts: ContractAmounts
    pooled: Money

    def variance(self) -> Money:
        """What the price leaves over of the best known cost."""
        return self.amounts.variance


class PaymentFileRow(msgspec.Struct, frozen=True, gc=False):
    """A file of payments sent to the bank."""

    key: str
    message_id: str
    entity_id: str
    scheme: str
    execution_date: date
    count: int
    total_minor: int
    currency: str
    created_on: date
    paid: int
    returned: int

    def state(self) -> PaymentFileState:
        """What the bank made of it."""
        if self.paid + self.returned < self.count:
            return PaymentFileState.INSTRUCTED
        if not self.returned:
            return PaymentFileState.EXECUTED
        return PaymentFileState.PARTLY_EXECUTED if self.paid else PaymentFileState.REJECTED


class CertificateBoxRow(msgspec.Struct, frozen=True, gc=False):
    """What one box of a certificate says."""

    code: str
    amount: Money


class YearlyCertificateRow(msgspec.Struct, frozen=True, gc=False):
    """What an employer certifies of a worker's year."""

    member_id: str
    entity_id: str
    year: int
    format: str
    is_shape_verified: bool
    is_year_over: bool
    payslips: int
    first_day: date
    last_day: date
    gross_wage: Money
    net_payable: Money
    boxes: list[CertificateBoxRow]
    source: Source


class ReturnFieldRow(msgspec.Struct, frozen=True, gc=False):
    """A field of a return that the authority names."""

    code: str
    file: str
    path: str
    label: str
    member_id: str | None


class PeriodicReturnRow(msgspec.Struct, frozen=True, gc=False):
    """A periodic return, and what became of it."""

    key: str
    entity_id: str
    kind: ReturnKind
    format: str
    period_start: date
    period_end: date
    sequence: int
    filing_date: date
    due_date: date
    refusal_code: str | None
    filed_on: date | None
    reference: str | None
    unanswered_on: date | None
    decided_on: date | None
    result: str | None
    fields: list[ReturnFieldRow]
    overdue_on: date | None
    late_payslip_on: date | None
    replaced_on: date | None
    state: ReturnState
    region: str | None
    is_region_assumed: bool


class OpenDifferencesRow(msgspec.Struct, frozen=True, gc=False):
    """What of the differences that a return declares is not settled with workers yet."""

    owed_to_workers: Money
    owed_by_workers: Money
    not_withheld_borne_by: Bearer


class ReturnFileRow(msgspec.Struct, frozen=True, gc=False):
    """One file of a return with its bytes."""

    name: str
    sha256: str
    size_bytes: int
    content: str


class FileReadingRow(msgspec.Struct, frozen=True, gc=False):
    """Somebody read a file of a member."""

    key: int
    member_id: str
    read_at: datetime
    reader: str
    file_name: str
    request_id: str

    @property
    def file(self) -> PersonalFile:
        """What was read."""
        return PersonalFile(self.file_name)


class WageSimulationRow(msgspec.Struct, frozen=True, gc=False):
    """A wage seen from both ends."""

    wage: Money
    gross_wage: Money
    withholding_tax: Money
    net_wage: Money
    net_payable: Money
    amounts: ContractAmounts
    remainder: Money | None
    minimum_wage: Money | None
    is_below_minimum_wage: bool
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    fingerprint: str
    engine_version: str
    period_start: date
    period_end: date
    due_date: date
    traced_lines: Callable[[], tuple[Line, ...]]
    """The same lines, each with what it was made of: computed where somebody asks why."""

    def labor_cost(self) -> Money:
        """What the budget is charged."""
        return self.amounts.provisioned

    def net_explanation(self) -> tuple[Node, ...]:
        """Why the net is what it is."""
        return explanation(self.traced_lines(), Total.NET_PAYABLE)

    def cost_explanation(self) -> tuple[Node, ...]:
        """Why the employer's cost is what it is."""
        return explanation(self.traced_lines(), Total.LABOR_COST)


class DocumentRow(msgspec.Struct, frozen=True, gc=False):
    """A document with its bytes."""

    media_type: str
    sha256: str
    size_bytes: int
    content: str


class EntityRef(Ref, frozen=True, gc=False):
    """A legal entity, which the invoicing service owns."""


class ActivityRef(Ref, frozen=True, gc=False):
    """An activity, which the invoicing service owns."""


class MemberRef(Ref, frozen=True, gc=False):
    """A member, whom the members service owns."""


class OrderRef(Ref, frozen=True, gc=False):
    """An order, which the invoicing service owns; its people are known here once it is confirmed."""

    member_id: str | None = None
    participants: Sequence[str] = ()


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
        anomalies=_anomalies(record["anomalies"]),
        sent_at=record["sent_at"],
        decided_at=record["decided_at"],
        contradicted_on=record["contradicted_on"],
        contradicting_result=record["contradicting_result"],
        contradicting_anomalies=_anomalies(record["contradicting_anomalies"]),
    )


def periodic_return_row(record: Record, sealer: Sealer) -> PeriodicReturnRow:
    """A periodic return with the fields that the authority named."""
    fields: list[ReturnFieldRow] = []
    if record["fields"] is not None:
        kept = msgspec.json.decode(sealer.open(record["fields"], of=return_owner(record["id"])))
        fields = [
            ReturnFieldRow(item["code"], item["file"], item["path"], item["label"], item["member"])
            for item in kept
        ]
    return PeriodicReturnRow(
        key=record["id"],
        entity_id=record["entity_id"],
        kind=ReturnKind(record["kind"]),
        format=record["format"],
        period_start=record["period_start"],
        period_end=record["period_end"],
        sequence=record["sequence"],
        filing_date=record["filing_date"],
        due_date=record["due_date"],
        refusal_code=record["refusal_code"],
        filed_on=record["filed_on"],
        reference=record["reference"],
        unanswered_on=record["unanswered_on"],
        decided_on=record["decided_on"],
        result=record["result"],
        fields=fields,
        overdue_on=record["overdue_on"],
        late_payslip_on=record["late_payslip_on"],
        replaced_on=record["replaced_on"],
        state=filing_from(record).state,
        region=record["region"],
        is_region_assumed=record["is_region_assumed"],
    )


def _anomalies(kept: Sequence[Mapping[str, str]]) -> list[Anomaly]:
    return [Anomaly(item["code"], item["label"]) for item in kept]


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
        kind=PayslipKind(record["kind"]),
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


def pay_run_row(record: Record) -> PayRunRow:
    """A pay run."""
    return PayRunRow(
        key=record["id"],
        entity_id=record["entity_id"],
        period_start=record["period_start"],
        started_by=record["started_by"],
        started_on=record["started_on"],
        finished_on=record["finished_on"],
        total=record["total"],
        done=record["done"],
        failed=record["failed"],
    )


def recomputation_row(record: Record) -> RecomputationRow:
    """A recomputation."""
    return RecomputationRow(
        key=record["id"],
        entity_id=record["entity_id"],
        period_start=record["period_start"],
        period_end=record["period_end"],
        reason=record["reason"],
        started_by=record["started_by"],
        started_on=record["started_on"],
        finished_on=record["finished_on"],
        total=record["total"],
        corrected=record["corrected"],
        unchanged=record["unchanged"],
        failed=record["failed"],
    )


def payslip_correction_row(record: Record) -> PayslipCorrectionRow:
    """What differs in a payslip."""
    currency = record["currency"]
    return PayslipCorrectionRow(
        key=record["id"],
        number=record["number"],
        reason=record["reason"],
        corrected_on=record["corrected_on"],
        deltas=deltas_from(record),
        net_wage=Money(record["net_wage_minor"], currency),
        net_payable=Money(record["net_payable_minor"], currency),
        labor_cost=Money(record["labor_cost_minor"], currency),
        settled=Money(record["settled_minor"], currency),
        fingerprint=record["fingerprint"],
        engine_version=record["engine_version"],
    )


def labor_cost_row(record: Record) -> LaborCostRow:
    """What a contract costs, as it becomes known."""
    currency = record["currency"]
    return LaborCostRow(
        contract_id=record["contract_id"],
        amounts=ContractAmounts(
            estimated=Money(record["estimated_minor"], currency),
            provisioned=Money(record["provisioned_minor"], currency),
            declared=_money(record["declared_minor"], currency),
            corrected=_money(record["corrected_minor"], currency),
        ),
        pooled=Money(record["pooled_minor"], currency),
    )


def profile_row(record: Record, person: Person) -> PayrollProfileRow:
    """A profile with its numbers masked."""
    family = person.family
    return PayrollProfileRow(
        member_id=record["member_id"],
        language=record["language"],
        completed_on=record["completed_on"],
        holder_name=person.holder_name,
        national_number_masked=masked(person.national_number, visible_end=NATIONAL_NUMBER_VISIBLE_END),
        iban_masked=masked(person.iban, visible_start=IBAN_VISIBLE_START),
        spouse=None if family is None else family.spouse,
        children=None if family is None else family.children,
        is_single_parent=None if family is None else family.is_single_parent,
        tax_facts=tuple(TaxFactRow(name, value) for name, value in sorted(person.answers.items())),
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
        regime=record["regime"],
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
        unanswered_on=record["unanswered_on"],
        payslip_refusal_code=record["payslip_refusal_code"],
        state=contract.state(today),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
