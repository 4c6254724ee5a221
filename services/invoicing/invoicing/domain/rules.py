"""A country's invoicing file as typed rules: VAT, contribution, numbering, terms, endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from commons.country import Country, Parameter
from commons.dated import Dated, Span
from commons.money import Money
from invoicing.domain.contribution import (
    Base,
    Bracket,
    ContributionRule,
    MarginalTiers,
    Percentage,
    Shape,
    WholeAmountBrackets,
    checked_brackets,
)
from invoicing.domain.default import DunningStep
from invoicing.domain.errors import ContributionRuleUnknown
from invoicing.domain.numbering import SeriesFormat
from invoicing.domain.party import Identifier
from invoicing.domain.payment_term import PaymentTermLimits
from invoicing.domain.vat import NatureRule, Texts, VatRules

T = TypeVar("T")
Fields = Mapping[str, object]  # one dated entry of the file, without its days


@dataclass(frozen=True, slots=True)
class EndpointSchemes:
    """Electronic address schemes (EAS): by registration number at home, by VAT number elsewhere.

    `home` is empty where no scheme of ISO 6523 numbers the country's enterprises: at home too it is the VAT
    number then.
    """

    home_country: str
    home: str
    by_vat_country: Mapping[str, str]

    def endpoint(self, country: str, vat_identifier: str, registration: str) -> Identifier | None:
        """Where a party receives e-invoices (BT-34, BT-49); None where its country has no scheme here."""
        if country == self.home_country and registration and self.home:
            return Identifier(registration, self.home)
        scheme = self.by_vat_country.get(country)
        return Identifier(vat_identifier, scheme) if scheme and vat_identifier else None


@dataclass(frozen=True, slots=True)
class InvoicingRules:
    """Everything invoicing asks of a country's law, by the day."""

    vat: VatRules
    contributions: Mapping[str, Dated[ContributionRule]]
    series: Mapping[str, Dated[SeriesFormat]]
    payment_term: Dated[PaymentTermLimits]
    communication_digits: Mapping[str, int]
    endpoint_schemes: Dated[EndpointSchemes]
    e_invoice_format: Dated[str]
    retention_years: Dated[int]
    late_payment: Dated[Texts]
    dunning: Dated[tuple[DunningStep, ...]]
    enterprise_numbering: str

    def check_in_force(self, day: date) -> None:
        """The rules that every invoice needs have a value on a day. Raises ValueNotInForce."""
        needed: Sequence[Dated[Any]] = (
            self.payment_term,
            self.endpoint_schemes,
            self.e_invoice_format,
            self.retention_years,
            self.late_payment,
            self.dunning,
        )
        for rule in needed:
            rule.on(day)

    def contribution(self, name: str, day: date) -> ContributionRule:
        """A contribution rule in force on a day. Raises ContributionRuleUnknown, ValueNotInForce."""
        if name not in self.contributions:
            raise ContributionRuleUnknown(rule=name[:40])
        return self.contributions[name].on(day)


def invoicing_rules(country: Country) -> InvoicingRules:
    """The typed rules of a country.

    Raises CountryNotReady where the file is missing; KeyError or ValueError where it breaks its form.
    """
    section = country.section("invoicing")

    def below(path: str) -> Mapping[str, Parameter]:
        return section.under(path)

    natures = below("vat.natures")
    return InvoicingRules(
        vat=VatRules(
            country=country.upper,
            rates=_all(below("vat.rates"), lambda name, fields: Decimal(_text(fields, "rate"))),
            natures=_all(natures, _nature),
            names={name: _names(section.tree, ("vat", "natures", name)) for name in natures},
            area=_dated(section["vat.area"], lambda fields: frozenset(_texts(fields, "countries"))),
            reverse_charge=_dated(section["vat.reverse_charge"], lambda fields: _sentences(fields, "text")),
        ),
        contributions=_all(
            below("contribution"), lambda name, fields: contribution_rule(name, fields, country.currency)
        ),
        series=_all(below("series"), _series),
        payment_term=_dated(
            section["payment_term"],
            lambda fields: PaymentTermLimits(_int(fields, "standard_days"), _int(fields, "days_max")),
        ),
        communication_digits=_int_mapping(section.tree["communication_digits"]),
        endpoint_schemes=_dated(
            section["endpoint_schemes"],
            lambda fields: EndpointSchemes(
                country.upper,
                _text(fields, "home") if "home" in fields else "",
                _sentences(fields, "by_vat_country"),
            ),
        ),
        e_invoice_format=_dated(section["e_invoice_format"], lambda fields: _text(fields, "format")),
        retention_years=_dated(section["retention"], lambda fields: _int(fields, "years")),
        late_payment=_dated(section["late_payment"], lambda fields: _sentences(fields, "text")),
        enterprise_numbering=country.enterprise_number,
        dunning=_dated(section["dunning"], _ladder),
    )


