"""Runs the worked invoice cases of every country."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from commons.country import Country, countries_folder, country_codes, load_country
from commons.money import Money
from invoicing.domain import samples
from invoicing.domain.contribution import internal_transfer, price_for, split
from invoicing.domain.invoice import Invoice, issue, totals, vat_breakdown
from invoicing.domain.rules import InvoicingRules, invoicing_rules
from invoicing.domain.vat import treatment


def _countries() -> list[str]:
    return [code for code in country_codes() if (countries_folder() / code / "invoicing.yaml").is_file()]


def _cases(file: str) -> Iterator[Any]:
    for code in _countries():
        path = countries_folder() / code / "cases" / file
        if path.is_file():
            for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
                yield pytest.param(code, case, id=f"{code}: {case['name']}")


def _rules(code: str) -> tuple[Country, InvoicingRules]:
    country = load_country(code, need=("country", "invoicing"))
    return country, invoicing_rules(country)


def _draft(country: Country, rules: InvoicingRules, case: dict[str, Any]) -> Invoice:
    buyer = replace(
        samples.a_buyer(),
        vat_identifier=case["buyer"]["vat"],
        address=replace(samples.a_buyer().address, country=case["buyer"]["country"]),
    )
    language = case.get("language", "fr")
    lines = [
        replace(
            samples.a_line(line["quantity"], line["price"], id=str(index)),
            currency=country.currency,
            vat=treatment(
                rules.vat, nature=line["nature"], buyer=buyer, tax_point_date=case["day"], language=language
            ),
        )
        for index, line in enumerate(case["lines"], start=1)
    ]
    draft = samples.a_draft(lines, buyer=buyer, language=language)
    return replace(draft, currency=country.currency)


@pytest.mark.parametrize(("code", "case"), list(_cases("invoice-vat.yaml")))
def test_the_vat_of_a_worked_case_is_as_the_law_says(code: str, case: dict[str, Any]) -> None:
    country, rules = _rules(code)
    draft, expected = _draft(country, rules, case), case["expected"]
    subtotals = vat_breakdown(draft)
    assert [
        (one.category_code, one.rate, str(one.taxable_amount.amount), str(one.tax_amount.amount))
        for one in subtotals
    ] == [
        (one["category"], Decimal(one["rate"]), one["taxable"], one["tax"]) for one in expected["subtotals"]
    ]
    for subtotal, wanted in zip(subtotals, expected["subtotals"], strict=True):
        assert wanted.get("reason", "") in subtotal.exemption_reason
    sums = totals(draft)
    assert sums.total_with_vat == Money.of(expected["total_with_vat"], country.currency)
    assert issue(draft, number="1", today=case["day"]).payment_due_date
    if "cost" in case:
        rule = rules.contribution("mutualized", case["day"])
        assert price_for(rule, Money.of(case["cost"], country.currency)).price == sums.total_without_vat
        assert str(split(rule, sums.total_without_vat).contribution.amount) == expected["contribution"]


@pytest.mark.parametrize(("code", "case"), list(_cases("invoice-contribution.yaml")))
def test_the_contribution_of_a_worked_case_is_as_published(code: str, case: dict[str, Any]) -> None:
    country, rules = _rules(code)
    cost = Money.of(case["cost"], country.currency)
    if case.get("internal"):
        result = internal_transfer(cost)
    else:
        result = price_for(rules.contribution(case["rule"], case["day"]), cost)
    found = {name: str(getattr(result, name).amount) for name in ("price", "contribution", "budget")}
    assert found == case["expected"]


@pytest.mark.parametrize("code", _countries())
def test_every_name_in_the_file_leads_somewhere(code: str) -> None:
    country, rules = _rules(code)
    today = date(2026, 11, 23)
    for name, dated in rules.vat.natures.items():
        rule = dated.on(today)
        assert rule.rate_name in rules.vat.rates or rule.exemption_reason, name
        assert set(rules.vat.names[name]) >= set(country.languages), name
        if rule.exemption_reason:
            assert set(rule.exemption_reason) >= set(country.languages), name
    assert set(rules.vat.reverse_charge.on(today)) >= set(country.languages)
    assert set(rules.late_payment.on(today)) >= set(country.languages)
    assert set(rules.series) >= {"invoice", "credit_note", "order"}
    assert country.upper in rules.vat.area.on(today)
    digits = list(rules.communication_digits.values())
    assert len(set(digits)) == len(digits)
