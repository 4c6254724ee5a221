"""The membership rules of a country on a day, read from its data into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from commons.country import CountryDataWrong, Section
from commons.money import Money


@dataclass(frozen=True, slots=True)
class MembershipRules:
    """What holds for members of one country on one day.

    `refusal_reasons` maps the code of each reason to its motive; `blocked_when_unpaid` names what a member
    may not do in a year that is not paid.
    """

    share_value: Money
    share_quantity_minimum: int
    share_quantity_maximum: int
    payment_delay_days: int
    entitlement_rule: str
    blocked_when_unpaid: frozenset[str]
    categories: tuple[str, ...]
    minimum_age_years: int
    refusal_reasons: Mapping[str, str]
    redemption_delay_years: int
    votes: int
    voting_paid_shares: int
    voting_days_on_register: int
    voting_needs_paid_year: bool


def membership_rules(section: Section, day: date) -> MembershipRules:
    """The rules in force on a day, from `membership.yaml`.

    Raises ValueNotInForce where a rule had not begun, CountryDataWrong where the file gives another kind of
    value than this service needs.
    """
    value = section["share_value"].on(day)
    eligibility = section["voting_eligibility"].on(day)
    return MembershipRules(
        share_value=Money.of(_text(value, "amount"), _text(value, "currency")),
        share_quantity_minimum=_whole(section["share_quantity_minimum"].on(day), "shares"),
        share_quantity_maximum=_whole(section["share_quantity_maximum"].on(day), "shares"),
        payment_delay_days=_whole(section["payment_delay"].on(day), "days"),
        entitlement_rule=_text(section["entitlement"].on(day), "rule"),
        blocked_when_unpaid=frozenset(_texts(section["unpaid_year"].on(day), "blocks")),
        categories=_texts(section["member_categories"].on(day), "codes"),
        minimum_age_years=_whole(section["minimum_age"].on(day), "years"),
        refusal_reasons={
            code: _text(reason.on(day), "motive") for code, reason in section.under("refusal_reasons").items()
        },
        redemption_delay_years=_whole(section["redemption_delay"].on(day), "years"),
        votes=_whole(section["voting_right"].on(day), "votes"),
        voting_paid_shares=_whole(eligibility, "paid_shares"),
        voting_days_on_register=_whole(eligibility, "days_on_register"),
        voting_needs_paid_year=_yes_or_no(eligibility, "needs_paid_year"),
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise CountryDataWrong(f"membership: {name} must be a text")
    return value


def _texts(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CountryDataWrong(f"membership: {name} must be a list of texts")
    return tuple(value)


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise CountryDataWrong(f"membership: {name} must be a whole number, not below zero")
    return value


def _yes_or_no(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise CountryDataWrong(f"membership: {name} must be true or false")
    return value
