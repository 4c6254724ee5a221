"""A country's cell runs when its folder is whole: every service can then read the law it needs."""

from __future__ import annotations

from datetime import date

import pytest

from commons.country import SECTIONS, countries_folder, country_codes, load_country
from commons.identifiers import REFERENCE_FORMS, enterprise_number, national_number
from commons.refusal import Refusal
from governance.domain.rule_set import find_rule_set
from guarantee.domain.cover import STRATEGIES
from guarantee.domain.rules import guarantee_rules
from invoicing.domain.rules import invoicing_rules
from members.domain.rules import membership_rules

WHOLE = [
    code
    for code in country_codes()
    if all((countries_folder() / code / f"{section}.yaml").is_file() for section in SECTIONS)
]
DAY = date(2026, 7, 1)


def test_the_countries_that_are_whole_are_these() -> None:
    assert WHOLE == ["be", "fr", "hu"]


@pytest.mark.parametrize("code", WHOLE)
def test_every_service_reads_the_law_of_a_whole_country_in_its_own_currency(code: str) -> None:
    country = load_country(code, need=SECTIONS)
    invoicing = invoicing_rules(country)
    invoicing.check_in_force(DAY)
    assert membership_rules(country.section("membership"), DAY).share_value.currency == country.currency
    fund = guarantee_rules(country.section("guarantee"), DAY)
    assert fund.working_capital.currency == country.currency
    assert {rule.name for rule in fund.cover} <= STRATEGIES.keys()
    caps = [rule.fields["currency"] for rule in fund.cover if "currency" in rule.fields]
    assert set(caps) == {country.currency}


@pytest.mark.parametrize("code", WHOLE)
def test_a_whole_country_names_how_its_numbers_are_checked(code: str) -> None:
    country = load_country(code)
    assert country.payment_reference in REFERENCE_FORMS
    for check, numbering in (
        (enterprise_number, country.enterprise_number),
        (national_number, country.national_number),
    ):
        with pytest.raises(Refusal) as refused:
            check("not a number", numbering)
        assert type(refused.value).__name__.startswith("Malformed")


@pytest.mark.parametrize(
    ("code", "legal_form"), [("be", "SC agréée"), ("fr", "SCIC"), ("fr", "SCOP"), ("hu", "szövetkezet")]
)
def test_an_ordinary_meeting_of_a_whole_country_has_rules_for_what_it_decides(
    code: str, legal_form: str
) -> None:
    section = load_country(code).section("governance")
    rules = find_rule_set(section, legal_form=legal_form, meeting_kind="ordinary", day=DAY)
    assert {"ordinary", "statutes", "election"} <= rules.resolutions.keys()
    assert rules.votes_per_member.value == 1
