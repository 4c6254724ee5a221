"""The facts of other services, with only the fields that this service uses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commons.events import Consumed
from commons.money import Money


class Address(BaseModel):
    """Where an entity has its seat."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    street: str
    city: str
    post_code: str
    country: str


class EntityRegistered(Consumed):
    """A legal entity exists; a simulated one begins on `day`."""

    type: ClassVar[str] = "invoicing.EntityRegistered.v1"
    entity_id: UUID
    name: str
    legal_form: str
    currency: str
    enterprise_number: str
    iban: str
    address: Address
    simulated: bool
    day: date | None = None


class ActivityJoined(Consumed):
    """Somebody accepted a role in an activity."""

    type: ClassVar[str] = "invoicing.ActivityJoined.v1"
    activity_id: UUID
    entity_id: UUID
    member_id: UUID
    joined_on: date


class OrderConfirmed(Consumed):
    """A client confirmed an order of a member's activity."""

    type: ClassVar[str] = "invoicing.OrderConfirmed.v1"
    order_id: UUID
    entity_id: UUID
    activity_id: UUID
    member_id: UUID
    buyer_id: UUID
    start_date: date
    end_date: date
    confirmed_on: date


class OrderCancelled(Consumed):
    """An order will not be carried out."""

    type: ClassVar[str] = "invoicing.OrderCancelled.v1"
    order_id: UUID
    entity_id: UUID
    cancelled_on: date


class BudgetHeld(Consumed):
    """The budget of the activity holds the cost of a contract."""

    type: ClassVar[str] = "invoicing.BudgetHeld.v1"
    contract_id: UUID
    entity_id: UUID
    held_on: date


class BudgetRefused(Consumed):
    """The budget is too small for a contract: it has `available`, the contract would cost `requested`."""

    type: ClassVar[str] = "invoicing.BudgetRefused.v1"
    contract_id: UUID
    entity_id: UUID
    requested: Money
    available: Money
    code: str


class WageFunded(Consumed):
    """There is money for a wage; it must be paid now."""

    type: ClassVar[str] = "guarantee.WageFunded.v1"
    payslip_id: UUID
    entity_id: UUID
    source: str
    amount: Money
    funded_on: date


class TransferReturned(Consumed):
    """A transfer that left an entity's account came back; `reason` is the bank's code."""

    type: ClassVar[str] = "invoicing.TransferReturned.v1"
    entity_id: UUID
    end_to_end_id: str
    reason: str
    returned_on: date
