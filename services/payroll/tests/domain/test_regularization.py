"""The end of a return's period: which countries close it, and that no payslip changes by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest
from tests.documents.a_return import DAY, a_return

from commons.country import CountryDataWrong, country_codes, load_country
from payroll.domain.belgium.quarter import SPECIAL_CONTRIBUTION
from payroll.domain.engines import engine_of
from payroll.domain.errors import ParametersNotConfirmed
from payroll.domain.law import PayrollLaw
from payroll.domain.periodic_return import Form, PaidWork, form_of
from payroll.domain.regularization import (
    REGULARIZATIONS,
    Bearer,
    Settling,
    bearer,
    regularize_period,
    settling,
)
from payroll.domain.sheet import Kind

CODES = [code for code in country_codes() if "payroll" in load_country(code).sections]
ENGINE = engine_of(load_country("be"))


def close(works: list[PaidWork], form: Form, *, must_be_confirmed: bool = False) -> list[PaidWork]:
    closed = regularize_period(works, form.period(DAY), form, ENGINE, must_be_confirmed=must_be_confirmed)
    return list(closed.works)


def test_every_country_names_a_regularization_that_there_is_or_none() -> None:
    named = {form_of(PayrollLaw(load_country(code)), DAY).regularization for code in CODES}
    assert named == {*REGULARIZATIONS, None}


def test_a_country_that_names_none_declares_what_its_payslips_say() -> None:
    assert not [work for work in a_return("nl").works if work.closing]


def test_whoever_closes_a_period_says_how_the_difference_is_settled_and_who_pays_what_is_not() -> None:
    for form in (form_of(PayrollLaw(load_country(code)), DAY) for code in CODES):
        if form.regularization is not None:
            assert (settling(form), bearer(form)) == (Settling.NEXT_WAGE, Bearer.EMPLOYER)


def test_the_difference_of_a_worker_is_what_the_works_declare_of_the_pay() -> None:
    declared = a_return("be")
    period = declared.form.period(DAY)
    closed = regularize_period(declared.works, period, declared.form, ENGINE, must_be_confirmed=False)
    assert len(closed.differences) == len(declared.wages.workers)
    for each in closed.differences:
        works = [work for work in closed.works if work.worker.worker_id == each.worker_id]
        figures = [figure for work in works for figure in work.closing if figure.kind is Kind.DEDUCTION]
        assert [line.code for line in each.lines] == [SPECIAL_CONTRIBUTION]
        assert sum(figure.amount.minor for figure in figures) == each.lines[0].amount.minor
        assert each.contract_id == works[-1].contract_id


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("difference_settled_by", settling),
        ("not_withheld_borne_by", bearer),
        ("spread", lambda form: close([], form)),
    ],
)
def test_a_way_of_settling_that_nobody_knows_is_a_fault_of_the_file(
    field: str, read: Callable[[Form], object]
) -> None:
    form = a_return("be", workers=1).form
    fields = MappingProxyType({**form.rule.fields, field: "no_such"})
    with pytest.raises(CountryDataWrong, match="no_such"):
        read(replace(form, rule=replace(form.rule, fields=fields)))


def test_the_payslips_stay_as_they_are_and_in_their_order() -> None:
    declared = a_return("be")
    turned = list(declared.works[::-1])
    closed = close(turned, declared.form)
    assert [work.payslip for work in closed] == [work.payslip for work in turned]
    assert closed == turned, "closing a period twice changes nothing"
    assert all(work.closing for work in closed)


def test_what_another_return_declares_is_not_closed() -> None:
    declared = a_return("be", workers=2, regimes=("white_collar", "amateur_arts"))
    assert [bool(work.closing) for work in declared.works] == [True, True, False, False]


def test_a_name_that_nobody_knows_is_a_fault_of_the_file() -> None:
    declared = a_return("be", workers=1)
    fields = MappingProxyType({**declared.form.rule.fields, "regularization": "no_such"})
    form = replace(declared.form, rule=replace(declared.form.rule, fields=fields))
    with pytest.raises(CountryDataWrong, match="no_such"):
        close(list(declared.works), form)


def test_in_production_a_reduction_that_no_source_gives_is_not_declared() -> None:
    declared = a_return("be", workers=1)
    period_end = declared.form.period(DAY).last
    assert ENGINE.law.rule("employer.structural_reduction", period_end).source.read == "secondary"
    close(list(declared.works), declared.form, must_be_confirmed=True)
    next_quarter = declared.form.period(period_end.replace(month=12))
    with pytest.raises(ParametersNotConfirmed) as refused:
        regularize_period(declared.works, next_quarter, declared.form, ENGINE, must_be_confirmed=True)
    assert refused.value.facts["parameters"] == ["employer.structural_reduction"]
