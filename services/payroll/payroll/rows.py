"""What queries return: one frozen row for each type of the API."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from commons.graphql import Ref
from commons.money import Money
from payroll.domain.contract import ContractKind, ContractState
from payroll.domain.declaration import Anomaly, DeclarationState
from payroll.domain.price import ContractAmounts
from payroll.domain.sheet import Line, Remark
from payroll.domain.wage import Spouse, Status


class WageState(StrEnum):
    """Where a wage stands: computed, funded and sent to the bank, paid, or returned by the bank."""

    COMPUTED = "computed"
    INSTRUCTED = "instructed"
    PAID = "paid"
    RETURNED = "returned"


class PaymentFileState(StrEnum):
    """What the bank made of a payment file."""

    INSTRUCTED = "instructed"
    EXECUTED = "executed"
    PARTLY_EXECUTED = "partly_executed"
    REJECTED = "rejected"


class PayrollDocumentKind(StrEnum):
    """The forms in which a payslip can be had."""

    PDF = "pdf"


class PayrollProfileRow(msgspec.Struct, frozen=True, gc=False):
    """What payroll knows of a member, with numbers that cannot be read."""

    member_id: str
    language: str
    completed_on: date
    holder_name: str
    national_number_masked: str
    iban_masked: str
    spouse: Spouse
    children: int
    is_single_parent: bool


class ContractRow(msgspec.Struct, frozen=True, gc=False):
    """A work contract on the business day of its entity."""

    key: str
    order_id: str
    activity_id: str
    entity_id: str
    member_id: str
    kind: ContractKind
    regime: Status
    first_day: date
    last_day: date
    wage: Money
    days: int
    hours: Decimal
    function_title: str
    joint_committee: str
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
    payslip_refusal_code: str | None
    state: ContractState


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


class PayslipRow(msgspec.Struct, frozen=True, gc=False):
    """A payslip and what became of the wage."""

    key: str
    contract_id: str
    order_id: str
    activity_id: str
    entity_id: str
    member_id: str
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

    def state(self) -> WageState:
        """Where the wage stands."""
        if self.paid_on is not None:
            return WageState.PAID
        if self.returned_on is not None:
            return WageState.RETURNED
        return WageState.COMPUTED if self.funded_on is None else WageState.INSTRUCTED


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


class WageSimulationRow(msgspec.Struct, frozen=True, gc=False):
    """A wage seen from both ends."""

    wage: Money
    gross_wage: Money
    withholding_tax: Money
    net_wage: Money
    net_payable: Money
    amounts: ContractAmounts
    remainder: Money | None
    minimum_wage: Money
    is_below_minimum_wage: bool
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    fingerprint: str
    engine_version: str
    period_start: date
    period_end: date
    due_date: date

    def labor_cost(self) -> Money:
        """What the budget is charged."""
        return self.amounts.provisioned


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
    """An order, which the invoicing service owns; its member is known here once it is confirmed."""

    member_id: str | None = None
