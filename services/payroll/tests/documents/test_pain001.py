"""The payment file that goes to the bank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from commons.country import load_country
from commons.identifiers import MalformedIban
from commons.money import CurrencyMismatch, Money
from commons.refusal import Refusal
from payroll.documents.pain001 import (
    DOMESTIC,
    INSTANT,
    NAMESPACE,
    ORDINARY,
    PAYMENTS_MAX,
    Debtor,
    WagePayment,
    transfer_scheme,
    write_payment_file,
)
from payroll.documents.sepa_text import is_reference, latin_text, sepa_text
from payroll.domain.errors import (
    PaymentFileEmpty,
    PaymentFileTooLarge,
    PaymentNotPositive,
    PaymentReferenceTwice,
    PaymentTextEmpty,
)
from payroll.domain.law import PayrollLaw

SCHEMA = etree.XMLSchema(
    etree.fromstring(files("sepaxml").joinpath("schemas/pain.001.001.09.xsd").read_bytes())
)
DEBTOR = Debtor("Coopérative d'essai", "BE68 5390 0754 7034", "GKCCBEBB")
WAGE = WagePayment(
    end_to_end_id="PS-2026-000123",
    creditor_name="Zoë Müller & Søn",
    creditor_iban="BE71096123456769",
    amount=Money.of("2125.37", "EUR"),
    remittance="Rémunération 07/2026",
)


def a_file(**changes: object) -> bytes:
    parts: dict[str, object] = {
        "message_id": "RUN-2026-08-08-1",
        "created_at": datetime(2026, 8, 8, 6, 30, tzinfo=UTC),
        "execution_date": date(2026, 8, 8),
        "debtor": DEBTOR,
        "payments": [WAGE],
        "scheme": ORDINARY,
    } | changes
    write: Callable[..., bytes] = write_payment_file
    return write(**parts)


def texts(document: bytes, name: str) -> list[str | None]:
    return [element.text for element in etree.fromstring(document).iter(f"{{{NAMESPACE}}}{name}")]


@pytest.mark.parametrize("scheme", [ORDINARY, INSTANT])
@pytest.mark.parametrize("debtor", [DEBTOR, replace(DEBTOR, bic=None)])
def test_the_file_is_valid_against_the_schema(scheme: str, debtor: Debtor) -> None:
    document = a_file(
        scheme=scheme, debtor=debtor, payments=[WAGE, replace(WAGE, end_to_end_id="PS-2026-000124")]
    )
    SCHEMA.assertValid(etree.fromstring(document))
    assert texts(document, "NbOfTxs") == ["2", "2"]
    assert texts(document, "CtrlSum") == ["4250.74", "4250.74"]


def test_the_reference_of_the_payslip_travels_with_the_payment() -> None:
    document = a_file()
    assert texts(document, "EndToEndId") == ["PS-2026-000123"]
    assert texts(document, "InstdAmt") == ["2125.37"]
    assert texts(document, "IBAN") == ["BE68539007547034", "BE71096123456769"]
    assert texts(document, "Nm")[-1] == "Zoe Muller + Son"
    assert texts(document, "Ustrd") == ["Remuneration 07/2026"]


def test_an_instant_file_says_so_and_an_ordinary_one_does_not() -> None:
    assert texts(a_file(scheme=INSTANT), "LclInstrm") != []
    assert texts(a_file(scheme=ORDINARY), "LclInstrm") == []


def test_a_day_on_which_banks_rest_asks_for_instant_transfers() -> None:
    belgium = load_country("be")
    law = PayrollLaw(belgium)
    assert transfer_scheme(law, belgium, date(2026, 8, 8)) == INSTANT
    assert transfer_scheme(law, belgium, date(2026, 8, 10)) == ORDINARY
    assert transfer_scheme(law, belgium, date(2026, 12, 26)) == INSTANT
    assert transfer_scheme(law, belgium, date(2025, 1, 4)) == ORDINARY


def test_the_same_payments_give_the_same_bytes() -> None:
    assert a_file() == a_file()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"payments": []}, PaymentFileEmpty),
        ({"payments": [WAGE] * (PAYMENTS_MAX + 1)}, PaymentFileTooLarge),
        ({"payments": [WAGE, WAGE]}, PaymentReferenceTwice),
        ({"payments": [replace(WAGE, amount=Money.zero("EUR"))]}, PaymentNotPositive),
        ({"payments": [replace(WAGE, amount=Money.of("-1.00", "EUR"))]}, PaymentNotPositive),
        ({"payments": [replace(WAGE, end_to_end_id="")]}, PaymentTextEmpty),
        ({"payments": [replace(WAGE, end_to_end_id="x" * 36)]}, PaymentTextEmpty),
        ({"payments": [replace(WAGE, end_to_end_id="/slash")]}, PaymentTextEmpty),
        ({"payments": [replace(WAGE, creditor_name="*** ***")]}, PaymentTextEmpty),
        ({"payments": [replace(WAGE, creditor_iban="BE71096123456768")]}, MalformedIban),
        (
            {"payments": [WAGE, replace(WAGE, end_to_end_id="b", amount=Money.of("1.00", "SEK"))]},
            CurrencyMismatch,
        ),
    ],
)
def test_what_a_bank_would_reject_is_refused_before(
    changes: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        a_file(**changes)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Straße 5; 1000 Brüssel", "Strasse 5 1000 Brussel"),
        ("Œuvre d’art – №1", "OEuvre d'art - No1"),
        ("  a\n\tb  ", "a b"),
        ("Ærø_Þór", "AEro-THor"),
    ],
)
def test_letters_keep_their_base_and_lose_their_accents(text: str, plain: str) -> None:
    assert sepa_text(text, 70) == plain


@given(st.text(max_size=200), st.integers(1, 140))
def test_whatever_is_written_fits_what_banks_accept(text: str, length_max: int) -> None:
    try:
        plain = sepa_text(text, length_max)
    except PaymentTextEmpty:
        return
    assert 1 <= len(plain) <= length_max
    SCHEMA.assertValid(etree.fromstring(a_file(payments=[replace(WAGE, remittance=plain)])))


def test_a_reference_has_no_slash_at_an_end_and_none_doubled() -> None:
    assert is_reference("PS/2026/1")
    assert not any(is_reference(text) for text in ("", "/a", "a/", "a//b", " a", "é", "a" * 36))


def test_a_wage_in_forints_travels_by_no_scheme_of_the_euro_area_and_keeps_its_letters() -> None:
    wage = replace(
        WAGE,
        creditor_name="Gőgös Űrhajós Ágnes",
        creditor_iban="HU42117730161111101800000000",
        amount=Money.of("266000", "HUF"),
        remittance="Szövetkezet 2026-07",
    )
    document = etree.fromstring(a_file(payments=[wage], scheme=DOMESTIC, decimals=0))
    SCHEMA.assertValid(document)
    names = {"p": NAMESPACE}
    assert document.findall(".//p:SvcLvl", names) == []
    assert document.findtext(".//p:ChrgBr", namespaces=names) == "SHAR"
    [amount] = document.findall(".//p:InstdAmt", names)
    assert (amount.text, amount.get("Ccy")) == ("266000", "HUF")
    assert document.findtext(".//p:CtrlSum", namespaces=names) == "266000"
    assert document.findtext(".//p:Cdtr/p:Nm", namespaces=names) == "Gőgös Űrhajós Ágnes"


def test_a_wage_in_kronor_is_a_domestic_transfer_with_its_ore() -> None:
    wage = replace(WAGE, creditor_iban="SE4550000000058398257466", amount=Money.of("21234.50", "SEK"))
    document = etree.fromstring(
        a_file(payments=[wage], scheme=DOMESTIC, decimals=load_country("se").decimals_shown)
    )
    SCHEMA.assertValid(document)
    [amount] = document.iter(f"{{{NAMESPACE}}}InstdAmt")
    assert (amount.text, amount.get("Ccy")) == ("21234.50", "SEK")
    assert list(document.iter(f"{{{NAMESPACE}}}SvcLvl")) == []


@pytest.mark.parametrize("code", ["hu", "se"])
def test_the_scheme_of_a_transfer_is_that_of_the_country(code: str) -> None:
    country = load_country(code)
    for day in (date(2026, 8, 7), date(2026, 8, 8)):
        assert transfer_scheme(PayrollLaw(country), country, day) == DOMESTIC


@given(st.text(max_size=90))
def test_what_a_sepa_transfer_can_carry_a_domestic_one_can_carry_too(text: str) -> None:
    try:
        sepa_text(text, 70)
    except PaymentTextEmpty:
        return
    assert 0 < len(latin_text(text, 70)) <= 70
