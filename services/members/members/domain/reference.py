"""The reference that a payment of shares carries, so that it is found among all payments of an account."""

from __future__ import annotations

from typing import Final

from commons.identifiers import digits_of_payment_reference, payment_reference

# Every service of a cell has a range of its own: the first of the ten digits tells whose payment it is.
RANGE_START: Final = 1_000_000_000
RANGE_DIGIT: Final = "1"


def reference(strategy: str, number: int) -> str:
    """The reference of the n-th subscription (1 to 999,999,999) by the country's strategy."""
    assert 0 < number < RANGE_START, "the counter stays inside its range"
    return payment_reference(strategy, RANGE_START + number)


def is_ours(reference: str) -> bool:
    """Whether a compact reference was given out for shares."""
    return digits_of_payment_reference(reference).startswith(RANGE_DIGIT)
