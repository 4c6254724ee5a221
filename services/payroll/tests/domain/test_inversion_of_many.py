"""Thousands of budgets at once give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_every_engine import CODES, DAY, GROSS_MAX, ground

from payroll.domain.integers import Cents, column
from payroll.domain.inversion import (
    grosses_for_budgets,
    labor_cost,
    largest_within,
    largest_within_each,
)
from payroll.domain.wage import FULL_MONTH, Wage


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_many_budgets_give_the_gross_that_each_gives_alone(code: str, data: st.DataObject) -> None:
    engine = ground(code).engine
    wages = data.draw(st.lists(ground(code).wages, min_size=1, max_size=6))
    top = 2 * GROSS_MAX.get(engine.law.currency, 1_500_000)
    budgets = [data.draw(st.integers(0, top)) for _ in wages]
    alone = [
        largest_within(
            labor_cost(engine, wage),
            budget,
            engine.cost_jumps(wage),
            gross_max=wage.gross_max,
            dip=engine.cost_dip_cents,
        )
        for wage, budget in zip(wages, budgets, strict=True)
    ]
    assert grosses_for_budgets(engine, wages, budgets) == alone


def test_a_cost_that_falls_at_a_jump_is_searched_on_both_sides_of_it() -> None:
    def cost(grosses: Cents) -> Cents:
        return np.where(grosses < 1_000, 2 * grosses, grosses + 200)

    budgets = column(0, 1, 1_100, 1_199, 1_200, 1_998, 5_000)
    jumps = [[1_000], [1_000], [], [1_000], [1_000, 9_000], [1_000], [1_000]]
    limit = column(*[10_000] * 7)
    expected = [
        largest_within(cost, int(budget), jump, gross_max=10_000)
        for budget, jump in zip(budgets, jumps, strict=True)
    ]
    assert largest_within_each(cost, budgets, jumps, gross_max=limit).tolist() == expected
    assert expected[3:5] == [599, 1_000]


def test_no_gross_is_above_what_can_be_computed() -> None:
    found = largest_within_each(
        lambda grosses: grosses, column(500, 5_000), [[], []], gross_max=column(100, 100)
    )
    assert found.tolist() == [99, 99]


def test_a_cost_that_dips_for_some_cents_is_searched_behind_the_dip_and_behind_a_jump_too() -> None:
    def cost(grosses: Cents) -> Cents:
        costs: Cents = 4 * grosses + 20 - 9 * (grosses % 3 == 2) - 900 * (grosses >= 700)
        return costs

    everything = np.arange(1_000, dtype=np.int64)
    budgets = np.arange(0, 4_100, 3, dtype=np.int64)
    largest = [int(np.max(everything[cost(everything) <= budget], initial=0)) for budget in budgets]
    alone = [largest_within(cost, int(budget), [700], gross_max=1_000, dip=3) for budget in budgets]
    limit = np.full_like(budgets, 1_000)
    found = largest_within_each(cost, budgets, [[700]] * len(budgets), gross_max=limit, dip=3)
    assert alone == largest
    assert found.tolist() == largest


def test_german_roundings_hide_no_gross_that_a_budget_pays_for() -> None:
    engine = ground("de").engine
    wage = Wage(gross=0, day=DAY, regime="employee", situation=engine.situation_type(), time=FULL_MONTH)
    everything = np.arange(60_301, 90_000, dtype=np.int64)
    costs = labor_cost(engine, wage)(everything)
    # Each budget is the cost of a gross, far enough from the end that no larger gross is left out.
    budgets = np.unique(costs)[:-40]
    last = {int(cost): int(gross) for gross, cost in zip(everything, costs, strict=True)}
    largest = np.maximum.accumulate([last[int(cost)] for cost in budgets])
    assert np.any(np.diff(costs) < 0), "there are dips"
    assert grosses_for_budgets(engine, [wage] * len(budgets), budgets.tolist()) == largest.tolist()
