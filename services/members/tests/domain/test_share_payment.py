"""A payment pays a subscription to the cent, or it waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from commons.money import Money
from members.domain.payment import Matched, Suspense, SuspenseReason, match_payment
from members.domain.subscription import ShareSubscription

THIRTY = Money.of("30.00", "EUR")


@pytest.mark.parametrize(
    "reference", ["000000000197", "+++000/0000/00197+++", " 000 0000 00197 ", "***000/0000/00197***"]
)
def test_a_payment_finds_its_subscription_however_the_bank_writes_the_reference(reference: str) -> None:
    assert match_payment(reference, THIRTY, [a_subscription()]) == Matched(a_subscription())


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("29.99", SuspenseReason.UNDERPAID),
        ("30.01", SuspenseReason.OVERPAID),
        ("60.00", SuspenseReason.OVERPAID),
    ],
)
def test_another_amount_waits_with_its_reason_and_with_what_was_expected(
    amount: str, reason: SuspenseReason
) -> None:
    outcome = match_payment("000000000197", Money.of(amount, "EUR"), [a_subscription()])
    assert outcome == Suspense(reason, a_subscription(), THIRTY)


@pytest.mark.parametrize("reference", ["", "thank you", "000000000294"])
def test_a_reference_that_nobody_gave_out_waits(reference: str) -> None:
    assert match_payment(reference, THIRTY, [a_subscription()]) == Suspense(SuspenseReason.UNKNOWN_REFERENCE)


def test_a_second_payment_of_the_same_subscription_waits() -> None:
    paid = replace(a_subscription(), paid_on=date(2026, 6, 5))
    outcome = match_payment("000000000197", THIRTY, [paid])
    assert isinstance(outcome, Suspense)
    assert outcome.reason is SuspenseReason.ALREADY_PAID


def test_the_payment_of_a_cancelled_subscription_waits() -> None:
    cancelled = replace(a_subscription(), cancelled_on=date(2026, 6, 5))
    outcome = match_payment("000000000197", THIRTY, [cancelled])
    assert isinstance(outcome, Suspense)
    assert outcome.reason is SuspenseReason.CANCELLED


def test_a_payment_in_another_currency_waits() -> None:
    outcome = match_payment("000000000197", Money.of("30.00", "SEK"), [a_subscription()])
    assert isinstance(outcome, Suspense)
    assert outcome.reason is SuspenseReason.OTHER_CURRENCY


def test_a_late_payment_still_pays() -> None:
    assert a_subscription().pay_by == date(2026, 6, 15)
    assert isinstance(match_payment("000000000197", THIRTY, [a_subscription()]), Matched)


def a_subscription() -> ShareSubscription:
    return ShareSubscription(
        id=UUID(int=3),
        member_id=UUID(int=7),
        entity_id=UUID(int=2),
        category="A",
        quantity=1,
        share_value=THIRTY,
        reference="000000000197",
        subscribed_on=date(2026, 6, 5),
        pay_by=date(2026, 6, 15),
    )
