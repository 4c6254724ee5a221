"""The facts this service announces."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commons.events import Published
from commons.money import Money


class ShareSubscribed(Published):
    """A member promised to pay for shares; `reference` is what the payment will carry."""

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    subscription_id: UUID
    member_id: UUID
    entity_id: UUID
    quantity: int
    amount: Money
    year: int
    reference: str
    subscribed_on: date


class MemberAdmitted(Published):
    """A person became a member of a legal entity: the first share is paid."""

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    member_id: UUID
    entity_id: UUID
    category: str
    admitted_on: date


class SharesPaid(Published):
    """Shares entered the register under a number; new money may come in until `entitled_until`."""

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    subscription_id: UUID
    member_id: UUID
    entity_id: UUID
    register_number: int
    quantity: int
    amount: Money
    paid_on: date
    entitled_until: date
