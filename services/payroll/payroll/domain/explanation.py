"""Why a wage is what it is: from what is paid, or costs, down to contract, facts and articles of law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from commons.money import Money, total
from payroll.domain.engines import Engine
from payroll.domain.integers import Rounding
from payroll.domain.law import Source
from payroll.domain.sheet import Kind, Line, Payslip, payslip_of
from payroll.domain.traced import EARLIER, SITUATION, TERMS, TIME, traced
from payroll.domain.wage import Wage

NODES_MAX: Final = 400
_TOLD: Final = (TERMS, TIME, SITUATION, EARLIER)
_MINOR_PER_UNIT: Final = 100


class Total(StrEnum):
    """What is asked about: what the worker gets, or what the wage costs the employer."""

    NET_PAYABLE = "net_payable"
    LABOR_COST = "labor_cost"


class Reason(StrEnum):
    """How a figure follows from what stands below it.

    The sum of the lines below; base times rate, rounded as said; by the rule alone, which is more than one
    multiplication; as told, in the contract or of the worker; or explained further up.
    """

    SUM = "sum"
    BASE_TIMES_RATE = "base_times_rate"
    RULE = "rule"
    TOLD = "told"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Node:
    """One figure of the tree, which is kept as a list: what explains a node follows it, one step deeper.

    `code` is a line's, a total's, or `terms`, `time`, `situation`, `earlier`; `facts` names what was told.
    `paid_by` is `worker` or `employer`; `source` is the article of law with the day since when it holds.
    """

    depth: int
    code: str
    reason: Reason
    amount: Money | None = None
    base: Money | None = None
    rate: Decimal | None = None
    rounding: str | None = None
    period: str | None = None
    paid_by: str | None = None
    source: Source | None = None
    facts: tuple[str, ...] = ()


_COUNTED: Final[Mapping[Total, frozenset[Kind]]] = {
    Total.NET_PAYABLE: frozenset({Kind.EARNING, Kind.DEDUCTION, Kind.SETTLEMENT}),
    Total.LABOR_COST: frozenset({Kind.EARNING, Kind.CHARGE}),
}
_DIRECTIONS: Final = {
    Rounding.HALF_UP_CENT: (1, ROUND_HALF_UP),
    Rounding.HALF_DOWN_CENT: (1, ROUND_HALF_DOWN),
    Rounding.DOWN_CENT: (1, ROUND_FLOOR),
    Rounding.UP_CENT: (1, ROUND_CEILING),
    Rounding.HALF_UP_UNIT: (_MINOR_PER_UNIT, ROUND_HALF_UP),
    Rounding.DOWN_UNIT: (_MINOR_PER_UNIT, ROUND_FLOOR),
    Rounding.UP_UNIT: (_MINOR_PER_UNIT, ROUND_CEILING),
}


def traced_payslip(engine: Engine, wage: Wage) -> Payslip:
    """The payslip of a wage whose lines name what they were made of. Raises what the engine raises."""
    return payslip_of(engine.compute(traced(engine.batch([wage]))), engine.version)


def explanation(lines: Sequence[Line], asked: Total) -> tuple[Node, ...]:
    """The tree of a total, deepest answers last; a line is explained where it first appears.

    It has no more than `NODES_MAX` nodes: lines only ever rest on lines before them.
    """
    counted = [line for line in lines if line.kind in _COUNTED[asked]]
    amount = total([line.amount for line in counted], lines[0].amount.currency)
    nodes = [Node(0, asked.value, Reason.SUM, amount=amount)]
    _Tree({line.code: line for line in lines}, nodes).explain(counted, 1)
    return tuple(nodes[:NODES_MAX])


@dataclass(frozen=True, slots=True)
class _Tree:
    lines: Mapping[str, Line]
    nodes: list[Node]
    explained: set[str] = field(default_factory=set)

    def explain(self, lines: Sequence[Line], depth: int) -> None:
        for line in lines:
            if line.code in self.explained:
                self.nodes.append(_node(line, depth, Reason.ABOVE))
                continue
            self.explained.add(line.code)
            below = [found for code, found in self.lines.items() if code in line.made_of]
            self.nodes.append(_node(line, depth, _reason(line, below)))
            self.explain(below, depth + 1)
            self.nodes.extend(_told(line, depth + 1))


def _node(line: Line, depth: int, reason: Reason) -> Node:
    return Node(
        depth,
        line.code,
        reason,
        amount=line.amount,
        base=line.base,
        rate=line.rate,
        rounding=line.rounding,
        period=line.period,
        paid_by=line.paid_by,
        source=line.source,
    )


def _told(line: Line, depth: int) -> list[Node]:
    """What a line rests on that is no line: contract, time, facts of the worker, earlier payments."""
    found = []
    for kind in _TOLD:
        names = [name for name in line.made_of if name.split(".")[0] == kind]
        if names:
            facts = tuple(name.removeprefix(f"{kind}.") for name in names if name != kind)
            found.append(Node(depth, kind, Reason.TOLD, facts=facts))
    return found


def _reason(line: Line, below: Sequence[Line]) -> Reason:
    if not below and line.rate is None:
        return Reason.TOLD if line.source is None else Reason.RULE
    if line.base is not None and line.rate is not None and _is_base_times_rate(line):
        return Reason.BASE_TIMES_RATE
    if line.base is None and total([each.amount for each in below], line.amount.currency) == line.amount:
        return Reason.SUM
    return Reason.RULE


def _is_base_times_rate(line: Line) -> bool:
    assert line.base is not None
    assert line.rate is not None
    rounding = Rounding(line.rounding)
    exact = line.base.minor * line.rate
    if rounding is Rounding.NONE:
        return exact == abs(line.amount.minor)
    step, direction = _DIRECTIONS[rounding]
    return (exact / step).quantize(Decimal(1), direction) * step == abs(line.amount.minor)
