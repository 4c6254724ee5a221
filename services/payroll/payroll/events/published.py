"""The facts this service announces."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commons.events import Published
from commons.money import Money


class PayrollProfileCompleted(Published):
    """What payroll must know of a member is known; none of it travels."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Member"
    member_id: UUID
    entity_id: UUID


class ContractRequested(Published):
    """A member asks for a contract; the budget of the activity must hold its `labor_cost`."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    member_id: UUID
    labor_cost: Money
    start_date: date
    end_date: date
    requested_on: date


class ContractConfirmed(Published):
    """The hire is declared and accepted: the work may begin."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    confirmed_on: date


class ContractRefused(Published):
    """The contract cannot go on; `code` names the reason. What the budget holds for it is free."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    code: str
    refused_on: date


class HireDeclared(Published):
    """The authority accepted the declaration of a hire."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    entity_id: UUID
    declaration_id: UUID
    result: str
    declared_on: date


class ExceptionalPayRecorded(Published):
    """The payslip of a contract will pay `amount` besides its wage."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    kind: str
    amount: Money
    recorded_on: date


class ContractEnded(Published):
    """The work of a contract is done."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    ended_on: date


class DeclarationAccepted(Published):
    """The authority accepted a declaration; `anomalies` are the codes it warns with."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Declaration"
    declaration_id: UUID
    contract_id: UUID
    entity_id: UUID
    kind: str
    result: str
    anomalies: list[str]
    decided_on: date


class DeclarationRefused(Published):
    """The authority refused a declaration; `anomalies` are its codes."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Declaration"
    declaration_id: UUID
    contract_id: UUID
    entity_id: UUID
    kind: str
    result: str
    anomalies: list[str]
    decided_on: date


class PayslipComputed(Published):
    """A wage is computed and must be paid by `due_date`; `labor_cost` is what the budget is charged."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Payslip"
    payslip_id: UUID
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    member_id: UUID
    gross_wage: Money
    net_payable: Money
    labor_cost: Money
    due_date: date
    computed_on: date


class LaborCostCorrected(Published):
    """What a contract really cost is known, or known better; the `number`-th time it is announced.

    `variance` is the price that was provisioned less the cost, for the mutual pool; `change` is what this
    announcement adds to it, above or below zero.
    """

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    number: int
    provisioned: Money
    labor_cost: Money
    variance: Money
    change: Money
    corrected_on: date


class PayRunFinished(Published):
    """The pay run of a month has taken every contract that was due: so many payslips, so many failures."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "PayRun"
    pay_run_id: UUID
    entity_id: UUID
    period_start: date
    payslips: int
    failures: int
    finished_on: date


class WagePaid(Published):
    """The bank executed the transfer of a wage."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Payslip"
    payslip_id: UUID
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    paid_on: date


class WageReturned(Published):
    """The bank did not execute the transfer of a wage; `reason` is its code."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "Payslip"
    payslip_id: UUID
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    reason: str
    returned_on: date


class ReturnFiled(Published):
    """The periodic return of an employer goes to the authority; `payslips` is how many it declares."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "PeriodicReturn"
    periodic_return_id: UUID
    entity_id: UUID
    kind: str
    period_start: date
    period_end: date
    sequence: int
    payslips: int
    filed_on: date


class ReturnAccepted(Published):
    """The authority accepted a periodic return; `codes` are those it warns with."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "PeriodicReturn"
    periodic_return_id: UUID
    entity_id: UUID
    result: str
    codes: list[str]
    decided_on: date


class ReturnRefused(Published):
    """The authority refused a periodic return; `codes` are those of the fields that it names."""

    service: ClassVar[str] = "payroll"
    aggregate: ClassVar[str] = "PeriodicReturn"
    periodic_return_id: UUID
    entity_id: UUID
    result: str
    codes: list[str]
    decided_on: date
