"""Searching a gross wage in columns: a grid of grosses at once, then finer grids where the answer can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from payroll.domain.errors import NetNotReachable
from payroll.domain.integers import CENTS_MAX, Cents

Column = Callable[[Cents], Cents]

PROBES: Final = 257  # grosses tried at once in a span; four rounds cover ten millions to the cent
SPANS_AT_ONCE: Final = 64  # spans whose grosses are tried in one call
GROWTH: Final = 32  # a wide range is first tried in steps of a 32nd of what was reached
ROUNDING_SLACK_CENTS: Final = 200  # what roundings, to the cent or to the forint, can add to a net at once


def smallest_reaching(
    net: Column, wished: int, rises: Sequence[int] = (), *, gross_max: int = CENTS_MAX
) -> int:
    """The smallest gross whose net is at least the wished one, in cents.

    `net` may fall anywhere as gross rises. Beyond a cent for a cent of gross, and roundings, it rises at once
    only at the `rises`: that tells which spans cannot reach the wish. Raises NetNotReachable.
    """
    starts = [0, *sorted({rise for rise in rises if 0 < rise <= gross_max})]
    waiting = list(zip(starts, [*(rise - 1 for rise in starts[1:]), gross_max], strict=True))
    probes = [_growing(low, high, wished - ROUNDING_SLACK_CENTS - 1) for low, high in waiting]
    waiting = []
    smallest: int | None = None
    while probes:
        hopeful: list[tuple[int, int]] = []
        for tried, nets in zip(probes, _at_once(net, probes), strict=True):
            reached = np.nonzero(nets >= wished)[0]
            first = int(reached[0]) if len(reached) else len(tried) - 1
            hopeful += _hopeful(tried[: first + 1], nets[: first + 1], wished)
            if len(reached):
                # Behind the first gross that reaches the wish none is smaller.
                smallest, waiting = int(tried[first]), []
                break
        # The spans come in order: what stands further left is looked at first.
        waiting = hopeful + waiting
        probes = [even_steps(low, high) for low, high in waiting[:SPANS_AT_ONCE]]
        waiting = waiting[SPANS_AT_ONCE:]
    if smallest is None:
        raise NetNotReachable(net_cents=wished)
    return smallest


def firsts_above(values: Column, limits: Sequence[int], *, gross_max: int) -> list[int]:
    """For each limit the smallest gross where `values`, which never fall, are above it, in their order.

    A limit that no gross passes has none.
    """
    found: list[int] = []
    spans = [(0, gross_max, limit) for limit in limits]
    while spans:
        probes = [even_steps(low, high) for low, high, _ in spans]
        finer: list[tuple[int, int, int]] = []
        for tried, here, (_, _, limit) in zip(probes, _at_once(values, probes), spans, strict=True):
            above = int(np.searchsorted(here, limit, side="right"))
            if above == len(tried):
                continue
            low, high = int(tried[max(0, above - 1)]) + 1, int(tried[above])
            if above == 0 or low == high:
                found.append(high)
            else:
                finer.append((low, high, limit))
        spans = finer
    return sorted(found)


def even_steps(low: int, high: int) -> Cents:
    """Grosses from `low` to `high`, both among them, at even steps."""
    step = max(1, -(-(high - low) // (PROBES - 1)))
    probes = np.arange(low, high, step, dtype=np.int64)
    return np.append(probes, np.int64(high))


def _growing(low: int, high: int, likely: int) -> Cents:
    """The same at growing steps from the least gross that is likely: most wishes are met near it."""
    probes, gross = [low], max(low + 1, likely)
    while gross < high:
        probes.append(gross)
        gross += max(1, gross // GROWTH)
    if high > low:
        probes.append(high)
    return np.array(probes, dtype=np.int64)


def _at_once(values: Column, probes: Sequence[Cents]) -> list[Cents]:
    ends = np.cumsum([len(each) for each in probes])
    return np.split(values(np.concatenate(probes)), ends[:-1])


def _hopeful(tried: Cents, nets: Cents, wished: int) -> list[tuple[int, int]]:
    """The spans between neighbours where the net could reach the wish, from left to right."""
    starts, ends = tried[:-1] + 1, tried[1:] - 1
    most = nets[:-1] + (ends - starts + 1) + ROUNDING_SLACK_CENTS
    can = np.nonzero((starts <= ends) & (most >= wished))[0]
    return [(int(starts[at]), int(ends[at])) for at in can]
