"""Which VAT a line carries: by the nature of the service, the place of the buyer and the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from commons.dated import Dated
from invoicing.domain.errors import BuyerCountryNotServed, NatureUnknown
from invoicing.domain.party import Party

STANDARD: Final = "S"  # UNCL 5305: standard and reduced rates alike
EXEMPT: Final = "E"
REVERSE_CHARGE: Final = "AE"
REVERSE_CHARGE_CODE: Final = "VATEX-EU-AE"  # BT-121
ZERO: Final = Decimal(0)

Texts = Mapping[str, str]  # the same sentence by language code


@dataclass(frozen=True, slots=True)
class VatTreatment:
    """How one line is taxed: `rate` is a fraction (0.21), the reason is text in the invoice's language."""

    nature: str
    category_code: str  # BT-151
    rate: Decimal  # BT-152, as a fraction
    exemption_reason: str = ""  # BT-120
    exemption_reason_code: str = ""  # BT-121


@dataclass(frozen=True, slots=True)
class NatureRule:
    """What the law says about a nature of service: the name of a rate, or the reason it is exempt."""

    rate_name: str
    exemption_reason: Texts


@dataclass(frozen=True, slots=True)
class VatRules:
    """The VAT of a country, by the day."""

    country: str
    rates: Mapping[str, Dated[Decimal]]
    natures: Mapping[str, Dated[NatureRule]]
    names: Mapping[str, Texts]
    area: Dated[frozenset[str]]  # the countries in which a taxable buyer accounts for the VAT
    reverse_charge: Dated[Texts]

    def rate(self, name: str, day: date) -> Decimal:
        """A rate by its name, as a fraction. Raises ValueNotInForce."""
        return self.rates[name].on(day)


def treatment(
    rules: VatRules, *, nature: str, buyer: Party, tax_point_date: date, language: str
) -> VatTreatment:
    """The VAT of a service of this nature to this buyer.

    A taxable buyer in another country of the area accounts for the VAT itself (Directive 2006/112/EC, art. 44
    and 196); any other buyer of the area pays the seller's VAT (art. 45). Raises NatureUnknown,
    BuyerCountryNotServed for a buyer outside the area, ValueNotInForce.
    """
    if nature not in rules.natures:
        raise NatureUnknown(nature=nature[:40], known=sorted(rules.natures))
    area = rules.area.on(tax_point_date)
    if buyer.address.country not in area:
        raise BuyerCountryNotServed(country=buyer.address.country)
    if buyer.is_taxable and buyer.address.country != rules.country:
        reason = text_in(rules.reverse_charge.on(tax_point_date), language)
        return VatTreatment(nature, REVERSE_CHARGE, ZERO, reason, REVERSE_CHARGE_CODE)
    rule = rules.natures[nature].on(tax_point_date)
    if rule.rate_name:
        return VatTreatment(nature, STANDARD, rules.rate(rule.rate_name, tax_point_date))
    return VatTreatment(nature, EXEMPT, ZERO, text_in(rule.exemption_reason, language))


def text_in(texts: Texts, language: str) -> str:
    """The sentence in a language, or in the first language the country wrote it in."""
    return texts.get(language) or next(iter(texts.values()), "")
