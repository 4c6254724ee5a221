"""The rules of the fund in a country on a day, read from its data into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Final

from commons.country import CountryDataWrong, Section
from commons.money import Money

ROUNDING: Final = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


@dataclass(frozen=True, slots=True)
class CoverRule:
    """One condition of cover: the name of its strategy, what the strategy needs, where it stands."""

    name: str
    required: bool
    fields: Mapping[str, object]
    source: str
    invented: bool


@dataclass(frozen=True, slots=True)
class GuaranteeRules:
    """What holds for the fund on one day."""

    cover: tuple[CoverRule, ...]
    reserve_ratio_minimum: Decimal
    share_of_contribution: Decimal
    contribution_rounding: str
    working_capital: Money
    recovery_opened_after_days: int
    write_off_proposed_after_days: int

    @property
    def fund_floor(self) -> Money:
        """The lowest balance of the fund: what working capital lets it owe."""
        return -self.working_capital

    def recovery_opens_on(self, advanced_on: date) -> date:
        """The day on which recovery of an advance is opened if the client has not paid."""
        return advanced_on + timedelta(days=self.recovery_opened_after_days)

    def write_off_proposed_on(self, advanced_on: date) -> date:
        """The day on which the loss of an advance is proposed to those who decide it."""
        return advanced_on + timedelta(days=self.write_off_proposed_after_days)

    def contribution_to_fund(self, levied: Money) -> Money:
        """The fund's part of a contribution that was levied."""
        return levied.times(self.share_of_contribution, self.contribution_rounding)


def guarantee_rules(section: Section, day: date) -> GuaranteeRules:
    """The rules in force on a day, from `guarantee.yaml`; the order of the cover rules is that of the file.

    Raises ValueNotInForce where a rule had not begun, CountryDataWrong where the file gives another kind of
    value than this service needs.
    """
    contribution = section["fund_contribution"].on(day)
    recovery = section["recovery"].on(day)
    rounding = text_of(contribution, "rounding")
    if rounding not in ROUNDING:
        raise CountryDataWrong(f"guarantee: rounding must be one of {', '.join(ROUNDING)}")
    return GuaranteeRules(
        cover=tuple(
            CoverRule(
                name,
                yes_or_no_of(rule.on(day), "required"),
                rule.on(day),
                rule.source_on(day),
                rule.read_on(day) == "invented",
            )
            for name, rule in section.under("cover").items()
        ),
        reserve_ratio_minimum=rate_of(section["cover.reserve_ratio"].on(day), "minimum"),
        share_of_contribution=rate_of(contribution, "share_of_contribution"),
        contribution_rounding=ROUNDING[rounding],
        working_capital=money_of(section["working_capital"].on(day)),
        recovery_opened_after_days=_whole(recovery, "opened_after_days"),
        write_off_proposed_after_days=_whole(recovery, "write_off_proposed_after_days"),
    )


def money_of(fields: Mapping[str, object]) -> Money:
    """The `amount` and `currency` of an entry. Raises CountryDataWrong."""
    return Money.of(text_of(fields, "amount"), text_of(fields, "currency"))


def rate_of(fields: Mapping[str, object], name: str) -> Decimal:
    """A rate between 0 and 1 written as text. Raises CountryDataWrong."""
    rate = Decimal(text_of(fields, name))
    if not 0 <= rate <= 1:
        raise CountryDataWrong(f"guarantee: {name} must lie between 0 and 1")
    return rate


def texts_of(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A list of texts. Raises CountryDataWrong."""
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CountryDataWrong(f"guarantee: {name} must be a list of texts")
    return tuple(value)


def text_of(fields: Mapping[str, object], name: str) -> str:
    """A text. Raises CountryDataWrong."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise CountryDataWrong(f"guarantee: {name} must be a text")
    return value


def yes_or_no_of(fields: Mapping[str, object], name: str) -> bool:
    """True or false. Raises CountryDataWrong."""
    value = fields.get(name)
    if not isinstance(value, bool):
        raise CountryDataWrong(f"guarantee: {name} must be true or false")
    return value


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise CountryDataWrong(f"guarantee: {name} must be a whole number, not below zero")
    return value
