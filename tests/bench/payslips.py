"""22,000 Belgian payslips of a month: each with all its lines, and as one batch."""

from __future__ import annotations

import resource
import time
from datetime import date
from pathlib import Path
from typing import Final

from commons.country import load_country
from payroll.domain.belgium.engine import Belgium
from payroll.domain.belgium.situation import BelgianSituation, Spouse, Status
from payroll.domain.law import PayrollLaw
from payroll.domain.wage import Wage
from tests.bench.report import Report, load_average, median

PAYSLIPS: Final = 22_000
ROUNDS: Final = 3
DAY: Final = date(2026, 9, 30)


def measure(folder: Path) -> list[Report]:
    """The engine alone, in this process and on one core."""
    engine = Belgium(PayrollLaw(load_country("be")))
    wages = [
        Wage(
            gross=150_000 + 37 * number % 550_000,
            day=DAY,
            regime=Status.WHITE_COLLAR,
            situation=BelgianSituation(spouse=list(Spouse)[number % len(Spouse)], children=number % 5),
        )
        for number in range(PAYSLIPS)
    ]
    # Those who withhold in one way are one batch.
    groups: dict[object, list[Wage]] = {}
    for wage in wages:
        groups.setdefault(wage.situation.group, []).append(wage)
    one_by_one, together = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), _cpu()
        nets = [engine.payslip(wage).net_wage.minor for wage in wages]
        one_by_one.append((time.perf_counter() - wall, _cpu() - cpu))
        wall, cpu = time.perf_counter(), _cpu()
        sums = sum(int(engine.compute(engine.batch(group)).net_wage.sum()) for group in groups.values())
        together.append((time.perf_counter() - wall, _cpu() - cpu))
        assert sum(nets) == sums, "both ways give the same cents"
    report = Report("payslips", f"{PAYSLIPS} Belgian payslips", ["CPU s", "wall s", "CPU µs each"])
    for name, found in (("one by one, with lines and sources", one_by_one), ("as a batch", together)):
        cpu_seconds = median([each[1] for each in found])
        report.add(name, cpu_seconds, median([each[0] for each in found]), cpu_seconds / PAYSLIPS * 1e6)
    report.facts |= {"rounds": ROUNDS, "load average at the end": round(load_average(), 1)}
    return [report]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
