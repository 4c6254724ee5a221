"""The facts this service announces."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commons.events import Published
from commons.money import Money


class Address(BaseModel):
    """Where a legal entity has its seat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    street: str
    city: str
    post_code: str
    country: str


class EntityRegistered(Published):
    """A legal entity of the cooperative exists; a simulated one begins on `day`."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Entity"
    entity_id: UUID
    name: str
    legal_form: str
    currency: str
    enterprise_number: str
    vat_number: str
    iban: str
    address: Address
    simulated: bool
    day: date | None
    registered_on: date


class BusinessDayOpened(Published):
    """A simulated entity moved to a day."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Entity"
    entity_id: UUID
    day: date


class ActivityOpened(Published):
    """A member has an activity with a budget of its own."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Activity"
    activity_id: UUID
    entity_id: UUID
    member_id: UUID
    opened_on: date


class ActivityJoined(Published):
    """Somebody accepted a role in an activity and may work on its budget; not always a member."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Activity"
    activity_id: UUID
    entity_id: UUID
    member_id: UUID
    role: Literal["administrator", "participant", "occasional_participant"]
    joined_on: date


class BudgetTransferred(Published):
    """An activity gave money to another one of the same legal entity; nothing was levied."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Activity"
    transfer_id: UUID
    activity_id: UUID
    to_activity_id: UUID
    entity_id: UUID
    amount: Money
    transferred_on: date


class OrderConfirmed(Published):
    """An order was confirmed by the buyer through the signed link, or by the member on the buyer's word.

    `price` is without VAT; `contribution` is the cooperative's part of it.
    """

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Order"
    order_id: UUID
    entity_id: UUID
    activity_id: UUID
    member_id: UUID
    buyer_id: UUID
    buyer_country: str
    buyer_is_taxable: bool
    confirmed_by: Literal["buyer", "member"]
    price: Money
    contribution: Money
    start_date: date
    end_date: date
    payment_term_days: int
    confirmed_on: date


class OrderCancelled(Published):
    """An order will not be carried out, or no further than until `cancelled_on`.

    `price` (without VAT) and `contribution` are of the part that was done by then; null where nothing was.
    """

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Order"
    order_id: UUID
    entity_id: UUID
    reason: str
    cancelled_on: date
    price: Money | None = None
    contribution: Money | None = None


class BudgetHeld(Published):
    """A contract's labor cost is held on the activity's budget."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Contract"
    hold_id: UUID
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    amount: Money
    held_on: date


class BudgetRefused(Published):
    """The activity's budget does not hold what the contract costs."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    requested: Money
    available: Money
    code: str


class BudgetReleased(Published):
    """What was held for a contract is free again."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Contract"
    contract_id: UUID
    entity_id: UUID
    amount: Money
    released_on: date


class InvoiceIssued(Published):
    """An invoice has its number and is never edited again."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    number: str
    order_id: UUID
    entity_id: UUID
    activity_id: UUID
    buyer_id: UUID
    issue_date: date
    payment_due_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    contribution: Money


class ContributionLevied(Published):
    """The cooperative's part of an invoice was booked."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    entity_id: UUID
    amount: Money
    levied_on: date


class InvoiceOverdue(Published):
    """An invoice was not paid in time; told once for each level of the country's dunning ladder."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    buyer_id: UUID
    dunning_level: int
    amount_due: Money
    payment_due_date: date
    noted_on: date


class ClientDefaulted(Published):
    """A client will not pay any more: it is bankrupt, insolvent, or refuses."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Party"
    party_id: UUID
    entity_id: UUID
    reason: Literal["bankruptcy", "insolvency", "refusal_to_pay"]
    defaulted_on: date


class InvoicePartlyPaid(Published):
    """A part of an invoice is paid; `amount` is all that was paid on it until now."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    amount_due: Money
    paid_on: date


class InvoiceCredited(Published):
    """An invoice was taken back as a whole by the credit note `number`; the amounts are what it had asked."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    credit_note_id: UUID
    number: str
    order_id: UUID
    entity_id: UUID
    activity_id: UUID
    buyer_id: UUID
    issue_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    contribution: Money


class InvoicePaid(Published):
    """An invoice is paid in full; `amount` is all that was paid on it."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Invoice"
    invoice_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    paid_on: date


class PaymentReceived(Published):
    """Money arrived in an entity's account. Who paid is not told."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Payment"
    payment_id: UUID
    entity_id: UUID
    reference: str
    amount: Money
    received_on: date


class TransferReturned(Published):
    """A transfer that left an entity's account came back. To whom it had gone is not told."""

    service: ClassVar[str] = "invoicing"
    aggregate: ClassVar[str] = "Payment"
    payment_id: UUID
    entity_id: UUID
    end_to_end_id: str
    amount: Money
    reason: str
    returned_on: date
