"""Thousands of budgets at once give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_every_engine import CODES, GROSS_MAX, ground

from payroll.domain.integers import Cents, column
from payroll.domain.inversion import (
    grosses_for_budgets,
    labor_cost,
    largest_within,
    largest_within_each,
)


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_many_budgets_give_the_gross_that_each_gives_alone(code: str, data: st.DataObject) -> None:
    engine = ground(code).engine
    wages = data.draw(st.lists(ground(code).wages, min_size=1, max_size=6))
    top = 2 * GROSS_MAX.get(engine.law.currency, 1_500_000)
    budgets = [data.draw(st.integers(0, top)) for _ in wages]
    alone = [
        largest_within(labor_cost(engine, wage), budget, engine.cost_jumps(wage), gross_max=wage.gross_max)
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
