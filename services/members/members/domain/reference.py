"""The reference that a payment of shares carries, so that it is found among all payments of an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from commons.identifiers import structured_communication

# Every service of a cell has a range of its own: the first of the ten digits tells whose payment it is.
RANGE_START: Final = 1_000_000_000
RANGE_DIGIT: Final = "1"
DIGITS: Final = 12

# The country's data names how its banks write references; a country that writes otherwise adds a line here.
PAYMENT_REFERENCE: Final[dict[str, Callable[[int], str]]] = {
    "be_structured_communication": structured_communication,
}


def reference(strategy: str, number: int) -> str:
    """The reference of the n-th subscription (1 to 999,999,999) by the country's strategy."""
    assert 0 < number < RANGE_START, "the counter stays inside its range"
    return PAYMENT_REFERENCE[strategy](RANGE_START + number)


def is_ours(digits: str) -> bool:
    """Whether a reference was given out for shares."""
    return len(digits) == DIGITS and digits.startswith(RANGE_DIGIT)
