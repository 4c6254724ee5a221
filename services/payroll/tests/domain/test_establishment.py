"""In which region an employer is established."""

from __future__ import annotations

from datetime import date

import pytest

from commons.country import country_codes, load_country
from payroll.domain.errors import EstablishmentRegionUnknown
from payroll.domain.establishment import Establishment, check_region, establishment, regions
from payroll.domain.law import PayrollLaw

LAW = PayrollLaw(load_country("be"))
DAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("post_code", "region"),
    [
        ("1000", "brussels"),
        ("1060", "brussels"),
        ("1299", "brussels"),
        ("1300", "wallonia"),
        ("1500", "flanders"),
        ("2000", "flanders"),
        ("3999", "flanders"),
        ("4000", "wallonia"),
        ("7999", "wallonia"),
        ("9000", "flanders"),
    ],
)
def test_without_a_word_of_the_officer_the_address_tells(post_code: str, region: str) -> None:
    found = establishment(None, post_code, LAW, DAY, must_be_confirmed=False)
    assert found == Establishment(region, is_region_assumed=True)


@pytest.mark.parametrize("post_code", ["", "999", "10000", "L-1000", "12AB3"])
def test_an_address_that_tells_nothing_leaves_the_region_unknown(post_code: str) -> None:
    assert establishment(None, post_code, LAW, DAY, must_be_confirmed=False) == Establishment()


def test_what_the_officer_says_stands_before_the_address() -> None:
    assert establishment("flanders", "1060", LAW, DAY, must_be_confirmed=True) == Establishment("flanders")


def test_in_production_an_address_tells_nothing_before_somebody_confirms_what_it_means() -> None:
    assert establishment(None, "1060", LAW, DAY, must_be_confirmed=True) == Establishment()


def test_a_region_that_the_law_does_not_know_is_refused_with_those_it_knows() -> None:
    check_region("brussels", LAW, DAY)
    with pytest.raises(EstablishmentRegionUnknown) as refused:
        check_region("bavaria", LAW, DAY)
    assert refused.value.facts == {"known": ["brussels", "flanders", "wallonia"]}


@pytest.mark.parametrize("code", [code for code in country_codes() if code != "be"])
def test_where_the_law_asks_for_no_region_there_is_none(code: str) -> None:
    country = load_country(code)
    if "payroll" in country.sections:
        law = PayrollLaw(country)
        assert regions(law, DAY) == ()
        assert establishment(None, "1060", law, DAY, must_be_confirmed=False) == Establishment()
