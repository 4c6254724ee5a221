"""What is checked of legal entities and clients before they are written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from commons import identifiers
from commons.dated import ValueNotInForce
from commons.refusal import Refusal
from invoicing.domain.errors import (
    BuyerCountryNotServed,
    DayOfRealEntity,
    FirstDayMissing,
    LanguageNotServed,
    MalformedEmail,
    SimulationNotAllowed,
    VatNumberOfAnotherEnterprise,
    VatNumberOfOtherCountry,
)
from invoicing.domain.rules import InvoicingRules

_EMAIL: Final = re.compile(r"[^@\s<>,;\"()]{1,64}@[^@\s<>,;\"()]{1,180}\.[^@\s.<>,;\"()]{2,63}")
_VAT_PREFIX: Final = {"GR": "EL"}  # every other country of the area begins its VAT numbers with its own code


@dataclass(frozen=True, slots=True)
class EntityNumbers:
    """The numbers of a legal entity, in their compact form."""

    enterprise_number: str
    vat_number: str
    iban: str


def check_numbers(
    *, enterprise_number: str, vat_number: str, iban: str, country: str, numbering: str
) -> EntityNumbers:
    """The numbers of an entity of a country (upper case), by their check digits and by each other.

    `numbering` names how the country numbers its enterprises. Raises MalformedEnterpriseNumber,
    UnknownNumbering, MalformedVatNumber, VatNumberOfOtherCountry, VatNumberOfAnotherEnterprise,
    MalformedIban.
    """
    enterprise = _at("enterpriseNumber", identifiers.enterprise_number, enterprise_number, numbering)
    vat = check_vat_number(vat_number, country)
    if identifiers.enterprise_of_vat_number(vat, numbering) != enterprise:
        raise VatNumberOfAnotherEnterprise(at=("vatNumber",))
    return EntityNumbers(
        enterprise_number=enterprise, vat_number=vat, iban=_at("iban", identifiers.iban, iban)
    )


def check_simulation(*, is_simulated: bool, day: date | None, is_allowed: bool) -> None:
    """A simulated entity only where that is allowed, and on a first day; a real one is given none.

    Raises SimulationNotAllowed, FirstDayMissing, DayOfRealEntity.
    """
    if is_simulated and not is_allowed:
        raise SimulationNotAllowed(at=("simulated",))
    if is_simulated and day is None:
        raise FirstDayMissing(at=("day",))
    if not is_simulated and day is not None:
        raise DayOfRealEntity(at=("day",))


def check_law(rules: InvoicingRules, day: date) -> None:
    """An entity begins on a day on which the law it invoices by is known. Raises ValueNotInForce."""
    try:
        rules.check_in_force(day)
    except ValueNotInForce as refusal:
        raise refusal.at("day") from None


def check_vat_number(text: str, country: str) -> str:
    """A VAT number of an address's country (upper case), compact; nothing for a private client.

    Raises MalformedVatNumber, VatNumberOfOtherCountry.
    """
    if not text.strip():
        return ""
    number = _at("vatNumber", identifiers.vat_number, text)
    if number[:2] != _VAT_PREFIX.get(country, country):
        raise VatNumberOfOtherCountry(at=("vatNumber",), country=country, of=number[:2])
    return number


def check_country(country: str, area: Collection[str]) -> str:
    """The country of a client, in upper case. Raises BuyerCountryNotServed."""
    code = country.upper()
    if code not in area:
        raise BuyerCountryNotServed(at=("country",), country=code)
    return code


def check_email(text: str) -> str:
    """An e-mail address as it is written to. Raises MalformedEmail."""
    address = text.strip()
    if not _EMAIL.fullmatch(address):
        raise MalformedEmail(at=("email",))
    return address


def check_language(language: str, served: Collection[str]) -> str:
    """A language we write in. Raises LanguageNotServed."""
    if language not in served:
        raise LanguageNotServed(at=("language",), language=language[:8], served=sorted(served))
    return language


def registration_number(vat_number: str, home_country: str, numbering: str) -> str:
    """The enterprise number of a client at home, which its VAT number repeats; nothing for others."""
    if vat_number[:2] != home_country:
        return ""
    return identifiers.enterprise_of_vat_number(vat_number, numbering)


def _at(field: str, check: Callable[..., str], *arguments: str) -> str:
    try:
        return check(*arguments)
    except Refusal as refusal:
        raise refusal.at(field) from None
