"""What is true of every Belgian payslip, whatever the wage and the family."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.a_wage import a_wage

from commons.country import load_country
from commons.money import Money
from payroll.domain.belgium.situation import BelgianEarlier, BelgianSituation, Spouse, Status
from payroll.domain.engines import engine_of
from payroll.domain.errors import GrossNotPositive, NetNotReachable, ParametersNotConfirmed, WageTooLarge
from payroll.domain.inversion import (
    gross_for_budget,
    gross_for_net,
    labor_cost,
    largest_within,
)
from payroll.domain.price import ContractAmounts, Price, simulate_budget, simulate_gross, simulate_net
from payroll.domain.search import smallest_reaching
from payroll.domain.sheet import Kind
from payroll.domain.wage import Wage, WorkTime

ENGINE = engine_of(load_country("be"))
TODAY = date(2026, 9, 14)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


situations = st.builds(
    BelgianSituation,
    spouse=st.sampled_from(Spouse),
    children=st.integers(0, 12),
    is_single_parent=st.booleans(),
    has_flat_withholding=st.just(False),
)
times = st.one_of(
    st.just(WorkTime(1, 12)),
    st.integers(1, 23).map(lambda days: WorkTime(days, 260)),
    st.integers(100, 17_600).map(lambda hours: WorkTime(hours, 197_600)),
)


def _flat(situation: Any) -> BelgianSituation:
    return replace(situation, has_flat_withholding=True)  # type: ignore[no-any-return] # one of situations


days = st.dates(date(2025, 2, 1), date(2026, 12, 31))
wages = st.builds(
    Wage,
    gross=st.integers(1, 1_500_000),
    day=days,
    regime=st.sampled_from(Status),
    situation=situations,
    time=times,
).flatmap(
    lambda wage: (
        st.sampled_from([wage, replace(wage, situation=_flat(wage.situation))])
        if wage.regime == Status.ARTIST
        else st.just(wage)
    )
)


@given(wages)
@settings(max_examples=60, deadline=None)
def test_net_is_at_most_gross_and_cost_at_least_gross(wage: Wage) -> None:
    payslip = ENGINE.payslip(wage)
    assert payslip.net_wage <= payslip.gross_wage <= payslip.labor_cost
    assert not payslip.net_wage.is_negative


@given(wages)
@settings(max_examples=60, deadline=None)
def test_the_lines_of_a_payslip_add_up_to_its_totals(wage: Wage) -> None:
    payslip = ENGINE.payslip(
        replace(wage, expense_reimbursement=1_234, meal_voucher_deduction=567, benefits_in_kind=100)
    )

    def total(*kinds: Kind) -> int:
        return sum(line.amount.minor for line in payslip.lines if line.kind in kinds)

    assert total(Kind.EARNING) == payslip.gross_wage.minor
    assert total(Kind.EARNING, Kind.DEDUCTION) == payslip.net_wage.minor
    assert total(Kind.EARNING, Kind.DEDUCTION, Kind.SETTLEMENT) == payslip.net_payable.minor
    assert total(Kind.EARNING, Kind.CHARGE) == payslip.labor_cost.minor


@given(wages, st.integers(2_000, 2_000_000))
@settings(max_examples=25, deadline=None)
def test_a_budget_pays_for_its_gross_and_not_for_one_cent_more(wage: Wage, budget: int) -> None:
    cost = labor_cost(ENGINE, wage)
    gross = largest_within(cost, budget)
    here, next_cent = cost(np.array([gross, gross + 1], dtype=np.int64))
    assert here <= budget < next_cent


@given(wages)
@settings(max_examples=25, deadline=None)
def test_the_cost_of_a_gross_gives_that_gross_back(wage: Wage) -> None:
    cost = labor_cost(ENGINE, wage)
    assert largest_within(cost, int(cost(np.array([wage.gross], dtype=np.int64))[0])) == wage.gross


@given(wages)
@settings(max_examples=25, deadline=None)
def test_a_wished_net_is_reached_by_the_smallest_gross(wage: Wage) -> None:
    wished = ENGINE.payslip(wage).net_wage
    if wished.is_zero:
        return
    found = gross_for_net(ENGINE, wage, wished)
    assert found.net_wage >= wished
    assert found.gross_wage <= Money(wage.gross, "EUR")
    one_cent_less = ENGINE.payslip(replace(wage, gross=max(0, found.gross_wage.minor - 1)))
    assert one_cent_less.net_wage < wished


@given(wages, st.sampled_from([date(2025, 3, 31), date(2026, 5, 31), TODAY]))
@settings(max_examples=10, deadline=None)
def test_no_rise_of_gross_takes_more_net_than_the_engine_says(wage: Wage, day: date) -> None:
    grosses = np.arange(1, 450_000, 7, dtype=np.int64)
    batch = ENGINE.batch([replace(wage, day=day)])
    net = ENGINE.compute(replace(batch, gross=grosses)).net_wage
    assert int(np.max(np.maximum.accumulate(net) - net)) <= ENGINE.net_drop_max_cents


def test_a_net_that_falls_on_its_way_is_reached_at_its_first_place() -> None:
    def net(grosses: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> object:
        return np.where(grosses < 1_000, grosses, grosses - 300)

    assert smallest_reaching(net, 900) == 900  # type: ignore[arg-type] # a stand-in for an engine
    assert smallest_reaching(net, 1_000) == 1_300  # type: ignore[arg-type] # a stand-in for an engine


def test_the_rest_of_a_budget_stays_visible() -> None:
    wage = a_wage(gross=0, day=TODAY)
    found = gross_for_budget(ENGINE, wage, eur("4000.00"), labor_cost(ENGINE, wage))
    assert found.cost + found.remainder == eur("4000.00")
    assert found.payslip.labor_cost == found.cost
    assert not found.remainder.is_negative


def test_a_budget_of_nothing_pays_for_no_wage() -> None:
    with pytest.raises(GrossNotPositive):
        simulate_budget(ENGINE, a_wage(gross=0, day=TODAY), eur("0.00"))


def test_a_net_beyond_all_wages_is_not_reachable() -> None:
    with pytest.raises(NetNotReachable):
        simulate_net(ENGINE, a_wage(gross=0, day=TODAY), eur("9999999.00"))


def test_a_wage_beyond_exact_computation_is_refused() -> None:
    with pytest.raises(WageTooLarge):
        ENGINE.payslip(a_wage(gross=10**9 + 1, day=TODAY))


def test_a_simulation_shows_price_and_cost_side_by_side() -> None:
    by_gross = simulate_gross(ENGINE, a_wage(gross=300_000, day=TODAY))
    assert by_gross.amounts.provisioned == Price.on(ENGINE.law, Status.WHITE_COLLAR, TODAY).of(eur("3000.00"))
    assert by_gross.amounts.estimated == by_gross.payslip.labor_cost
    by_budget = simulate_budget(ENGINE, a_wage(gross=0, day=TODAY), by_gross.amounts.provisioned)
    assert by_budget.payslip.gross_wage == eur("3000.00")
    assert by_budget.remainder == eur("0.00")
    by_net = simulate_net(ENGINE, a_wage(gross=0, day=TODAY), by_gross.payslip.net_wage)
    assert by_net.payslip.gross_wage <= eur("3000.00")


def test_the_variance_of_a_contract_follows_the_best_known_cost() -> None:
    amounts = ContractAmounts(estimated=eur("1300.00"), provisioned=eur("1360.00"))
    assert amounts.variance == eur("60.00")
    assert replace(amounts, declared=eur("1290.00")).variance == eur("70.00")
    assert replace(amounts, declared=eur("1290.00"), corrected=eur("1370.00")).variance == eur("-10.00")


def test_a_second_payment_of_a_month_shares_its_special_contribution() -> None:
    whole = ENGINE.payslip(a_wage(gross=300_000, day=TODAY))
    first = ENGINE.payslip(a_wage(gross=180_000, day=TODAY, time=WorkTime(13, 260)))
    second = ENGINE.payslip(
        a_wage(
            gross=120_000,
            day=TODAY,
            time=WorkTime(9, 260),
            earlier=BelgianEarlier(
                gross_month=180_000,
                base_month=180_000,
                time_month_millionths=WorkTime(13, 260).month_millionths,
                bonus_a_month=first.amount("work_bonus.a").minor,
                bonus_b_month=first.amount("work_bonus.b").minor,
                special_contribution_month=-first.amount("special_contribution").minor,
            ),
        )
    )
    special = first.amount("special_contribution") + second.amount("special_contribution")
    assert special == whole.amount("special_contribution")
    assert first.amount("work_bonus.a") + second.amount("work_bonus.a") == whole.amount("work_bonus.a")


def test_the_work_bonus_stops_at_the_cap_of_the_year() -> None:
    capped = ENGINE.payslip(
        a_wage(gross=230_000, day=TODAY, earlier=BelgianEarlier(bonus_year=359_436 - 5_000))
    )
    assert capped.amount("work_bonus.a") == eur("50.00")
    assert capped.amount("work_bonus.b") == eur("0.00")


def test_wages_above_the_ceiling_of_the_quarter_owe_no_employer_contribution() -> None:
    above = ENGINE.payslip(a_wage(gross=500_000, day=TODAY, earlier=BelgianEarlier(base_quarter=8_843_400)))
    assert above.amount("employer.base") == eur("0.00")


def test_every_line_of_a_payslip_explains_itself() -> None:
    payslip = ENGINE.payslip(a_wage(gross=230_062, day=TODAY, situation=BelgianSituation(children=2)))
    onss = next(line for line in payslip.lines if line.code == "onss.worker")
    assert (onss.base, str(onss.rate), onss.amount) == (eur("2300.62"), "0.1307", eur("-300.69"))
    assert onss.paid_by == "worker"
    assert onss.source is not None
    assert onss.source.parameter == "onss.worker"
    assert {"fr", "nl", "de", "en"} <= set(onss.label)
    assert all(line.source for line in payslip.lines if line.kind in (Kind.DEDUCTION, Kind.CHARGE))


def test_the_same_figures_give_the_same_fingerprint_and_new_figures_another() -> None:
    july, august, september = (
        ENGINE.payslip(a_wage(gross=230_062, day=day)).fingerprint
        for day in (date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30))
    )
    assert july == august
    assert september != august


def test_a_payslip_that_rests_on_invented_figures_is_refused_for_production() -> None:
    payslip = ENGINE.payslip(a_wage(gross=230_062, day=TODAY))
    with pytest.raises(ParametersNotConfirmed) as refusal:
        payslip.require_confirmed()
    assert "employer.insurance" in str(refusal.value.facts["parameters"])
    assert "onss.worker" not in str(refusal.value.facts["parameters"])


def test_pay_above_four_thousand_says_what_could_not_be_computed() -> None:
    high = ENGINE.payslip(a_wage(gross=400_001, day=TODAY))
    assert [remark.code for remark in high.remarks] == ["employer.index_cents"]
    assert not ENGINE.payslip(a_wage(gross=400_000, day=TODAY)).remarks
    assert not ENGINE.payslip(a_wage(gross=400_001, day=date(2026, 6, 1) - timedelta(days=1))).remarks
