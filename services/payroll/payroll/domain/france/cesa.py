"""The entrepreneur of an activity cooperative (CESA): fixed part, advances, settlement of the year."""

from __future__ import annotations

from dataclasses import dataclass

from commons.money import Money


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a year of an activity leaves to its entrepreneur, as a labor cost still to be paid.

    Negative where the advances were more than the activity earned: it is carried to the next year, never
    taken back from wages that were paid.
    """

    earned: Money
    advanced: Money

    @property
    def due(self) -> Money:
        """What is still to be paid, nothing where advances were more."""
        left = self.earned - self.advanced
        return Money.zero(left.currency) if left.is_negative else left

    @property
    def carried(self) -> Money:
        """What is carried to the next year, as a negative amount."""
        left = self.earned - self.advanced
        return left if left.is_negative else Money.zero(left.currency)


def settle_year(*, turnover: Money, direct_costs: Money, contribution: Money, advanced: Money) -> Settlement:
    """Turnover less direct costs and the contribution to the cooperative, against fixed pay and advances.

    `advanced` is the labor cost of all that was paid in the year. Code du travail, art. L7332-3; the delay,
    one month after the general meeting at the latest, is in the country's file.
    """
    return Settlement(turnover - direct_costs - contribution, advanced)
