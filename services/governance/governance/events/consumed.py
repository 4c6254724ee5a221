"""The facts of other services, with only the fields that this service uses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from commons.events import Consumed
from commons.money import Money


class Address(BaseModel):
    """Where a legal entity has its seat."""

    street: str
    post_code: str
    city: str

    @property
    def line(self) -> str:
        """In one line."""
        return f"{self.street}, {self.post_code} {self.city}"


class EntityRegistered(Consumed):
    """A legal entity exists; a simulated one begins on `day`."""

    type: ClassVar[str] = "invoicing.EntityRegistered.v1"
    entity_id: UUID
    name: str
    legal_form: str
    address: Address
    simulated: bool
    day: date | None = None


class MemberAdmitted(Consumed):
    """A person became a member of a legal entity."""

    type: ClassVar[str] = "members.MemberAdmitted.v1"
    member_id: UUID
    entity_id: UUID
    category: str
    admitted_on: date


class MemberResigned(Consumed):
    """A member left a legal entity; shares entered under a lower number of its register are given up."""

    type: ClassVar[str] = "members.MemberResigned.v1"
    member_id: UUID
    entity_id: UUID
    resigned_on: date
    register_number: int


class WriteOffProposed(Consumed):
    """The guarantee fund proposes to give up what it claims on an order."""

    type: ClassVar[str] = "guarantee.WriteOffProposed.v1"
    write_off_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    proposed_on: date


class SharesPaid(Consumed):
    """Shares of a member entered the register of an entity."""

    type: ClassVar[str] = "members.SharesPaid.v1"
    subscription_id: UUID
    member_id: UUID
    entity_id: UUID
    register_number: int
    quantity: int
    paid_on: date
