"""Whole-number arithmetic for columns of cents: one payslip is a column of length one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Cents = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Number = Cents | int

RATE_UNIT: Final = 1_000_000  # a rate is an integer of millionths: 13.07 % is 130_700
CENTS_MAX: Final = 10**9  # a payment of ten millions; times RATE_UNIT it stays far inside 64 bits
ANNUAL_CENTS_MAX: Final = 10**12  # what such a payment may be counted as in a year, for the same reason


class Rounding(StrEnum):
    """How a step of the law rounds, as a payslip says it: the direction, and to what."""

    HALF_UP_CENT = "half_up_cent"
    HALF_DOWN_CENT = "half_down_cent"
    DOWN_CENT = "down_cent"
    UP_CENT = "up_cent"
    HALF_UP_UNIT = "half_up_unit"
    DOWN_UNIT = "down_unit"
    UP_UNIT = "up_unit"
    NONE = "none"


class Spread(StrEnum):
    """How an amount is spread over parts so that they add up to it.

    `running_total_down_cent`: each part ends where the running total of the weights does, that end rounded
    down to the cent. No part is more than a cent off its share.
    """

    RUNNING_TOTAL_DOWN_CENT = "running_total_down_cent"


def spread(amount: int, weights: Sequence[int], how: Spread) -> list[int]:
    """An amount of cents over weights, none of which is negative; over nothing it is nothing."""
    assert how is Spread.RUNNING_TOTAL_DOWN_CENT, "there is no other way"
    whole = max(1, sum(weights))
    ends = [0]
    reached = 0
    for weight in weights:
        reached += weight
        ends.append(amount * reached // whole)
    return [end - start for start, end in pairwise(ends)]


def column(*values: int) -> Cents:
    """A column of whole numbers."""
    return np.array(values, dtype=np.int64)


def millionths(rate: Decimal) -> int:
    """A rate as an integer of millionths. Raises ValueError where it has more than six decimals."""
    scaled = rate * RATE_UNIT
    if scaled != scaled.to_integral_value():
        raise ValueError(f"the rate {rate} has more than six decimals")
    return int(scaled)


def rate_of(value: int) -> Decimal:
    """The rate that an integer of millionths stands for, as a payslip prints it."""
    return Decimal(value) / RATE_UNIT


def div(amount: Number, by: Number) -> Cents:
    """The quotient rounded to the unit, a tie going up; `by` is positive.

    Belgian key formula no 3 and the instructions of the ONSS: 0.005 and above goes to the next cent.
    """
    return (2 * np.asanyarray(amount, dtype=np.int64) + by) // (2 * by)


def div_down(amount: Number, by: Number) -> Cents:
    """The quotient without its fraction, towards the smaller number; `by` is positive."""
    return np.asanyarray(amount, dtype=np.int64) // by


def div_up(amount: Number, by: Number) -> Cents:
    """The quotient, any fraction going up; `by` is positive."""
    return -(-np.asanyarray(amount, dtype=np.int64) // by)


def to_multiple(amount: Number, step: int) -> Cents:
    """The nearest multiple of a step, a tie going up: to whole kronor or forints with a step of 100."""
    return div(amount, step) * step


def down_to_multiple(amount: Number, step: int) -> Cents:
    """The multiple of a step at or below the amount."""
    return div_down(amount, step) * step


def up_to_multiple(amount: Number, step: int) -> Cents:
    """The multiple of a step at or above the amount."""
    return div_up(amount, step) * step


def mul_rate(amount: Number, rate: Number) -> Cents:
    """The amount times a rate in millionths, rounded to the cent, a tie going up."""
    # As `div` by a unit that is even: half of it is whole.
    return (np.asanyarray(amount, dtype=np.int64) * rate + RATE_UNIT // 2) // RATE_UNIT


def at_least(floor: Number, amount: Cents) -> Cents:
    """The amount, or the floor where the amount is below it."""
    return np.maximum(amount, floor)


def at_most(ceiling: Number, amount: Cents) -> Cents:
    """The amount, or the ceiling where the amount is above it."""
    return np.minimum(amount, ceiling)


def within(floor: Number, amount: Cents, ceiling: Number) -> Cents:
    """The amount, or the bound that it is beyond."""
    return np.minimum(np.maximum(amount, floor), ceiling)


def where(condition: Flags, then: Number, otherwise: Number) -> Cents:
    """One or the other, row by row."""
    return np.where(condition, then, otherwise)


def bracket_of(amount: Cents, overs: Sequence[int] | Cents) -> Cents:
    """The index of the bracket an amount falls in: bracket i holds what is over `overs[i]`.

    An amount equal to a limit still belongs to the bracket below it.
    """
    found = np.searchsorted(np.asarray(overs, dtype=np.int64), amount, side="left")
    return np.maximum(found - 1, 0)


def pick(values: Sequence[int] | Cents, index: Cents) -> Cents:
    """The value at each index."""
    # The index, which is never negative, takes part as a value: what is picked was made of it.
    return np.where(index >= 0, np.asarray(values, dtype=np.int64)[index], 0)
