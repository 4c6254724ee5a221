"""Nobody works before birth, nor under the age from which the law of the country allows work."""

from __future__ import annotations

from datetime import date

import pytest

from commons.country import load_country
from commons.money import Money
from payroll.domain.age import check_age
from payroll.domain.contract import ContractKind, Terms
from payroll.domain.errors import ContractBeforeBirth, WorkerTooYoung
from payroll.domain.law import PayrollLaw

FIRST_DAY = date(2027, 3, 1)


def law(code: str) -> PayrollLaw:
    return PayrollLaw(load_country(code))


def terms(code: str) -> Terms:
    wage = Money.of("3000.00", load_country(code).currency)
    return Terms(ContractKind.MONTH, "employee", FIRST_DAY, date(2027, 3, 31), wage)


@pytest.mark.parametrize(("code", "age"), [("be", 15), ("hu", 16), ("se", 16)])
def test_one_may_work_from_the_birthday_that_the_law_names(code: str, age: int) -> None:
    birthday = FIRST_DAY.replace(year=FIRST_DAY.year - age)
    check_age(terms(code), birthday, law(code))
    with pytest.raises(WorkerTooYoung) as refused:
        check_age(terms(code), birthday.replace(day=2), law(code))
    assert refused.value.facts["age_min"] == age
    assert refused.value.facts["source"]
    assert birthday.replace(day=2) not in refused.value.facts.values()


def test_whoever_is_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    check_age(terms("be"), date(2012, 2, 29), law("be"))


@pytest.mark.parametrize("code", ["be", "fr"])
def test_nobody_works_before_birth_and_a_number_that_tells_none_stops_nobody(code: str) -> None:
    check_age(terms(code), None, law(code))
    with pytest.raises(ContractBeforeBirth):
        check_age(terms(code), date(2027, 3, 2), law(code))


def test_a_country_whose_data_names_no_age_refuses_nobody_for_being_young() -> None:
    check_age(terms("fr"), date(2020, 1, 1), law("fr"))
