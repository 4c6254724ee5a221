"""Finding the subscription that a payment pays: by reference and exact amount, or else a person looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from commons.money import Money
from members.domain.subscription import ShareSubscription


class SuspenseReason(StrEnum):
    """Why a payment waits in the suspense account instead of paying shares."""

    UNKNOWN_REFERENCE = "unknown_reference"
    OTHER_CURRENCY = "other_currency"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    ALREADY_PAID = "already_paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Matched:
    """The payment pays this subscription, to the cent."""

    subscription: ShareSubscription


@dataclass(frozen=True, slots=True)
class Suspense:
    """The payment pays nothing yet. `expected` is what the subscription, where one was found, asks for."""

    reason: SuspenseReason
    subscription: ShareSubscription | None = None
    expected: Money | None = None


def match_payment(
    reference: str, amount: Money, subscriptions: Iterable[ShareSubscription]
) -> Matched | Suspense:
    """The subscription with this reference, if the amount is exactly what it asks for.

    A share is paid in full or not at all: a part would make a member with a part of a vote, a surplus would
    make the cooperative choose what to do with private money. Open subscriptions go before closed ones.
    """
    wanted = normalize_reference(reference)
    same = [one for one in subscriptions if wanted and normalize_reference(one.reference) == wanted]
    if not same:
        return Suspense(SuspenseReason.UNKNOWN_REFERENCE)
    found = min(same, key=lambda one: (not one.is_open, one.subscribed_on, str(one.id)))
    if found.paid_on is not None:
        return Suspense(SuspenseReason.ALREADY_PAID, found, found.amount)
    if found.cancelled_on is not None:
        return Suspense(SuspenseReason.CANCELLED, found, found.amount)
    if amount.currency != found.amount.currency:
        return Suspense(SuspenseReason.OTHER_CURRENCY, found, found.amount)
    if amount < found.amount:
        return Suspense(SuspenseReason.UNDERPAID, found, found.amount)
    if found.amount < amount:
        return Suspense(SuspenseReason.OVERPAID, found, found.amount)
    return Matched(found)


def normalize_reference(reference: str) -> str:
    """The letters and digits of a reference in upper case: banks drop or add the signs between them."""
    return "".join(
        character for character in reference.upper() if character.isascii() and character.isalnum()
    )
