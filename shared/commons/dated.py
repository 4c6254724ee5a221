"""The value in force on a day: the law changes, and the past stays what it was."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from commons.refusal import Refusal

T = TypeVar("T")


class ValueNotInForce(Refusal):
    """No value of this parameter is in force on that day."""


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """One value with the first day it holds and, where the law ends it, the last day it holds."""

    since: date
    value: T
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A named series of values, oldest first, without overlaps.

    A value holds until the next one begins, or until its own last day.
    """

    name: str
    spans: tuple[Span[T], ...]

    @classmethod
    def of(cls, name: str, spans: Sequence[Span[T]]) -> Dated[T]:
        """A checked series. Raises ValueError where it is empty, unordered or overlapping."""
        if not spans:
            raise ValueError(f"{name} has no values")
        for earlier, later in itertools.pairwise(spans):
            if later.since <= earlier.since:
                raise ValueError(f"{name}: the value since {later.since} must come after {earlier.since}")
            if earlier.until is not None and earlier.until >= later.since:
                raise ValueError(
                    f"{name}: the value until {earlier.until} overlaps the one since {later.since}"
                )
        for span in spans:
            if span.until is not None and span.until < span.since:
                raise ValueError(
                    f"{name}: a value cannot end on {span.until}, before it begins on {span.since}"
                )
        return cls(name, tuple(spans))

    def span_on(self, day: date) -> Span[T]:
        """The span in force on a day. Raises ValueNotInForce."""
        for span in reversed(self.spans):
            if span.since <= day:
                if span.until is not None and span.until < day:
                    break
                return span
        raise ValueNotInForce(parameter=self.name, day=day)

    def on(self, day: date) -> T:
        """The value in force on a day. Raises ValueNotInForce."""
        return self.span_on(day).value
