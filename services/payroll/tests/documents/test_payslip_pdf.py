"""The payslip on paper, in the member's language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from tests.a_wage import a_wage
from tests.documents.pdf_text import NOT_DEFINED, text_of

from commons.country import country_codes, load_country
from commons.money import Money
from payroll.documents.payslip_pdf import (
    PayslipHeader,
    render_payslip,
    render_payslip_pages,
    show_amount,
    show_money,
)
from payroll.documents.payslip_words import DAYS, SEPARATORS, WORDS
from payroll.domain.belgium.situation import BelgianSituation, Status
from payroll.domain.contract import regimes
from payroll.domain.engines import engine_of
from payroll.domain.law import PayrollLaw
from payroll.domain.wage import Wage

ENGINE = engine_of(load_country("be"))
HEADER = PayslipHeader(
    employer_name="Coopérative d'essai #1",
    employer_rows=("Rue de l'Essai 1", "1000 Bruxelles", "BE 0896.755.397"),
    worker_name="Zoë $Müller$ *Ødegård*",
    worker_rows=("Kerkstraat 2", "2000 Antwerpen"),
    reference="PS-2026-000123",
    first_day=date(2026, 7, 1),
    last_day=date(2026, 7, 31),
    due_date=date(2026, 8, 8),
    is_simulated=True,
)
PAYSLIP = ENGINE.payslip(
    a_wage(450_000, date(2026, 7, 31), BelgianSituation(children=2), expense_reimbursement=2_500)
)


@pytest.mark.parametrize("language", [*WORDS, "xx"])
def test_a_payslip_renders_in_every_language(language: str) -> None:
    assert render_payslip(PAYSLIP, HEADER, language).startswith(b"%PDF-")


def test_a_preview_is_an_image_of_each_page() -> None:
    [page] = render_payslip_pages(PAYSLIP, HEADER, "fr")
    assert page.startswith(b"\x89PNG")


def test_the_same_payslip_gives_the_same_document() -> None:
    assert render_payslip(PAYSLIP, HEADER, "nl") == render_payslip(PAYSLIP, HEADER, "nl")


def test_an_artists_payslip_renders() -> None:
    artist = BelgianSituation(has_flat_withholding=True)
    payslip = ENGINE.payslip(a_wage(45_000, date(2026, 7, 31), artist, regime=Status.ARTIST))
    assert render_payslip(payslip, HEADER, "nl").startswith(b"%PDF-")


def test_amounts_are_written_as_each_language_writes_them() -> None:
    amount = Money.of("-1234567.80", "EUR")
    assert [show_amount(amount, language) for language in ("fr", "nl", "de", "en")] == [
        "\u22121\u202f234\u202f567,80",
        "\u22121.234.567,80",
        "\u22121.234.567,80",
        "\u22121,234,567.80",
    ]
    assert show_money(Money.of("5.00", "EUR"), "en") == "5.00\u00a0EUR"


def test_every_language_has_the_same_words() -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}
    assert set(SEPARATORS) == set(DAYS) == set(WORDS)


# What the law or its practice calls the paper and what is paid out at its end.
NAMES = {
    ("at", "de"): ("Lohnabrechnung", "Auszahlungsbetrag", "Lohnsteuer"),
    ("be", "fr"): ("Fiche de paie", "Net à payer", "Précompte professionnel"),
    ("be", "nl"): ("Loonfiche", "Netto te betalen", "Bedrijfsvoorheffing"),
    ("be", "de"): ("Lohnzettel", "Auszahlungsbetrag", "Berufssteuervorabzug"),
    ("de", "de"): ("Entgeltabrechnung", "Auszahlungsbetrag", "Rentenversicherung"),
    ("es", "es"): ("Recibo de salarios", "Líquido total a percibir", "Contingencias comunes"),
    ("fr", "fr"): ("Bulletin de paie", "Net à payer avant impôt", "Impôt sur le revenu prélevé à la source"),
    ("hu", "hu"): ("Bérjegyzék", "Kifizetendő összeg", "Személyi jövedelemadó (SZJA)"),
    ("it", "it"): ("Prospetto di paga", "Netto da pagare", "Contributi INPS a carico del lavoratore"),
    ("nl", "nl"): ("Loonstrook", "Netto te betalen", "Loonheffing"),
    ("se", "sv"): ("Lönespecifikation", "Att utbetala", "Preliminär skatt"),
}
GROSSES = {"EUR": 300_000, "HUF": 60_000_000, "SEK": 4_200_000}
PAPERS = [
    (code, language)
    for code in country_codes()
    if "payroll" in load_country(code).sections
    for language in load_country(code).languages
]


@pytest.mark.parametrize(("code", "language"), PAPERS)
def test_each_countrys_payslip_names_every_line_as_its_law_does(code: str, language: str) -> None:
    country = load_country(code)
    engine, law = engine_of(country), PayrollLaw(country)
    known = regimes(law, date(2026, 7, 31))
    regime = "employee" if "employee" in known else known[-1]
    wage = Wage(GROSSES[country.currency], date(2026, 7, 31), regime, engine.situation_type())
    payslip = engine.payslip(wage)
    header = replace(HEADER, own_words=law.payslip_words(), decimals=country.decimals_shown)
    text = text_of(render_payslip(payslip, header, language))
    assert NOT_DEFINED not in text
    assert "{" not in text, "a source is a sentence, and never the form in which the file keeps it"
    words = [*NAMES.get((code, language), ()), *(line.label[language] for line in payslip.lines)]
    words += [remark.words[language] for remark in payslip.remarks]
    words += [show_money(payslip.net_payable, language, country.decimals_shown)]
    assert [word for word in words if re.sub(r"\s", "", word) not in text] == []


def test_forints_are_written_whole_and_hide_nothing() -> None:
    assert show_money(Money.of("332500.00", "HUF"), "hu", 0) == "332\u202f500\u00a0HUF"
    assert show_money(Money.of("-332500.50", "HUF"), "hu", 0) == "\u2212332\u202f500,50\u00a0HUF"
    assert show_money(Money.of("-0.50", "SEK"), "sv") == "\u22120,50\u00a0SEK"
