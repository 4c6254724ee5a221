"""What is true of every payslip in every country, whatever the wage and the situation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commons.country import country_codes, load_country
from payroll.domain.engines import Engine, engine_of
from payroll.domain.inversion import gross_for_net, labor_cost, largest_within
from payroll.domain.search import ROUNDING_SLACK_CENTS, firsts_above
from payroll.domain.sheet import Kind
from payroll.domain.wage import FULL_MONTH, Situation, Wage, WorkTime

DAY = date(2026, 9, 30)
GROSS_MAX = {"HUF": 300_000_000, "SEK": 8_000_000}
# Whole numbers that are not a number of people have a range of their own.
RANGES: dict[str, tuple[int, int]] = {
    "tax_table": (29, 42),
    "age_at_year_start": (16, 95),
    "care_discounts": (0, 4),
    "expected_year_euros": (0, 60_000),
    "other_income_euros": (0, 30_000),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """An engine, and how its wages are drawn."""

    engine: Engine
    wages: st.SearchStrategy[Wage]


@cache
def ground(code: str) -> Ground:
    """The engine of a country with wages drawn from the types of its situation."""
    engine = engine_of(load_country(code))
    law = engine.law
    regimes = sorted(name for name in law.rule("contract.price", DAY).fields)
    situations = _situations(engine.situation_type)
    wages = st.builds(
        Wage,
        gross=st.integers(1, GROSS_MAX.get(law.currency, 1_500_000)),
        day=st.just(DAY),
        regime=st.sampled_from(regimes),
        situation=situations,
        time=st.one_of(st.just(FULL_MONTH), st.integers(1, 21).map(lambda days: WorkTime(days, 260))),
    )
    return Ground(engine, wages)


def _situations(kind: type[Situation]) -> st.SearchStrategy[Situation]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{item.name: _values(item.name, hints[item.name]) for item in fields(kind)})


def _values(name: str, kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    if kind is bool:
        return st.booleans()
    if kind is Decimal:
        return st.integers(0, 40_000).map(lambda value: Decimal(value) / 1_000_000)
    return st.integers(*RANGES.get(name, (0, 6)))


CODES = [code for code in country_codes() if "payroll" in load_country(code).sections]
each_country = pytest.mark.parametrize("code", CODES)
Drawn = Callable[..., Any]


@each_country
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_lines_of_a_payslip_add_up_to_its_totals(code: str, data: st.DataObject) -> None:
    wage = data.draw(ground(code).wages)
    payslip = ground(code).engine.payslip(replace(wage, expense_reimbursement=1_200))

    def total(*kinds: Kind) -> int:
        return sum(line.amount.minor for line in payslip.lines if line.kind in kinds)

    assert total(Kind.EARNING) == payslip.gross_wage.minor
    assert total(Kind.EARNING, Kind.DEDUCTION) == payslip.net_wage.minor
    assert total(Kind.EARNING, Kind.DEDUCTION, Kind.SETTLEMENT) == payslip.net_payable.minor
    assert total(Kind.EARNING, Kind.CHARGE) == payslip.labor_cost.minor
    assert {line.amount.currency for line in payslip.lines} == {ground(code).engine.law.currency}


@each_country
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_line_has_words_and_every_deduction_and_charge_a_source(code: str, data: st.DataObject) -> None:
    engine = ground(code).engine
    payslip = engine.payslip(data.draw(ground(code).wages))
    languages = set(engine.law.country.languages)
    assert all(languages <= set(line.label) and line.label["en"] for line in payslip.lines)
    assert all(line.source for line in payslip.lines if line.kind in (Kind.DEDUCTION, Kind.CHARGE))


@each_country
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_net_is_never_a_debt_and_never_costs_more_than_the_labor(code: str, data: st.DataObject) -> None:
    payslip = ground(code).engine.payslip(data.draw(ground(code).wages))
    assert not payslip.net_wage.is_negative
    assert payslip.net_wage <= payslip.labor_cost
    assert payslip.gross_wage <= payslip.labor_cost


@each_country
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_many_wages_at_once_give_what_each_alone_gives(code: str, data: st.DataObject) -> None:
    engine = ground(code).engine
    first = data.draw(ground(code).wages)
    others = data.draw(st.lists(ground(code).wages, max_size=8))
    alike = [
        replace(one, regime=first.regime) for one in others if one.situation.group == first.situation.group
    ]
    wages = [first, *alike]
    together = engine.compute(engine.batch(wages))
    payslips = [engine.payslip(wage) for wage in wages]
    assert together.net_wage.tolist() == [payslip.net_wage.minor for payslip in payslips]
    assert together.labor_cost.tolist() == [payslip.labor_cost.minor for payslip in payslips]


@each_country
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_budget_pays_for_its_gross_and_not_for_one_cent_more(code: str, data: st.DataObject) -> None:
    engine, wage = ground(code).engine, data.draw(ground(code).wages)
    cost = labor_cost(engine, wage)
    jumps = engine.cost_jumps(wage)
    budget = data.draw(st.integers(2_000, 2 * GROSS_MAX.get(engine.law.currency, 1_500_000)))
    gross = largest_within(cost, budget, jumps, dip=engine.cost_dip_cents)
    here, next_cent = cost(np.array([gross, gross + 1], dtype=np.int64))
    assert gross == 0 or here <= budget
    assert next_cent > budget or gross + 1 in jumps


@each_country
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_cost_falls_and_net_rises_only_where_named_and_net_falls_by_no_more_than_the_engine_says(
    code: str, data: st.DataObject
) -> None:
    engine, wage = ground(code).engine, data.draw(ground(code).wages)
    top = GROSS_MAX.get(engine.law.currency, 1_500_000) // 2
    grosses = np.arange(1, top, max(1, top // 60_000), dtype=np.int64)
    sheet = engine.compute(replace(engine.batch([wage]), gross=grosses))
    falls = np.nonzero(np.diff(sheet.labor_cost) < 0)[0]
    jumps = engine.cost_jumps(wage)
    assert all(any(grosses[at] < jump <= grosses[at + 1] for jump in jumps) for at in falls)
    net = sheet.net_wage
    assert int(np.max(np.maximum.accumulate(net) - net)) <= engine.net_drop_max_cents
    # Between the named rises the net never gains more on the gross than roundings do.
    gained = net - grosses
    for part in np.split(gained, np.searchsorted(grosses, sorted(engine.net_rises(wage)))):
        assert len(part) == 0 or int(np.max(part - np.minimum.accumulate(part))) <= ROUNDING_SLACK_CENTS


@each_country
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_between_its_jumps_the_cost_is_less_than_it_was_for_no_more_cents_than_the_engine_says(
    code: str, data: st.DataObject
) -> None:
    engine, wage = ground(code).engine, data.draw(ground(code).wages)
    start = data.draw(st.integers(1, GROSS_MAX.get(engine.law.currency, 1_500_000) // 4))
    grosses = np.arange(start, start + 20_000, dtype=np.int64)
    costs = labor_cost(engine, wage)(grosses)
    for part in np.split(costs, np.searchsorted(grosses, sorted(engine.cost_jumps(wage)))):
        later = np.minimum.accumulate(part[::-1])[::-1][engine.cost_dip_cents + 1 :]
        assert bool(np.all(later >= part[: len(later)]))


@each_country
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_a_wished_net_is_reached_by_the_smallest_gross_of_all(code: str, data: st.DataObject) -> None:
    engine, wage = ground(code).engine, data.draw(ground(code).wages)
    batch = engine.batch([replace(wage, gross=0)])
    # Every gross near one that gives the net, down to where its whole would not be enough.
    wage = replace(wage, gross=min(wage.gross, 300_000))
    wished = engine.payslip(wage).net_wage
    grosses = np.arange(max(0, wished.minor - 200_000), wage.gross + 1, dtype=np.int64)
    nets = engine.compute(replace(batch, gross=grosses)).net_wage
    if wished.minor > 0:
        smallest = int(grosses[np.argmax(nets >= wished.minor)])
        assert gross_for_net(engine, wage, wished).gross_wage.minor == smallest


def test_limits_are_found_where_a_column_first_passes_them() -> None:
    limits = [-1, 0, 9, 10, 4_999, 5_000]
    assert firsts_above(lambda grosses: grosses // 2, limits, gross_max=10_000) == [0, 2, 20, 22, 10_000]
