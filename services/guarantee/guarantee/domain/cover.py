"""Whether the fund stands for an order: each rule of the country gives a reason, they give the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Final
from uuid import UUID

from commons.country import CountryDataWrong
from commons.money import Money
from guarantee.domain.rules import CoverRule, GuaranteeRules, money_of, rate_of, texts_of

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of an order when it is confirmed. `member_entitled_until` is None for a non-member."""

    order_id: UUID
    price: Money
    contribution: Money
    confirmed_by: str
    confirmed_on: date
    buyer_country: str
    buyer_credit_status: str
    member_entitled_until: date | None


@dataclass(frozen=True, slots=True)
class FundFacts:
    """The fund then: its reserve, and the cover still standing: in all, for the buyer, the member.

    `reserve` is None before the entity opens its fund: working capital alone stands for what is promised.
    """

    reserve: Money | None
    exposure: Money
    buyer_exposure: Money
    member_exposure: Money


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule found: the facts it looked at, where the rule stands, whether it is our invention."""

    rule: str
    passed: bool
    required: bool
    facts: Facts
    source: str
    invented: bool

    def to_record(self) -> dict[str, object]:
        """The form that is stored and announced."""
        return {
            "rule": self.rule,
            "passed": self.passed,
            "required": self.required,
            "facts": dict(self.facts),
            "source": self.source,
            "invented": self.invented,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an order is covered and why. `cover` is what the fund stands for: nothing when not covered."""

    order_id: UUID
    cover: Money
    reasons: tuple[Reason, ...]
    decided_on: date

    @property
    def is_covered(self) -> bool:
        """Whether every required rule passed."""
        return all(reason.passed for reason in self.reasons if reason.required)

    @property
    def failed(self) -> tuple[Reason, ...]:
        """The reasons against, required or not."""
        return tuple(reason for reason in self.reasons if not reason.passed)


def decide_cover(order: OrderFacts, fund: FundFacts, rules: GuaranteeRules, *, today: date) -> Verdict:
    """The verdict on an order by the rules in force on the day of its confirmation.

    All rules are evaluated, so that a member reads every reason at once. Raises CountryDataWrong where the
    country names a strategy that does not exist.
    """
    reasons = tuple(_reason(rule, order, fund) for rule in rules.cover)
    covered = all(reason.passed for reason in reasons if reason.required)
    cover = order.price - order.contribution if covered else Money.zero(order.price.currency)
    return Verdict(order.order_id, cover, reasons, today)


def reserve_ratio(reserve: Money, exposure: Money) -> Decimal | None:
    """Reserve over exposure to four decimals, cut downward; None while the fund stands for nothing."""
    if exposure.minor <= 0:
        return None
    return (Decimal(reserve.minor) / Decimal(exposure.minor)).quantize(Decimal("0.0001"), ROUND_FLOOR)


def _reason(rule: CoverRule, order: OrderFacts, fund: FundFacts) -> Reason:
    if rule.name not in STRATEGIES:
        raise CountryDataWrong(f"guarantee: there is no cover rule {rule.name}")
    passed, facts = STRATEGIES[rule.name](order, fund, rule.fields)
    return Reason(rule.name, passed, rule.required, facts, rule.source, rule.invented)


def _formal_confirmation_by_buyer(
    order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]
) -> tuple[bool, Facts]:
    accepted = texts_of(fields, "confirmed_by")
    return order.confirmed_by in accepted, {
        "confirmed_by": order.confirmed_by,
        "confirmed_on": order.confirmed_on.isoformat(),
    }


def _buyer_seat_in_eu(order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]) -> tuple[bool, Facts]:
    return order.buyer_country in texts_of(fields, "countries"), {"buyer_country": order.buyer_country}


def _buyer_credit_status(
    order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]
) -> tuple[bool, Facts]:
    accepted = texts_of(fields, "accepted")
    return order.buyer_credit_status in accepted, {
        "buyer_credit_status": order.buyer_credit_status,
        "accepted": ", ".join(accepted),
    }


def _member_in_good_standing(
    order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]
) -> tuple[bool, Facts]:
    until = order.member_entitled_until
    return until is not None and order.confirmed_on <= until, {
        "entitled_until": until.isoformat() if until else "never",
        "confirmed_on": order.confirmed_on.isoformat(),
    }


def _amount_cap(order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]) -> tuple[bool, Facts]:
    cap = money_of(fields)
    return order.price <= cap, {"price": str(order.price), "cap": str(cap)}


def _buyer_exposure_cap(
    order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]
) -> tuple[bool, Facts]:
    return _exposure_cap(order, fund.buyer_exposure, fields)


def _member_exposure_cap(
    order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]
) -> tuple[bool, Facts]:
    return _exposure_cap(order, fund.member_exposure, fields)


def _exposure_cap(order: OrderFacts, exposure: Money, fields: Mapping[str, object]) -> tuple[bool, Facts]:
    cap, with_this = money_of(fields), exposure + order.price - order.contribution
    return with_this <= cap, {"exposure_with_this_order": str(with_this), "cap": str(cap)}


def _reserve_ratio(order: OrderFacts, fund: FundFacts, fields: Mapping[str, object]) -> tuple[bool, Facts]:
    minimum = rate_of(fields, "minimum")
    exposure = fund.exposure + order.price - order.contribution
    if fund.reserve is None:
        return True, {"reserve": "no fund yet", "exposure_with_this_order": str(exposure)}
    # Compared as reserve >= minimum x exposure in whole units: a quotient would have to be rounded.
    passed = Decimal(fund.reserve.minor) >= minimum * exposure.minor
    ratio = reserve_ratio(fund.reserve, exposure)
    return passed, {
        "reserve": str(fund.reserve),
        "exposure_with_this_order": str(exposure),
        "ratio": "none" if ratio is None else str(ratio),
        "minimum": str(minimum),
    }


# What a country's data may name; a country that asks for something else adds a line here.
STRATEGIES: Final[dict[str, Callable[[OrderFacts, FundFacts, Mapping[str, object]], tuple[bool, Facts]]]] = {
    "formal_confirmation_by_buyer": _formal_confirmation_by_buyer,
    "buyer_seat_in_eu": _buyer_seat_in_eu,
    "buyer_credit_status": _buyer_credit_status,
    "member_in_good_standing": _member_in_good_standing,
    "amount_cap": _amount_cap,
    "buyer_exposure_cap": _buyer_exposure_cap,
    "member_exposure_cap": _member_exposure_cap,
    "reserve_ratio": _reserve_ratio,
}
