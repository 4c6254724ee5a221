"""Correct a payslip without touching it: which lines are others now, and how a later payslip settles that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money, total
from payroll.domain.correction_words import CARRIED_OVER, CARRIED_OVER_WORDS, correction_words
from payroll.domain.integers import RATE_UNIT, Rounding
from payroll.domain.law import PayrollLaw, Rule, Words, fingerprint
from payroll.domain.sheet import Kind, Line, Payslip, Remark

CORRECTION: Final = "correction"
NET_WAGE: Final = frozenset({Kind.EARNING, Kind.DEDUCTION})
NET_PAYABLE: Final = NET_WAGE | {Kind.SETTLEMENT}
LABOR_COST: Final = frozenset({Kind.EARNING, Kind.CHARGE})
_MONEY: Final = NET_PAYABLE | LABOR_COST
_RULE: Final = "correction.recovery"


@dataclass(frozen=True, slots=True)
class Delta:
    """A line of a payslip that is another one by the law and the facts known now.

    `line` is the line as it is now, of nothing where it fell away; `before` is the amount that stood there.
    `place` tells lines of one code apart, counted from nothing.
    """

    line: Line
    before: Money
    place: int = 0

    @property
    def amount(self) -> Money:
        """What is to be added to the line."""
        return self.line.amount - self.before


def differences(before: Sequence[Line], after: Sequence[Line]) -> tuple[Delta, ...]:
    """The lines whose amounts differ, in the order of the payslip as it is now; what fell away comes last."""
    old, new = _by_place(before), _by_place(after)
    deltas = [
        Delta(line, old[key].amount if key in old else _nothing(line), key[1])
        for key, line in new.items()
        if key not in old or old[key].amount != line.amount
    ]
    gone = [
        Delta(replace(line, base=None, rate=None, amount=_nothing(line)), line.amount, key[1])
        for key, line in old.items()
        if key not in new and line.amount != _nothing(line)
    ]
    return (*deltas, *gone)


def corrected_lines(lines: Sequence[Line], deltas: Sequence[Delta]) -> tuple[Line, ...]:
    """The lines of a payslip with what differs put right; a line that is new stands at the end."""
    found = _by_place(lines)
    for delta in deltas:
        found[delta.line.code, delta.place] = delta.line
    return tuple(found.values())


def corrected_payslip(payslip: Payslip, corrections: Sequence[Sequence[Delta]]) -> Payslip:
    """The wage of a payslip's own month as it is known now, every correction of it in turn.

    What it took up of earlier payslips falls away: it stands in the months that were corrected.
    """
    currency = payslip.net_payable.currency
    lines = own_lines(payslip.lines)
    settled = [line for line in payslip.lines if _is_taken_up(line) and line.kind is Kind.SETTLEMENT]
    taken = total([line.amount for line in settled], currency)
    for deltas in corrections:
        lines = corrected_lines(lines, deltas)
    deltas = [delta for each in corrections for delta in each]
    return replace(
        payslip,
        lines=lines,
        gross_wage=payslip.gross_wage + difference(deltas, frozenset({Kind.EARNING}), currency),
        net_wage=payslip.net_wage + difference(deltas, NET_WAGE, currency),
        net_payable=payslip.net_payable + difference(deltas, NET_PAYABLE, currency) - taken,
        labor_cost=payslip.labor_cost + difference(deltas, LABOR_COST, currency),
    )


def difference(deltas: Sequence[Delta], kinds: frozenset[Kind], currency: str) -> Money:
    """What deltas add to a total."""
    return total([delta.amount for delta in deltas if delta.line.kind in kinds], currency)


def own_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines of a payslip's own wage, without the corrections of others that it takes up."""
    return tuple(line for line in lines if not _is_taken_up(line))


class Origin(StrEnum):
    """Where a correction comes from: a payslip that was computed again, or the end of a return's period."""

    PAYSLIP = "payslip"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class OpenCorrection:
    """A correction of which something is still to be paid (above nothing) or withheld (below)."""

    id: UUID
    contract_id: UUID
    period_end: date
    deltas: tuple[Delta, ...]
    open: Money
    origin: Origin = Origin.PAYSLIP


@dataclass(frozen=True, slots=True)
class Settled:
    """What a payslip took up of a correction."""

    correction_id: UUID
    amount: Money
    origin: Origin = Origin.PAYSLIP


def line_words(law: PayrollLaw, code: str) -> Words:
    """What a line is called: one of the country's, or a correction. Raises CountryDataWrong."""
    if not code.startswith(f"{CORRECTION}."):
        return law.line_words(code)
    _, _, corrected = code.partition("/")
    return correction_words(code, law.line_words(corrected) if corrected else None)


