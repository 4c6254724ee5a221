"""Subscribing shares: a promise to pay, which counts only once it is paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from commons.money import Money
from members.domain.errors import (
    ReferenceMissing,
    ShareQuantityOutOfRange,
    SubscriptionAlreadyPaid,
    SubscriptionCancelled,
)
from members.domain.rules import MembershipRules


@dataclass(frozen=True, slots=True)
class ShareSubscription:
    """Shares that a member will pay with private money, found again by the payment reference.

    It keeps the nominal value of the day it was made: a later change of the value does not touch it.
    """

    id: UUID
    member_id: UUID
    entity_id: UUID
    category: str
    quantity: int
    share_value: Money
    reference: str
    subscribed_on: date
    pay_by: date
    paid_on: date | None = None
    cancelled_on: date | None = None

    @property
    def amount(self) -> Money:
        """What is to be paid: the nominal value times the number of shares."""
        return self.share_value.times(self.quantity)

    @property
    def year(self) -> int:
        """The calendar year in which the shares were bought."""
        return self.subscribed_on.year

    @property
    def is_open(self) -> bool:
        """Whether its payment is still awaited. A late payment is welcome: the delay closes nothing."""
        return self.paid_on is None and self.cancelled_on is None


def subscribe(
    *,
    id: UUID,
    member_id: UUID,
    entity_id: UUID,
    category: str,
    quantity: int,
    reference: str,
    today: date,
    rules: MembershipRules,
) -> ShareSubscription:
    """A new subscription. Raises ShareQuantityOutOfRange, ReferenceMissing."""
    if not rules.share_quantity_minimum <= quantity <= rules.share_quantity_maximum:
        raise ShareQuantityOutOfRange(
            quantity=quantity, minimum=rules.share_quantity_minimum, maximum=rules.share_quantity_maximum
        ).at("quantity")
    if not any(character.isdigit() for character in reference):
        raise ReferenceMissing()
    return ShareSubscription(
        id=id,
        member_id=member_id,
        entity_id=entity_id,
        category=category,
        quantity=quantity,
        share_value=rules.share_value,
        reference=reference,
        subscribed_on=today,
        pay_by=today + timedelta(days=rules.payment_delay_days),
    )


def mark_paid(subscription: ShareSubscription, *, paid_on: date) -> ShareSubscription:
    """The subscription as paid. Raises SubscriptionAlreadyPaid, SubscriptionCancelled."""
    _must_be_open(subscription)
    return replace(subscription, paid_on=paid_on)


def cancel(subscription: ShareSubscription, *, today: date) -> ShareSubscription:
    """The subscription without effect. Raises SubscriptionAlreadyPaid, SubscriptionCancelled."""
    _must_be_open(subscription)
    return replace(subscription, cancelled_on=today)


def _must_be_open(subscription: ShareSubscription) -> None:
    if subscription.paid_on is not None:
        raise SubscriptionAlreadyPaid(subscription=subscription.id, paid_on=subscription.paid_on)
    if subscription.cancelled_on is not None:
        raise SubscriptionCancelled(subscription=subscription.id, cancelled_on=subscription.cancelled_on)
