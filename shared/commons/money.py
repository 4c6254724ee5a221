"""Whole money: integer minor units with a currency, one way to round and one way to split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    Inexact,
    localcontext,
)
from typing import Final, Self

from commons.refusal import Refusal

HALF_UP: Final = ROUND_HALF_UP  # half away from zero: what tax and social law mean by "to the nearest cent"
HALF_EVEN: Final = ROUND_HALF_EVEN
DOWN: Final = ROUND_DOWN
FLOOR: Final = ROUND_FLOOR
CEILING: Final = ROUND_CEILING

# ISO 4217 exponents of the currencies of the nine countries; a further country adds a line here.
EXPONENT: Final[dict[str, int]] = {"EUR": 2, "HUF": 2, "SEK": 2}
MINOR_MAX: Final = 10**15  # ten thousand billion: above any sum here, safely inside a bigint

# What does not fit is refused and not rounded: the usual context would make 0.00 of the smallest numbers.
_EXACT: Final = Context(prec=60, traps=[Inexact])
_AMOUNT = re.compile(r"-?\d{1,16}(\.\d{1,8})?", re.ASCII)


class MalformedAmount(Refusal):
    """An amount is written with digits and a point, like 1250.00."""


class AmountTooPrecise(Refusal):
    """The amount has more decimals than its currency."""


class AmountOutOfRange(Refusal):
    """The amount is larger than anything this system can book."""


class UnknownCurrency(Refusal):
    """This currency is not used in any of our countries."""


class CurrencyMismatch(Refusal):
    """Amounts of different currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of money: `minor` units (cents, fillér, öre) of an ISO 4217 `currency`.

    Raises UnknownCurrency or AmountOutOfRange when made; CurrencyMismatch when two currencies meet.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENT:
            raise UnknownCurrency(currency=self.currency[:8])
        if abs(self.minor) > MINOR_MAX:
            raise AmountOutOfRange(currency=self.currency)

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> Self:
        """Money from major units as text or Decimal: `Money.of("12.50", "EUR")`.

        Raises MalformedAmount, AmountTooPrecise (never rounds), UnknownCurrency, AmountOutOfRange.
        """
        if currency not in EXPONENT:
            raise UnknownCurrency(currency=currency[:8])
        if isinstance(amount, str):
            if not _AMOUNT.fullmatch(amount):
                raise MalformedAmount(amount=amount[:40])
            amount = Decimal(amount)
        if not amount.is_finite():
            raise MalformedAmount(amount=str(amount))
        if amount.adjusted() > 18:
            raise AmountOutOfRange(currency=currency)
        try:
            scaled = amount.scaleb(EXPONENT[currency], _EXACT)
        except Inexact:
            scaled = None
        if scaled is None or scaled != scaled.to_integral_value():
            shown = str(amount)[:40]
            raise AmountTooPrecise(amount=shown, currency=currency, decimals=EXPONENT[currency])
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def from_event(cls, data: dict[str, str]) -> Self:
        """Money as events carry it: `{"minor": "93500", "currency": "EUR"}`."""
        return cls(int(data["minor"]), data["currency"])

    def to_event(self) -> dict[str, str]:
        """The form for events: the integer as text, so that no reader makes it a float."""
        return {"minor": str(self.minor), "currency": self.currency}

    @property
    def exponent(self) -> int:
        """How many decimals the currency has."""
        return EXPONENT[self.currency]

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with all decimals of the currency."""
        return Decimal(self.minor).scaleb(-self.exponent).quantize(Decimal(1).scaleb(-self.exponent))

    def written(self, decimals: int | None = None) -> str:
        """The amount as digits with as many decimals as asked, `1250.00`; all where nothing is asked.

        What does not fit into fewer decimals is written with all that its currency has: nothing is hidden.
        """
        if decimals is None or self.minor % 10 ** (self.exponent - decimals):
            decimals = self.exponent
        return f"{self.amount:.{decimals}f}"

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing."""
        return self.minor == 0

    @property
    def is_negative(self) -> bool:
        """Whether it is below nothing."""
        return self.minor < 0

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def times(self, rate: Decimal | int, rounding: str = HALF_UP) -> Money:
        """The amount times a rate, rounded once to the minor unit by a named rule."""
        return Money(int((self.minor * Decimal(rate)).to_integral_value(rounding)), self.currency)

    def divided_by(self, divisor: Decimal | int, rounding: str = HALF_UP) -> Money:
        """The amount divided by a number, rounded once to the minor unit by a named rule."""
        with localcontext(prec=60):  # far beyond any amount: the quotient is rounded once, below
            exact = Decimal(self.minor) / Decimal(divisor)
            return Money(int(exact.to_integral_value(rounding)), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Shares in proportion to whole weights that add up to the amount: no cent is lost.

        The left-over minor units go, one each, to the largest remainders, the first ones first.
        """
        total = sum(weights)
        assert weights, "a split needs at least one weight"
        assert total > 0, "a split needs a positive weight"
        assert min(weights) >= 0, "a split takes no negative weight"
        shares = [self.minor * weight // total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: -(self.minor * weights[i] % total))
        for index in by_remainder[: self.minor - sum(shares)]:
            shares[index] += 1
        return [Money(share, self.currency) for share in shares]

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(expected=self.currency, given=other.currency)
        return other


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts of one currency; nothing where there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
