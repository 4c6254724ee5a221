"""The payslip on paper, in the member's language."""

from __future__ import annotations

from datetime import date

import pytest
from tests.a_wage import a_wage

from commons.country import load_country
from commons.money import Money
from payroll.documents.payslip_pdf import (
    PayslipHeader,
    render_payslip,
    render_payslip_pages,
    show_amount,
    show_money,
)
from payroll.documents.payslip_words import SEPARATORS, WORDS
from payroll.domain.belgium.situation import BelgianSituation, Status
from payroll.domain.engines import engine_of

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
    assert set(SEPARATORS) == set(WORDS)
