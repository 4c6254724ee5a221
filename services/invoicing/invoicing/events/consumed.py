"""The facts of other services, with only the fields that this service uses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commons.events import Consumed
from commons.money import Money


class MemberAdmitted(Consumed):
    """A person became a member of a legal entity."""

    type: ClassVar[str] = "members.MemberAdmitted.v1"
    member_id: UUID
    entity_id: UUID
    admitted_on: date


class SharesPaid(Consumed):
    """A member paid shares and may bring new money until a day."""

    type: ClassVar[str] = "members.SharesPaid.v1"
    member_id: UUID
    entity_id: UUID
    entitled_until: date


class MemberResigned(Consumed):
    """A member left a legal entity."""

    type: ClassVar[str] = "members.MemberResigned.v1"
    member_id: UUID
    entity_id: UUID
    resigned_on: date


class Reason(BaseModel):
    """What one rule of the fund found."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rule: str
    passed: bool


class OrderCovered(Consumed):
    """The guarantee fund stands for an order."""

    type: ClassVar[str] = "guarantee.OrderCovered.v1"
    order_id: UUID
    entity_id: UUID
    decided_on: date


class OrderNotCovered(Consumed):
    """The guarantee fund does not stand for an order."""

    type: ClassVar[str] = "guarantee.OrderNotCovered.v1"
    order_id: UUID
    entity_id: UUID
    reasons: list[Reason]
    decided_on: date


class ContractRequested(Consumed):
    """A member asks for a contract; the budget of the activity must hold its `labor_cost`."""

    type: ClassVar[str] = "payroll.ContractRequested.v1"
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    labor_cost: Money


class ContractRefused(Consumed):
    """A contract cannot go on."""

    type: ClassVar[str] = "payroll.ContractRefused.v1"
    contract_id: UUID
    entity_id: UUID


class PayslipComputed(Consumed):
    """A wage is known; `labor_cost` is what the budget is charged."""

    type: ClassVar[str] = "payroll.PayslipComputed.v1"
    payslip_id: UUID
    contract_id: UUID
    entity_id: UUID
    labor_cost: Money


class WriteOffApproved(Consumed):
    """Those who may decide it gave up what an order's buyer owes."""

    type: ClassVar[str] = "governance.WriteOffApproved.v1"
    write_off_id: UUID
    order_id: UUID
    entity_id: UUID
    approved_on: date
