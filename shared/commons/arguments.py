"""Say in a capability's signature what its arguments may be: ids of a type, bounded texts, numbers, lists."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from commons.refusal import Refusal

TEXT_LENGTH_MAX: Final = 500  # longer texts say so in their signature
ITEMS_MAX: Final = 100  # longer lists say so in their signature
FIRST_MAX: Final = 100  # rows a page: gateway.md 5.5

# Control characters, line and paragraph separators, characters that turn the reading direction around (they
# make an account number read as another one), and halves of a surrogate pair, which no UTF-8 can carry.
_NEVER = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_NOT_IN_A_LINE = re.compile(f"[{_NEVER}\t\n\r]")
_NOT_IN_LINES = re.compile(f"[{_NEVER}]")


class TextTooLong(Refusal):
    """The text is longer than this field allows."""


class TextTooShort(Refusal):
    """The text is shorter than this field needs."""


class TextNotPlain(Refusal):
    """The text contains control characters or characters that change the reading direction."""


class NumberOutOfRange(Refusal):
    """The number is outside what this field allows."""


class TooManyItems(Refusal):
    """The list is longer than this field allows."""


@dataclass(frozen=True, slots=True)
class Node:
    """`Annotated[UUID, Node("Member")]`: the key of a thing of this type; clients send its global id."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Text:
    """`Annotated[str, Text(max=80)]`: `min` to `max` characters; `lines=True` allows line breaks."""

    max: int = TEXT_LENGTH_MAX
    min: int = 0
    lines: bool = False

    def check(self, text: str) -> str:
        """The text in Unicode normal form C. Raises TextTooLong, TextTooShort, TextNotPlain."""
        if len(text) > self.max:
            raise TextTooLong(length=len(text), length_max=self.max)
        if (_NOT_IN_LINES if self.lines else _NOT_IN_A_LINE).search(text):
            raise TextNotPlain()
        normal = unicodedata.normalize("NFC", text)
        if len(normal) > self.max:  # a few characters grow when they are normalized
            raise TextTooLong(length=len(normal), length_max=self.max)
        if len(normal.strip()) < self.min:
            raise TextTooShort(length_min=self.min)
        return normal


@dataclass(frozen=True, slots=True)
class Between:
    """`Annotated[int, Between(1, 12)]`: a whole number from `low` to `high`, both included."""

    low: int
    high: int

    def check(self, number: int) -> int:
        """The number itself. Raises NumberOutOfRange."""
        if not self.low <= number <= self.high:
            raise NumberOutOfRange(given=number, low=self.low, high=self.high)
        return number


@dataclass(frozen=True, slots=True)
class Items:
    """`Annotated[list[Line], Items(max=500)]`: a list of at most so many items."""

    max: int = ITEMS_MAX

    def check(self, count: int) -> None:
        """Raises TooManyItems."""
        if count > self.max:
            raise TooManyItems(count=count, count_max=self.max)
