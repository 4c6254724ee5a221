from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from commons.country import load_country
from commons.dated import ValueNotInForce
from invoicing.domain.errors import BuyerCountryNotServed, NatureUnknown
from invoicing.domain.party import Party
from invoicing.domain.rules import InvoicingRules, invoicing_rules
from invoicing.domain.samples import a_buyer, a_german_buyer
from invoicing.domain.vat import VatTreatment, treatment

DAY = date(2026, 7, 31)


@pytest.fixture(scope="module")
def rules() -> InvoicingRules:
    return invoicing_rules(load_country("be", need=("country", "invoicing")))


def vat_of(
    rules: InvoicingRules, nature: str, buyer: Party, language: str = "fr", day: date = DAY
) -> VatTreatment:
    return treatment(rules.vat, nature=nature, buyer=buyer, tax_point_date=day, language=language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Autoliquidation"),
        ("nl", "Btw verlegd"),
        ("de", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("en", "Reverse charge"),
        ("pl", "Autoliquidation"),
    ],
)
def test_a_reverse_charge_is_said_in_the_language_of_the_invoice(
    rules: InvoicingRules, language: str, words: str
) -> None:
    vat = vat_of(rules, "service", a_german_buyer(), language)
    assert (vat.category_code, vat.rate, vat.exemption_reason) == ("AE", Decimal(0), words)


def test_a_domestic_taxable_buyer_pays_vat(rules: InvoicingRules) -> None:
    assert vat_of(rules, "service", a_buyer()).rate == Decimal("0.21")


def test_a_buyer_outside_the_area_is_referred_to_an_adviser(rules: InvoicingRules) -> None:
    swiss = replace(a_buyer(), address=replace(a_buyer().address, country="CH"))
    with pytest.raises(BuyerCountryNotServed):
        vat_of(rules, "service", swiss)


def test_an_unknown_nature_is_refused(rules: InvoicingRules) -> None:
    with pytest.raises(NatureUnknown):
        vat_of(rules, "cakes", a_buyer())


def test_no_rate_is_guessed_for_a_day_before_the_data(rules: InvoicingRules) -> None:
    with pytest.raises(ValueNotInForce):
        vat_of(rules, "service", a_buyer(), day=date(2000, 1, 1))


def test_a_party_is_found_at_home_by_its_number_and_abroad_by_its_vat_number(rules: InvoicingRules) -> None:
    schemes = rules.endpoint_schemes.on(DAY)
    home = schemes.endpoint("BE", "BE0202239951", "0202239951")
    abroad = schemes.endpoint("DE", "DE136695976", "HRB 12345")
    assert home is not None
    assert abroad is not None
    assert (home.scheme, home.value) == ("0208", "0202239951")
    assert (abroad.scheme, abroad.value) == ("9930", "DE136695976")
    assert schemes.endpoint("BE", "", "") is None
