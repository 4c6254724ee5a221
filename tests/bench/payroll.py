"""The payroll of every country side by side: payslips, one simulation, budgets turned into wages, PDFs."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Hashable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from commons.country import country_codes, load_country
from payroll.documents.payslip_pdf import PayslipHeader, render_payslip
from payroll.domain.engines import Engine, engine_of
from payroll.domain.inversion import grosses_for_budgets
from payroll.domain.wage import Situation, Wage, WorkTime
from tests.bench.report import Report, load_average

T = TypeVar("T")

WAGES: Final = 22_000
SIMULATIONS: Final = 200
DOCUMENTS: Final = 20
DAY: Final = date(2026, 9, 30)
GROSS_SCALE: Final = {"HUF": 200, "SEK": 10}  # so many minor units are worth a cent, roughly
# Whole numbers that are no number of people start elsewhere.
STARTS: Final = {"tax_table": 29, "age_at_year_start": 20, "expected_year_euros": 20_000}
COLUMNS: Final = ("22,000 CPU s", "wall s", "1 CPU ms", "budgets CPU s", "wall s ", "PDF/CPU s")
HEADER: Final = PayslipHeader(
    employer_name="Cooperative",
    employer_rows=("Street 1", "1000 Town"),
    worker_name="Worker",
    worker_rows=("Street 2", "1000 Town"),
    reference="PS-1",
    first_day=DAY,
    last_day=DAY,
    due_date=DAY,
)


def measure(folder: Path) -> list[Report]:
    """The engines alone, in this process and on one core; a row a country."""
    report = Report("payroll", f"{WAGES} mixed wages a country", COLUMNS)
    for code in country_codes():
        if "payroll" in load_country(code).sections:
            _measure_country(code, engine_of(load_country(code)), report)
    report.facts["load average at the end"] = round(load_average(), 1)
    return [report]


def _measure_country(code: str, engine: Engine, report: Report) -> None:
    wages = _mixed_wages(engine)
    groups = _groups(wages)
    engine.payslip(wages[0])  # the law is read and the code is warm
    cpu, wall, sheets = _timed(lambda: [engine.compute(engine.batch(group)) for group in groups])
    one, _, payslips = _timed(lambda: [engine.payslip(wage) for wage in wages[:SIMULATIONS]])
    # What each wage costs is the budget: the wage itself is within it.
    ordered = [wage for group in groups for wage in group]
    budgets = [int(cost) for sheet in sheets for cost in sheet.labor_cost]
    inverted, inverted_wall, grosses = _timed(lambda: grosses_for_budgets(engine, ordered, budgets))
    assert all(gross >= wage.gross for gross, wage in zip(grosses, ordered, strict=True))
    language = next(iter(engine.law.country.languages))
    printed, _, _ = _timed(lambda: [render_payslip(each, HEADER, language) for each in payslips[:DOCUMENTS]])
    lines = round(sum(len(sheet.lines) for sheet in sheets) / len(sheets))
    each = 1_000 * one / SIMULATIONS
    name = f"{code}, {lines} lines, {len(groups)} groups"
    report.add(name, cpu, wall, each, inverted, inverted_wall, DOCUMENTS / printed)
    report.reach(f"{code}: {WAGES} payslips, CPU s", cpu, at_most=0.5)
    report.reach(f"{code}: one simulation, CPU ms", each, at_most=2)
    report.reach(f"{code}: {WAGES} budgets, CPU s", inverted, at_most=2)


def _mixed_wages(engine: Engine) -> list[Wage]:
    regimes = sorted(engine.law.rule("contract.price", DAY).fields)
    scale = GROSS_SCALE.get(engine.law.currency, 1)
    hints = get_type_hints(engine.situation_type)
    names = [field.name for field in fields(engine.situation_type)]
    full = WorkTime(1, 12)
    return [
        Wage(
            gross=scale * (20_000 + 37 * number % 550_000),
            day=DAY,
            regime=regimes[number % len(regimes)],
            situation=_situation(engine.situation_type, hints, names, number),
            time=full if number % 3 else WorkTime(1 + number % 20, 260),
        )
        for number in range(WAGES)
    ]


def _situation(kind: type[Situation], hints: dict[str, Any], names: list[str], number: int) -> Situation:
    # Each field turns at a pace of its own, so that situations mix.
    return kind(**{name: _value(name, hints[name], number // (3 + at)) for at, name in enumerate(names)})


def _value(name: str, kind: Any, turn: int) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        members = list(kind)
        return members[turn % len(members)]
    if kind is bool:
        return turn % 4 == 0
    if kind is Decimal:
        return Decimal(turn % 40) / 1_000
    return STARTS.get(name, 0) + turn % 5


def _groups(wages: list[Wage]) -> list[list[Wage]]:
    groups: dict[Hashable, list[Wage]] = {}
    for wage in wages:
        groups.setdefault((wage.regime, wage.situation.group), []).append(wage)
    return list(groups.values())


def _timed(work: Callable[[], T]) -> tuple[float, float, T]:
    wall, cpu = time.perf_counter(), _cpu()
    found = work()
    return _cpu() - cpu, time.perf_counter() - wall, found


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
