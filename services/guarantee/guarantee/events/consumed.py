"""The facts of other services, with only the fields that this service uses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from commons.events import Consumed
from commons.money import Money


class EntityRegistered(Consumed):
    """A legal entity exists; a simulated one begins on `day`."""

    type: ClassVar[str] = "invoicing.EntityRegistered.v1"
    entity_id: UUID
    name: str
    legal_form: str
    currency: str
    simulated: bool
    day: date | None = None


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


class OrderConfirmed(Consumed):
    """An order was confirmed. `price` is without VAT; `contribution` is the cooperative's part of it."""

    type: ClassVar[str] = "invoicing.OrderConfirmed.v1"
    order_id: UUID
    entity_id: UUID
    activity_id: UUID
    member_id: UUID
    buyer_id: UUID
    buyer_country: str
    confirmed_by: Literal["buyer", "member"]
    price: Money
    contribution: Money
    confirmed_on: date


class OrderCancelled(Consumed):
    """An order will not be carried out; `price` and `contribution` are of the part that was done, if any."""

    type: ClassVar[str] = "invoicing.OrderCancelled.v1"
    order_id: UUID
    entity_id: UUID
    cancelled_on: date
    price: Money | None = None
    contribution: Money | None = None


class InvoiceIssued(Consumed):
    """An order, or a part of it, was invoiced."""

    type: ClassVar[str] = "invoicing.InvoiceIssued.v1"
    invoice_id: UUID
    number: str
    order_id: UUID
    entity_id: UUID
    total_without_vat: Money
    total_with_vat: Money
    contribution: Money


class InvoicePartlyPaid(Consumed):
    """A part of an invoice is paid; `amount` is all that was paid on it until now."""

    type: ClassVar[str] = "invoicing.InvoicePartlyPaid.v1"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    paid_on: date


class InvoicePaid(Consumed):
    """An invoice is paid; `amount` is all that was paid on it."""

    type: ClassVar[str] = "invoicing.InvoicePaid.v1"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    paid_on: date


class InvoiceCredited(Consumed):
    """An invoice was taken back as a whole, with the contribution that it had levied."""

    type: ClassVar[str] = "invoicing.InvoiceCredited.v1"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    issue_date: date
    contribution: Money


class ClientDefaulted(Consumed):
    """A client will not pay any more, or is not expected to."""

    type: ClassVar[str] = "invoicing.ClientDefaulted.v1"
    party_id: UUID
    entity_id: UUID
    reason: str
    defaulted_on: date


class WriteOffApproved(Consumed):
    """Those who may decide it gave up a claim."""

    type: ClassVar[str] = "governance.WriteOffApproved.v1"
    write_off_id: UUID
    order_id: UUID
    entity_id: UUID
    approved_on: date


class ContributionLevied(Consumed):
    """The cooperative's part of an invoice was booked."""

    type: ClassVar[str] = "invoicing.ContributionLevied.v1"
    invoice_id: UUID
    entity_id: UUID
    amount: Money
    levied_on: date


class PayslipComputed(Consumed):
    """A wage is known, with what it costs and the day on which it falls due."""

    type: ClassVar[str] = "payroll.PayslipComputed.v1"
    payslip_id: UUID
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    member_id: UUID
    labor_cost: Money
    due_date: date
    computed_on: date


class LaborCostCorrected(Consumed):
    """What a contract really cost is known better: `change` is the pool's, above or below zero."""

    type: ClassVar[str] = "payroll.LaborCostCorrected.v1"
    contract_id: UUID
    entity_id: UUID
    number: int
    change: Money
    corrected_on: date


class WagePaid(Consumed):
    """The bank paid a wage out."""

    type: ClassVar[str] = "payroll.WagePaid.v1"
    payslip_id: UUID
    entity_id: UUID
    paid_on: date


class WageReturned(Consumed):
    """The bank sent a wage back."""

    type: ClassVar[str] = "payroll.WageReturned.v1"
    payslip_id: UUID
    entity_id: UUID
    returned_on: date