def contribution_rule(name: str, fields: Fields, currency: str) -> ContributionRule:
    """A contribution rule from its fields in the file. Raises ValueError, ContributionRateOutOfRange."""

    def money(field: str) -> Money | None:
        return Money.of(_text(fields, field), currency) if field in fields else None

    return ContributionRule(
        name=name,
        base=Base(_text(fields, "base")),
        shape=_shape(fields, currency),
        fixed=money("fixed"),
        floor=money("floor"),
        cap=money("cap"),
    )


def _shape(fields: Fields, currency: str) -> Shape:
    shape = _text(fields, "shape")
    if shape == "percentage":
        return Percentage(Decimal(_text(fields, "rate")))
    entries = fields["brackets"]
    if not isinstance(entries, list):
        raise ValueError("brackets are a list")
    brackets = checked_brackets(
        [
            Bracket(
                Money.of(str(entry["up_to"]), currency) if "up_to" in entry else None,
                Decimal(str(entry["rate"])),
            )
            for entry in entries
        ]
    )
    if shape == "marginal_tiers":
        return MarginalTiers(brackets)
    if shape == "whole_amount_brackets":
        return WholeAmountBrackets(brackets)
    raise ValueError(f"{shape} is not a shape of a contribution")


def _nature(name: str, fields: Fields) -> NatureRule:
    if "rate" in fields:
        return NatureRule(_text(fields, "rate"), MappingProxyType({}))
    return NatureRule("", _sentences(fields, "exempt"))


def _ladder(fields: Fields) -> tuple[DunningStep, ...]:
    days = fields["after_days"]
    if not isinstance(days, list) or any(type(day) is not int for day in days) or days != sorted(set(days)):
        raise ValueError("after_days is a list of whole numbers that grow")
    return tuple(DunningStep(level, day) for level, day in enumerate(days, start=1))


def _series(name: str, fields: Fields) -> SeriesFormat:
    if _text(fields, "starts_anew") not in ("yearly", "never"):
        raise ValueError(f"a series starts anew yearly or never: {name}")
    return SeriesFormat(
        name, _text(fields, "prefix"), fields["starts_anew"] == "yearly", _int(fields, "digits")
    )


def _names(tree: Fields, path: tuple[str, ...]) -> Texts:
    node: object = tree
    for part in path:
        assert isinstance(node, Mapping), "the parameter was found on this path"
        node = node[part]
    assert isinstance(node, Mapping), "a parameter is a mapping"
    return _sentences(node, "local_names")


def _all(parameters: Mapping[str, Parameter], read: Callable[[str, Fields], T]) -> Mapping[str, Dated[T]]:
    return MappingProxyType({name: _dated(one, partial(read, name)) for name, one in parameters.items()})


def _dated(parameter: Parameter, read: Callable[[Fields], T]) -> Dated[T]:
    return Dated(
        parameter.path,
        tuple(Span(span.since, read(span.value), span.until) for span in parameter.values.spans),
    )


def _text(fields: Fields, name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is a text: write it in quotes")
    return value


def _int(fields: Fields, name: str) -> int:
    value = fields[name]
    if type(value) is not int:
        raise ValueError(f"{name} is a whole number")
    return value


def _texts(fields: Fields, name: str) -> list[str]:
    value = fields[name]
    if not isinstance(value, list):
        raise ValueError(f"{name} is a list")
    return [str(one) for one in value]


def _sentences(fields: Fields, name: str) -> Mapping[str, str]:
    value = fields[name]
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a mapping")
    return MappingProxyType({str(key): str(text) for key, text in value.items()})


def _int_mapping(value: object) -> Mapping[str, int]:
    if not isinstance(value, Mapping) or any(type(digit) is not int for digit in value.values()):
        raise ValueError("communication_digits maps a kind of debt to one digit")
    return MappingProxyType({str(kind): int(digit) for kind, digit in value.items()})
