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


class ShareRedemptionRequested(Published):
    """A member asked shares back, at the nominal value paid for them; they count no longer from this day.

    `register_number` names the request; it is repaid by the last day of `repay_by`.
    """

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    member_id: UUID
    entity_id: UUID
    register_number: int
    quantity: int
    amount: Money
    requested_on: date
    repay_by: date


class MemberResigned(Published):
    """A member left a legal entity on `resigned_on`, by a letter of `letter_date`.

    Shares entered under a number below `register_number` are given up; later ones belong to somebody who came
    back.
    """

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    member_id: UUID
    entity_id: UUID
    letter_date: date
    resigned_on: date
    register_number: int


class SharesRedeemed(Published):
    """An instalment of the redemption `redemption_number` was repaid; `open` is what is left of it."""

    service: ClassVar[str] = "members"
    aggregate: ClassVar[str] = "Member"
    member_id: UUID
    entity_id: UUID
    register_number: int
    redemption_number: int
    amount: Money
    open: Money
    redeemed_on: date