def recovery(law: PayrollLaw, day: date, *, must_be_confirmed: bool) -> Rule | None:
    """How much of a wage may be withheld for what was paid too much; nothing where the law is not known.

    A figure that production may not use before an officer confirms it is not known either.
    """
    rule = law.find(_RULE, day)
    return None if rule is None or (must_be_confirmed and rule.source.needs_confirmation) else rule


def settle(
    payslip: Payslip, corrections: Sequence[OpenCorrection], limit: Rule | None
) -> tuple[Payslip, tuple[Settled, ...]]:
    """A payslip that takes up what is open of earlier ones, the earliest first.

    What is owed to the worker is paid in full. What was paid too much is set against that, then withheld as
    far as `limit` allows of this wage; without a limit nothing of the wage is withheld. The rest is carried
    over to the next payslip, and a remark says so.
    """
    if not corrections:
        return payslip, ()
    currency = payslip.net_payable.currency
    owed = total([each.open for each in corrections if not each.open.is_negative], currency)
    room = owed.minor + (0 if limit is None else _withheld_max(payslip.net_payable, limit))
    lines: list[Line] = []
    settled: list[Settled] = []
    for each in corrections:
        amount = each.open
        if amount.is_negative:
            amount = Money(-min(-amount.minor, room), currency)
            room += amount.minor
        if not amount.minor:
            continue
        settled.append(Settled(each.id, amount, each.origin))
        lines += _lines(each, amount, limit if amount.is_negative else None, lines)
    taken = total([each.amount for each in settled], currency)
    is_carried_over = taken != total([each.open for each in corrections], currency)
    remarks = (Remark(CARRIED_OVER, CARRIED_OVER_WORDS),) if is_carried_over else ()
    return (
        replace(
            payslip,
            lines=(*payslip.lines, *lines),
            remarks=(*payslip.remarks, *remarks),
            net_payable=payslip.net_payable + taken,
        ),
        tuple(settled),
    )


def correction_payslip(
    corrections: Sequence[OpenCorrection], law: PayrollLaw, day: date, engine_version: str
) -> tuple[Payslip, tuple[Settled, ...]]:
    """A payslip of corrections alone, for a worker with no wage to come; it owes nothing where they do."""
    nothing = Money.zero(law.currency)
    return settle(
        Payslip(
            day=day,
            lines=(),
            remarks=(),
            gross_wage=nothing,
            net_wage=nothing,
            net_payable=nothing,
            labor_cost=nothing,
            sources=(),
            fingerprint=fingerprint((), engine_version),
            engine_version=engine_version,
        ),
        corrections,
        None,
    )


def _withheld_max(net: Money, limit: Rule) -> int:
    """The share of a wage that may be withheld, in minor units, rounded down as the data says."""
    most = net.minor * limit.rate("share_of_net") // RATE_UNIT
    unit: int = 10**net.exponent if limit.text("rounding") == Rounding.DOWN_UNIT else 1
    return most - most % unit


def _lines(each: OpenCorrection, amount: Money, limit: Rule | None, above: Sequence[Line]) -> list[Line]:
    """Each line that changed as a step, and the amount that this payslip takes up of it."""
    code = f"{CORRECTION}.{each.period_end}"
    if same := sum(line.kind is Kind.SETTLEMENT and line.code.startswith(code) for line in above):
        code = f"{code}.{same + 1}"
    changed = [delta for delta in each.deltas if delta.line.kind in _MONEY]
    of_net = [f"{code}/{delta.line.code}" for delta in changed if delta.line.kind in NET_PAYABLE]
    return [
        *(_step(code, delta) for delta in changed),
        Line(
            code=code,
            kind=Kind.SETTLEMENT,
            label=correction_words(code, None),
            base=None,
            rate=None,
            amount=amount,
            period="payment",
            rounding=Rounding.NONE,
            source=None if limit is None else limit.source,
            made_of=tuple(dict.fromkeys(of_net)),
        ),
    ]


def _step(code: str, delta: Delta) -> Line:
    step = f"{code}/{delta.line.code}"
    return Line(
        code=step,
        kind=Kind.STEP,
        label=correction_words(step, delta.line.label),
        base=None,
        rate=None,
        amount=delta.amount,
        period=delta.line.period,
        rounding=Rounding.NONE,
        source=delta.line.source,
    )


def _is_taken_up(line: Line) -> bool:
    return line.code.startswith(f"{CORRECTION}.")


def _by_place(lines: Sequence[Line]) -> dict[tuple[str, int], Line]:
    seen: dict[str, int] = {}
    found: dict[tuple[str, int], Line] = {}
    for line in lines:
        place = seen.get(line.code, 0)
        found[line.code, place] = line
        seen[line.code] = place + 1
    return found


def _nothing(line: Line) -> Money:
    return Money.zero(line.amount.currency)
