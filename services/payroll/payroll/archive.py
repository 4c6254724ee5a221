"""Payslips and corrections as they are kept: every line with its words and sources, without the law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from commons.database import Record
from commons.money import Money
from payroll.domain.correction import Delta
from payroll.domain.law import Source
from payroll.domain.sheet import Kind, Line, Payslip, Remark

Kept = dict[str, Any]


def keep_line(line: Line) -> Kept:
    """A line as JSON."""
    return {
        "code": line.code,
        "kind": line.kind.value,
        "label": dict(line.label),
        "base": None if line.base is None else line.base.minor,
        "rate": None if line.rate is None else str(line.rate),
        "amount": line.amount.minor,
        "period": line.period,
        "rounding": line.rounding,
        "source": None if line.source is None else keep_source(line.source),
        "made_of": list(line.made_of),
    }


def keep_source(source: Source) -> Kept:
    """A source as JSON."""
    return {
        "parameter": source.parameter,
        "since": source.since.isoformat(),
        "text": source.text,
        "read": source.read,
        "checked_until": source.checked_until.isoformat(),
        "confirmed_by": source.confirmed_by,
        "confirmed_on": None if source.confirmed_on is None else source.confirmed_on.isoformat(),
    }


def keep_remark(remark: Remark) -> Kept:
    """A remark as JSON."""
    return {"code": remark.code, "words": dict(remark.words)}


def keep_delta(delta: Delta) -> Kept:
    """What differs in a line as JSON."""
    return {"line": keep_line(delta.line), "before": delta.before.minor, "place": delta.place}


def deltas_from(row: Record) -> tuple[Delta, ...]:
    """What differs in a payslip, word for word."""
    currency = row["currency"]
    return tuple(
        Delta(_line(kept["line"], currency), Money(kept["before"], currency), kept["place"])
        for kept in row["deltas"]
    )


def lines_from(row: Record) -> tuple[Line, ...]:
    """The lines of a payslip alone."""
    return tuple(_line(kept, row["currency"]) for kept in row["lines"])


def payslip_from(row: Record) -> Payslip:
    """The payslip that was computed, word for word."""
    currency = row["currency"]
    return Payslip(
        day=row["period_end"],
        lines=lines_from(row),
        remarks=tuple(Remark(kept["code"], kept["words"]) for kept in row["remarks"]),
        gross_wage=Money(row["gross_wage_minor"], currency),
        net_wage=Money(row["net_wage_minor"], currency),
        net_payable=Money(row["net_payable_minor"], currency),
        labor_cost=Money(row["estimated_minor"], currency),
        sources=tuple(_source(kept) for kept in row["sources"]),
        fingerprint=row["fingerprint"],
        engine_version=row["engine_version"],
    )


def _line(kept: Mapping[str, Any], currency: str) -> Line:
    return Line(
        code=kept["code"],
        kind=Kind(kept["kind"]),
        label=kept["label"],
        base=None if kept["base"] is None else Money(kept["base"], currency),
        rate=None if kept["rate"] is None else Decimal(kept["rate"]),
        amount=Money(kept["amount"], currency),
        period=kept["period"],
        rounding=kept["rounding"],
        source=None if kept["source"] is None else _source(kept["source"]),
        # What was computed before lines were traced says nothing of it.
        made_of=tuple(kept.get("made_of", ())),
    )


def _source(kept: Mapping[str, Any]) -> Source:
    confirmed_on = kept["confirmed_on"]
    return Source(
        parameter=kept["parameter"],
        since=date.fromisoformat(kept["since"]),
        text=kept["text"],
        read=kept["read"],
        checked_until=date.fromisoformat(kept["checked_until"]),
        confirmed_by=kept["confirmed_by"],
        confirmed_on=None if confirmed_on is None else date.fromisoformat(confirmed_on),
    )
