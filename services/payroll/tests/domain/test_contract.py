"""When a contract may be made, begun, ended and paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from commons.country import load_country
from commons.money import Money
from payroll.domain.belgium.situation import BelgianSituation, Spouse, Status
from payroll.domain.contract import (
    Contract,
    ContractKind,
    ContractState,
    Terms,
    accept_hire,
    check_terms,
    check_time,
    cut_short,
    end_contract,
    hold_budget,
    minimum_wage,
    pay_contract,
    refuse_contract,
    reminder_day,
    request_contract,
    require_payable,
    wage_due_date,
    wage_of,
    work_time,
)
from payroll.domain.errors import (
    BudgetNotHeld,
    ContractAlreadyEnded,
    ContractAlreadyRefused,
    ContractDatesReversed,
    ContractMonthIncomplete,
    ContractNotEnded,
    ContractQuantityMissing,
    ContractRefusal,
    ContractSpansMonths,
    GrossBelowMinimumWage,
    GrossNotPositive,
    HireNotDeclared,
    TooManyDays,
    TooManyHours,
)
from payroll.domain.law import PayrollLaw
from payroll.domain.wage import FULL_MONTH

BELGIUM = load_country("be")
LAW = PayrollLaw(BELGIUM)
CONTRACT_ID = UUID(int=7)
JUNE, JULY, AUGUST = date(2026, 6, 15), date(2026, 7, 15), date(2026, 8, 1)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


JULY_BY_THE_MONTH = Terms(
    kind=ContractKind.MONTH,
    regime=Status.WHITE_COLLAR,
    first_day=date(2026, 7, 1),
    last_day=date(2026, 7, 31),
    wage=eur("3000.00"),
)
THREE_DAYS = Terms(
    kind=ContractKind.DAYS,
    regime=Status.ARTIST,
    first_day=date(2026, 7, 6),
    last_day=date(2026, 7, 10),
    wage=eur("150.00"),
    days=3,
)
EIGHT_HOURS = replace(THREE_DAYS, kind=ContractKind.HOURS, wage=eur("20.00"), days=1, hours=Decimal("8"))


def a_contract(**facts: date) -> Contract:
    return Contract(
        id=CONTRACT_ID,
        terms=JULY_BY_THE_MONTH,
        labor_cost=eur("4080.00"),
        requested_on=JUNE,
        **facts,  # type: ignore[arg-type] # days of facts
    )


@pytest.mark.parametrize(
    ("terms", "last_day", "days", "hours", "gross"),
    [
        # Two of five days: of three days of work two, of eight hours 3.20, of a lump sum two fifths.
        (THREE_DAYS, date(2026, 7, 7), 2, "0", "300.00"),
        (EIGHT_HOURS, date(2026, 7, 7), 1, "3.20", "64.00"),
        (
            replace(THREE_DAYS, kind=ContractKind.LUMP_SUM, wage=eur("450.01")),
            date(2026, 7, 7),
            2,
            "0",
            "180.00",
        ),
        # Ten of thirty-one days of July, which has twenty-three weekdays.
        (JULY_BY_THE_MONTH, date(2026, 7, 10), 8, "0", "967.74"),
        (THREE_DAYS, date(2026, 7, 10), 3, "0", "450.00"),
    ],
)
def test_a_contract_that_is_cut_short_is_paid_for_its_share_of_the_days_rounded_up(
    terms: Terms, last_day: date, days: int, hours: str, gross: str
) -> None:
    cut = cut_short(terms, last_day, LAW)
    check_time(cut, LAW)
    assert (cut.last_day, cut.days, cut.hours, cut.gross) == (last_day, days, Decimal(hours), eur(gross))
    assert cut.gross <= terms.gross


def test_an_ordinary_contract_passes() -> None:
    contract = request_contract(
        contract_id=CONTRACT_ID, terms=JULY_BY_THE_MONTH, labor_cost=eur("4080.00"), law=LAW, today=JUNE
    )
    assert contract.state(JUNE) is ContractState.REQUESTED


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (replace(JULY_BY_THE_MONTH, last_day=date(2026, 6, 30)), ContractDatesReversed),
        (replace(JULY_BY_THE_MONTH, last_day=date(2026, 7, 30)), ContractMonthIncomplete),
        (replace(THREE_DAYS, last_day=date(2026, 8, 2)), ContractSpansMonths),
        (replace(THREE_DAYS, days=0), ContractQuantityMissing),
        (replace(EIGHT_HOURS, hours=Decimal(0)), ContractQuantityMissing),
        (replace(THREE_DAYS, days=6), TooManyDays),
        (replace(EIGHT_HOURS, hours=Decimal("11.5")), TooManyHours),
        (replace(JULY_BY_THE_MONTH, wage=eur("0.00")), GrossNotPositive),
        (replace(JULY_BY_THE_MONTH, wage=eur("2233.60")), GrossBelowMinimumWage),
        (replace(THREE_DAYS, wage=eur("103.00")), GrossBelowMinimumWage),
        (replace(THREE_DAYS, kind=ContractKind.LUMP_SUM, wage=eur("309.00")), GrossBelowMinimumWage),
    ],
)
def test_terms_outside_the_rules_are_refused(terms: Terms, refusal: type[ContractRefusal]) -> None:
    with pytest.raises(refusal):
        check_terms(terms, LAW)


def test_the_minimum_wage_itself_is_enough() -> None:
    check_terms(replace(JULY_BY_THE_MONTH, wage=eur("2233.61")), LAW)
    check_terms(replace(THREE_DAYS, wage=eur("103.09")), LAW)
    minimum = minimum_wage(THREE_DAYS, LAW)
    assert minimum is not None
    assert minimum.amount == eur("309.27")


def test_the_gross_follows_the_kind_of_contract() -> None:
    assert JULY_BY_THE_MONTH.gross == eur("3000.00")
    assert replace(JULY_BY_THE_MONTH, last_day=date(2026, 9, 30)).gross == eur("9000.00")
    assert THREE_DAYS.gross == eur("450.00")
    assert EIGHT_HOURS.gross == eur("160.00")
    assert replace(THREE_DAYS, kind=ContractKind.LUMP_SUM, wage=eur("500.00")).gross == eur("500.00")


def test_a_contract_of_three_months_is_paid_by_the_month() -> None:
    periods = replace(JULY_BY_THE_MONTH, last_day=date(2026, 9, 30)).pay_periods
    assert [period.last for period in periods] == [
        date(2026, 7, 31),
        date(2026, 8, 31),
        date(2026, 9, 30),
    ]


def test_the_time_of_a_payment_is_its_share_of_a_year() -> None:
    assert work_time(JULY_BY_THE_MONTH, LAW) == FULL_MONTH
    assert work_time(THREE_DAYS, LAW).month_millionths == 138_462
    assert work_time(EIGHT_HOURS, LAW).month_millionths == 48_583


def test_the_wage_of_a_period_takes_law_and_status_from_the_contract() -> None:
    [period] = THREE_DAYS.pay_periods
    wage = wage_of(THREE_DAYS, period, BelgianSituation(spouse=Spouse.OWN_INCOME), LAW)
    assert (wage.gross, wage.day) == (45_000, date(2026, 7, 10))
    assert wage.situation == BelgianSituation(spouse=Spouse.OWN_INCOME)
    assert wage.regime == Status.ARTIST


def test_the_wage_is_due_on_the_seventh_working_day_saturdays_included() -> None:
    assert wage_due_date(LAW, BELGIUM, date(2026, 7, 31)) == date(2026, 8, 8)


def test_a_public_holiday_puts_the_wage_off_by_a_day() -> None:
    assert wage_due_date(LAW, BELGIUM, date(2026, 7, 17)) == date(2026, 7, 27)


def test_the_state_of_a_contract_follows_from_its_facts() -> None:
    contract = a_contract()
    assert contract.state(JUNE) is ContractState.REQUESTED
    contract = hold_budget(contract, JUNE)
    assert contract.state(JUNE) is ContractState.BUDGET_HELD
    contract = accept_hire(contract, JUNE)
    assert contract.state(JUNE) is ContractState.DECLARED
    assert contract.state(JULY) is ContractState.ACTIVE
    contract = end_contract(contract, date(2026, 7, 31))
    assert contract.state(AUGUST) is ContractState.ENDED
    contract = pay_contract(contract, AUGUST)
    assert contract.state(AUGUST) is ContractState.PAID


def test_a_refused_contract_goes_nowhere() -> None:
    contract = refuse_contract(a_contract(), "BudgetTooSmall", JUNE)
    assert contract.state(JULY) is ContractState.REFUSED
    assert refuse_contract(contract, "Again", JULY) == contract
    for go_on in (hold_budget, accept_hire, end_contract, pay_contract):
        with pytest.raises(ContractAlreadyRefused):
            go_on(contract, JULY)


def test_no_hire_is_declared_before_the_budget_holds_its_cost() -> None:
    with pytest.raises(BudgetNotHeld):
        accept_hire(a_contract(), JUNE)


def test_work_that_began_undeclared_is_flagged() -> None:
    assert a_contract(budget_held_on=JUNE).is_undeclared_at_start(date(2026, 7, 1))
    assert not a_contract(budget_held_on=JUNE).is_undeclared_at_start(date(2026, 6, 30))
    assert not a_contract(budget_held_on=JUNE, declared_on=JUNE).is_undeclared_at_start(JULY)


def test_a_contract_ends_declared_and_on_its_last_day_or_later() -> None:
    with pytest.raises(HireNotDeclared):
        end_contract(a_contract(budget_held_on=JUNE), AUGUST)
    declared = a_contract(budget_held_on=JUNE, declared_on=JUNE)
    with pytest.raises(ContractNotEnded):
        end_contract(declared, date(2026, 7, 30))
    with pytest.raises(ContractAlreadyEnded):
        end_contract(end_contract(declared, AUGUST), AUGUST)
    with pytest.raises(ContractAlreadyEnded):
        refuse_contract(end_contract(declared, AUGUST), "TooLate", AUGUST)


def test_only_declared_and_ended_work_is_paid() -> None:
    with pytest.raises(HireNotDeclared):
        require_payable(a_contract())
    with pytest.raises(ContractNotEnded):
        require_payable(a_contract(declared_on=JUNE))
    require_payable(a_contract(declared_on=JUNE, ended_on=AUGUST))


def test_hearing_the_same_fact_twice_changes_nothing() -> None:
    held = hold_budget(a_contract(), JUNE)
    assert hold_budget(held, JULY) == held
    declared = accept_hire(held, JUNE)
    assert accept_hire(declared, JULY) == declared


def test_a_hire_is_looked_at_two_working_days_before_the_first_sundays_and_holidays_not_counted() -> None:
    terms = a_contract().terms
    for first_day, reminder in (
        (date(2026, 7, 1), date(2026, 6, 29)),
        (date(2026, 6, 29), date(2026, 6, 26)),  # a Monday: Saturday counts, Sunday does not
        (date(2026, 7, 22), date(2026, 7, 18)),  # the day after the national holiday
    ):
        assert reminder_day(replace(terms, first_day=first_day), LAW, LAW.country) == reminder
