"""From a budget, or from a wished net, back to the gross wage."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from commons.money import Money
from payroll.domain.engines import Engine
from payroll.domain.errors import GrossNotPositive
from payroll.domain.integers import CENTS_MAX, Cents, column
from payroll.domain.search import Column, even_steps, smallest_reaching
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Batch, Wage


@dataclass(frozen=True, slots=True)
class BudgetToGross:
    """The largest gross a budget pays for, what it costs, and what stays visible on the activity."""

    payslip: Payslip
    cost: Money
    remainder: Money


def gross_for_budget(engine: Engine, wage: Wage, budget: Money, cost: Column) -> BudgetToGross:
    """The payslip of the largest gross whose cost is within the budget; `wage.gross` does not matter.

    One more cent of gross would cost more than the budget. `cost` gives the cost of grosses, in cents: the
    engine's labor cost or a published coefficient. Raises GrossNotPositive where the budget pays for nothing.
    """
    gross = largest_within(
        cost, budget.minor, engine.cost_jumps(wage), gross_max=wage.gross_max, dip=engine.cost_dip_cents
    )
    if gross <= 0:
        raise GrossNotPositive(budget=budget)
    spent = Money(int(cost(np.array([gross], dtype=np.int64))[0]), budget.currency)
    return BudgetToGross(engine.payslip(replace(wage, gross=gross)), spent, budget - spent)


def gross_for_net(engine: Engine, wage: Wage, net: Money) -> Payslip:
    """The payslip of the smallest gross whose net wage reaches the wished net; `wage.gross` does not matter.

    Belgian net falls in places as gross rises, so the smallest is sought, and the net may be a little more
    than what was wished. Raises NetNotReachable.
    """
    batch = engine.batch([replace(wage, gross=0)])

    def net_wage(grosses: Cents) -> Cents:
        return engine.compute(replace(batch, gross=grosses)).net_wage

    gross = smallest_reaching(net_wage, net.minor, engine.net_rises(wage), gross_max=wage.gross_max)
    return engine.payslip(replace(wage, gross=gross))


def labor_cost(engine: Engine, wage: Wage) -> Column:
    """The engine's labor cost as a function of gross, everything else as in the wage."""
    return _costs(engine, engine.batch([replace(wage, gross=0)]))


def _costs(engine: Engine, batch: Batch) -> Column:
    return lambda grosses: engine.compute(replace(batch, gross=grosses)).labor_cost


def largest_within(
    cost: Column, budget: int, jumps: Sequence[int] = (), *, gross_max: int = CENTS_MAX, dip: int = 0
) -> int:
    """The largest gross whose cost is at most the budget, in cents; nothing where even one cent is too much.

    `cost` must be at least the gross and must not fall as gross rises, but at the `jumps`: from each of these
    grosses on it may be less than just below. For up to `dip` cents more it may be less than it was.
    """
    end = min(max(0, budget), gross_max - 1)
    starts = [0, *sorted(jump for jump in jumps if 0 < jump <= end)]
    for start, stop in zip(
        reversed(starts), reversed([*(jump - 1 for jump in starts[1:]), end]), strict=True
    ):
        found = _last_within(cost, budget, start, min(start + dip, stop))
        if start == 0 or found is not None:
            return _largest_between(cost, budget, found or start, stop, dip)
    return 0


def grosses_for_budgets(engine: Engine, wages: Sequence[Wage], budgets: Sequence[int]) -> list[int]:
    """The largest gross, in minor units, whose labor cost is within each budget; nothing where none is.

    What `largest_within` gives for each alone, for thousands at once: wages that share day, regime and group
    are tried together. The gross of a wage does not matter.
    """
    groups: dict[Hashable, list[int]] = {}
    for row, wage in enumerate(wages):
        groups.setdefault((wage.day, wage.regime, wage.situation.group), []).append(row)
    found = [0] * len(wages)
    for rows in groups.values():
        alike = [replace(wages[row], gross=0) for row in rows]
        grosses = largest_within_each(
            _costs(engine, engine.batch(alike)),
            column(*(budgets[row] for row in rows)),
            [engine.cost_jumps(wage) for wage in alike],
            gross_max=column(*(wage.gross_max for wage in alike)),
            dip=engine.cost_dip_cents,
        )
        for row, gross in zip(rows, grosses.tolist(), strict=True):
            found[row] = gross
    return found


def largest_within_each(
    cost: Column, budgets: Cents, jumps: Sequence[Sequence[int]], *, gross_max: Cents, dip: int = 0
) -> Cents:
    """The largest gross within each budget, row by row; `cost` takes a gross for every row.

    Each row's cost must not fall as its gross rises, but at its own `jumps` and for up to `dip` cents.
    """
    end = np.minimum(np.maximum(0, budgets), gross_max - 1)
    # The rows' jumps side by side; one beyond a row's end stands at its end and changes nothing.
    width = max((len(each) for each in jumps), default=0)
    starts = np.zeros((width + 2, len(budgets)), dtype=np.int64)
    starts[-1] = end + 1
    for row, each in enumerate(jumps):
        inside = sorted(jump for jump in each if 0 < jump <= end[row])
        starts[1 : len(inside) + 1, row] = inside
        starts[len(inside) + 1 :, row] = end[row] + 1
    low, high = np.zeros_like(end), np.maximum(0, starts[1] - 1)
    is_open = np.ones(len(budgets), dtype=np.bool_)
    for at in range(width, 0, -1):
        start, stop = starts[at], starts[at + 1] - 1
        may = is_open & (start <= end)
        pays = np.zeros_like(may)
        for further in range(dip + 1):
            tried = np.minimum(start + further, np.maximum(0, stop))
            here = may & (cost(tried) <= budgets)
            low = np.where(here, tried, low)
            pays |= here
        high = np.where(pays, stop, high)
        is_open &= ~pays
    last = high
    while np.any(low < high):
        middle = (low + high + 1) // 2
        pays = cost(middle) <= budgets
        low, high = np.where(pays, middle, low), np.where(pays, high, middle - 1)
    # Whatever cent the search stopped at, behind it a dip is all that can still be within the budget.
    first = low
    for further in range(1, dip + 1):
        tried = np.minimum(first + further, last)
        low = np.where((tried > low) & (cost(tried) <= budgets), tried, low)
    return low


def _last_within(cost: Column, budget: int, low: int, high: int) -> int | None:
    """The largest of some neighbouring grosses whose cost is within the budget; nothing where none is."""
    grosses = np.arange(low, high + 1, dtype=np.int64)
    within = grosses[cost(grosses) <= budget]
    return int(within[-1]) if len(within) else None


def _largest_between(cost: Column, budget: int, low: int, high: int, dip: int) -> int:
    end = high
    while low < high:
        probes = even_steps(low, high)
        affordable = int(np.searchsorted(cost(probes), budget, side="right")) - 1
        if affordable < 0:
            return 0
        low, above = int(probes[affordable]), affordable + 1
        high = int(probes[above]) - 1 if above < len(probes) else low
    if low < end and dip:
        low = _last_within(cost, budget, low + 1, min(low + dip, end)) or low
    if 0 < low < end:
        here, next_cent = cost(np.array([low, low + 1], dtype=np.int64))
        assert here <= budget < next_cent, "cost must not fall as gross rises, but at a known jump"
    return low
