"""The mutualized contribution: rules as data, from a price to a budget and from a cost to a price."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from commons.money import Money
from invoicing.domain.errors import (
    AmountNegative,
    ContributionRateOutOfRange,
    PriceCannotBeDerived,
)


class Base(StrEnum):
    """What the contribution is taken from, always without VAT."""

    TURNOVER = "turnover"
    GROSS_MARGIN = "gross_margin"  # turnover less production costs
    FUNDING = "funding"  # subsidies and patronage


@dataclass(frozen=True, slots=True)
class Bracket:
    """A rate for amounts up to and including `up_to`; None in the last one."""

    up_to: Money | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Percentage:
    """One rate on the whole amount."""

    rate: Decimal

    def of(self, amount: Money) -> Money:
        """The contribution on an amount, rounded half away from zero."""
        return amount.times(self.rate)


@dataclass(frozen=True, slots=True)
class MarginalTiers:
    """Each slice of the amount at the rate of its tier."""

    tiers: tuple[Bracket, ...]

    def of(self, amount: Money) -> Money:
        """The contribution on an amount; every slice is rounded half away from zero."""
        due = lower = Money.zero(amount.currency)
        for tier in self.tiers:
            upper = amount if tier.up_to is None else min(amount, tier.up_to)
            if upper <= lower:
                break
            due = due + (upper - lower).times(tier.rate)
            lower = upper
        return due


@dataclass(frozen=True, slots=True)
class WholeAmountBrackets:
    """The whole amount at the rate of the bracket it falls into."""

    brackets: tuple[Bracket, ...]

    def of(self, amount: Money) -> Money:
        """The contribution on an amount, rounded half away from zero."""
        for bracket in self.brackets:
            if bracket.up_to is None or amount <= bracket.up_to:
                return amount.times(bracket.rate)
        raise AssertionError("the last bracket has no upper end")


Shape = Percentage | MarginalTiers | WholeAmountBrackets


@dataclass(frozen=True, slots=True)
class ContributionRule:
    """A fixed part plus a share of the base, never below `floor`, never above `cap`.

    Raises ContributionRateOutOfRange where a rate is not within 0 and 1.
    """

    name: str
    base: Base
    shape: Shape
    fixed: Money | None = None
    floor: Money | None = None
    cap: Money | None = None

    def __post_init__(self) -> None:
        for rate in _rates(self.shape):
            if not 0 <= rate < 1:
                raise ContributionRateOutOfRange(rule=self.name, rate=rate)

    def contribution(self, amount: Money) -> Money:
        """The contribution due on an amount of its base. Raises AmountNegative."""
        if amount.is_negative:
            raise AmountNegative(amount=amount)
        due = self.shape.of(amount)
        if self.fixed is not None:
            due = due + self.fixed
        if self.floor is not None:
            due = max(due, self.floor)
        if self.cap is not None:
            due = min(due, self.cap)
        return due


@dataclass(frozen=True, slots=True)
class Split:
    """A price without VAT and its two parts: what is mutualized and what the activity may spend."""

    price: Money
    contribution: Money
    budget: Money


def gross_margin(turnover: Money, production_costs: Money) -> Money:
    """The base of margin rules; never below zero."""
    return max(turnover - production_costs, Money.zero(turnover.currency))


def split(rule: ContributionRule, price: Money) -> Split:
    """Parts a price into contribution and budget: the parts always add up to it. Raises AmountNegative."""
    contribution = min(rule.contribution(price), price)
    return Split(price, contribution, price - contribution)


def price_for(rule: ContributionRule, cost: Money) -> Split:
    """The price that leaves exactly this cost in the budget: `cost / (1 - rate)`, not `cost * (1 + rate)`.

    Raises PriceCannotBeDerived where the rule is more than a plain percentage, AmountNegative.
    """
    if cost.is_negative:
        raise AmountNegative(amount=cost)
    plain = rule.fixed is None and rule.floor is None and rule.cap is None
    if not isinstance(rule.shape, Percentage) or not plain:
        raise PriceCannotBeDerived(rule=rule.name)
    return split(rule, cost.divided_by(1 - rule.shape.rate))


def internal_transfer(cost: Money) -> Split:
    """What another activity pays: the cost, without contribution; it was taken when the money came in."""
    return Split(cost, Money.zero(cost.currency), cost)


def checked_brackets(brackets: Sequence[Bracket]) -> tuple[Bracket, ...]:
    """Brackets in rising order, the last one open. Raises ValueError where the data is otherwise."""
    if not brackets or brackets[-1].up_to is not None:
        raise ValueError("the last bracket must be open")
    for lower, upper in itertools.pairwise(brackets):
        if lower.up_to is None or (upper.up_to is not None and upper.up_to <= lower.up_to):
            raise ValueError("brackets must rise")
    return tuple(brackets)


def _rates(shape: Shape) -> list[Decimal]:
    match shape:
        case Percentage(rate):
            return [rate]
        case MarginalTiers(brackets) | WholeAmountBrackets(brackets):
            return [bracket.rate for bracket in brackets]
