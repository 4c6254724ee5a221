"""What the payroll file of a country promises to its engine."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from tests.a_wage import a_wage

from commons.country import CountryDataWrong, load_country
from commons.dated import ValueNotInForce
from payroll.domain.belgium.situation import BelgianSituation, Spouse, Status
from payroll.domain.belgium.withholding import children_reduction
from payroll.domain.engines import engine_of
from payroll.domain.errors import EngineUnknown, FamilySituationUnknown
from payroll.domain.integers import column
from payroll.domain.law import PayrollLaw, fingerprint

BELGIUM = load_country("be")
LAW = PayrollLaw(BELGIUM)


def test_a_value_may_be_less_certain_than_the_rest_of_its_series() -> None:
    january = LAW.rule("work_bonus.employee", date(2026, 1, 15)).source
    april = LAW.rule("work_bonus.employee", date(2026, 4, 15)).source
    assert january.is_invented
    assert january.needs_confirmation
    assert not april.needs_confirmation


def test_an_officers_dated_confirmation_makes_a_figure_usable() -> None:
    source = LAW.rule("employer.insurance", date(2026, 9, 1)).source
    assert source.needs_confirmation
    assert not replace(
        source, confirmed_by="payroll officer", confirmed_on=date(2026, 6, 1)
    ).needs_confirmation


def test_a_family_whose_rules_are_not_known_on_a_day_is_refused() -> None:
    with pytest.raises(FamilySituationUnknown):
        children_reduction(column(2), LAW.rule("withholding.children", date(2024, 6, 1)))
    with pytest.raises(ValueNotInForce):
        engine_of(BELGIUM).payslip(
            a_wage(300_000, date(2024, 6, 30), BelgianSituation(spouse=Spouse.WITHOUT_INCOME))
        )


def test_each_child_beyond_the_list_counts_the_same() -> None:
    rule = LAW.rule("withholding.children", date(2026, 6, 1))
    assert children_reduction(column(0, 1, 8, 10), rule).tolist() == [0, 62_400, 2_199_600, 2_972_400]


def test_what_was_read_once_is_read_again_and_the_past_stays_what_it_was() -> None:
    june, september = (LAW.rule("work_bonus.employee", date(2026, month, 15)) for month in (6, 9))
    assert LAW.rule("work_bonus.employee", date(2026, 5, 1)) is june
    assert june.amount("a_max") == june.amount("a_max") == 12_504
    assert (june.amount("a_max"), june.rate("a_slope")) != (
        september.amount("a_max"),
        september.rate("a_slope"),
    )


def test_the_fingerprint_is_the_hash_of_all_figures_in_one_order() -> None:
    rules = [LAW.rule(path, date(2026, 6, 15)) for path in ("withholding.scale", "onss.worker")]
    figures = {
        rule.source.parameter: {"since": rule.source.since.isoformat(), "fields": dict(rule.fields)}
        for rule in rules
    }
    text = json.dumps({"engine": "be-1", "figures": figures}, sort_keys=True, ensure_ascii=False, default=str)
    assert fingerprint(rules, "be-1") == hashlib.sha256(text.encode()).hexdigest()
    assert fingerprint(reversed(rules), "be-1") == fingerprint(rules, "be-1")
    assert fingerprint(rules[:1], "be-1") != fingerprint(rules, "be-1")


def test_every_line_and_remark_has_words_in_every_language() -> None:
    for code in LAW.line_codes():
        assert set(LAW.line_words(code)) == set(BELGIUM.languages), code
    assert set(LAW.remark_words("employer.index_cents")) == set(BELGIUM.languages)


def test_every_status_of_a_wage_has_a_base_a_price_and_a_joint_committee() -> None:
    wages = set(Status) - {Status.AMATEUR_ARTS}
    for path in ("onss.base", "contract.price", "contract.joint_committee"):
        rule = LAW.rule(path, date(2026, 9, 1))
        assert {str(status) for status in wages} <= set(rule.fields), path


def test_a_field_of_the_wrong_form_is_a_fault_of_the_file() -> None:
    rule = LAW.rule("withholding.costs", date(2026, 9, 1))
    broken = replace(rule, fields=MappingProxyType({"rate": 30, "max": None}))
    for read in (broken.rate, broken.amount, broken.brackets, broken.rows, broken.texts, broken.amounts):
        with pytest.raises(CountryDataWrong):
            read("rate")
    with pytest.raises(CountryDataWrong):
        rule.count("max")


def test_a_country_that_names_an_unknown_engine_is_refused() -> None:
    payroll = replace(
        BELGIUM.section("payroll"),
        tree=MappingProxyType({**BELGIUM.section("payroll").tree, "engine": "abacus"}),
    )
    with pytest.raises(EngineUnknown):
        engine_of(replace(BELGIUM, sections=MappingProxyType({**BELGIUM.sections, "payroll": payroll})))


def test_the_figures_that_no_source_gives_are_named() -> None:
    invented = {p.path for p in BELGIUM.section("payroll").parameters.values() if p.is_invented}
    assert invented == {
        "contract.cut_short",
        "contract.joint_committee",
        "contract.limits",
        "contract.price",
        "employer.holiday_fund",
        "employer.index_cents",
        "employer.insurance",
        "employer.special",
        "employer.unemployment",
        "hire_reminder",
        "minimum_wage.joint_committee_304",
        "return_filing",
        "special_contribution.household.low_income",
        "special_contribution.household.pension",
        "withholding.annualization",
    }
