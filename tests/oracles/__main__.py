"""French payslips by three engines side by side: `python -m tests.oracles` (by `make oracles`).

The other two run as programs of their own, in environments of their own under `.run/oracles`; nothing of them
is imported here or shipped. 1 where they disagree in a way that `disagreements.yaml` does not explain, or where
what it explains is no longer there: either is a sign to read the law again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from commons.country import countries_folder, load_country
from payroll.domain.france.engine import France
from payroll.domain.france.situation import ORDINARY, Establishment, Regime
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Wage

HERE: Final = Path(__file__).resolve().parent
INSTALLED: Final = HERE.parents[1] / ".run" / "oracles"
CASES: Final = countries_folder() / "fr" / "cases" / "payslip-standard.yaml"
TOLERANCE_CENTS: Final = 1  # neither of the two rounds each line as a payslip does
TIMEOUT_SECONDS: Final = 600
SHOWN_MAX: Final = 3
MANY: Final = 10_000
FEW: Final = 200


@dataclass(frozen=True, slots=True)
class Oracle:
    """Another engine: how it is started, how many payslips are timed, and how much slower it should be."""

    name: str
    command: tuple[str, ...]
    folder: Path
    timed: int
    times_slower_wanted: int
    computes_many_at_once: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One kept case of `cases/payslip-standard.yaml`; amounts are cents, the rate millionths."""

    id: str
    day: date
    gross: int
    is_executive: bool
    workforce: int
    accident_rate: int

    def as_json(self) -> dict[str, object]:
        """As the programs read it."""
        return {
            "day": self.day.isoformat(),
            "gross": self.gross,
            "is_executive": self.is_executive,
            "workforce": self.workforce,
            "accident_rate": self.accident_rate,
        }


@dataclass(slots=True)
class Known:
    """A disagreement that is explained, and how often it was met; a filter that is None takes every case."""

    oracle: str
    line: str
    why: str
    law: str
    is_executive: bool | None
    workforce_below: int | None
    cents_max: int
    met: int = field(default=0)

    def explains(self, oracle: str, line: str, case: Case, cents: int) -> bool:
        """Whether it is this one."""
        return (
            (self.oracle, self.line) == (oracle, line)
            and cents <= self.cents_max
            and (self.is_executive is None or case.is_executive is self.is_executive)
            and (self.workforce_below is None or case.workforce < self.workforce_below)
        )


ORACLES: Final = (
    Oracle(
        "openfisca-france",
        (str(INSTALLED / "venv" / "bin" / "python"), str(HERE / "openfisca_france_program.py")),
        HERE,
        timed=MANY,
        times_slower_wanted=5,
        computes_many_at_once=True,
    ),
    Oracle(
        "modele-social",
        ("node", str(HERE / "modele_social_program.mjs")),
        INSTALLED / "node",
        timed=20,
        times_slower_wanted=1_000,
        computes_many_at_once=False,
    ),
)


def main() -> int:
    """Print agreements, explained and unexplained disagreements, and the ratio of CPU time."""
    law, cases, known = PayrollLaw(load_country("fr")), kept_cases(), known_disagreements()
    ours = [engine_for(law, case).payslip(wage_for(case)) for case in cases]
    of_many, alone = seconds_each(law, cases)
    is_explained = True
    for oracle in ORACLES:
        answer = ask(oracle, cases)
        is_explained &= compare(oracle.name, cases, ours, answer["answers"], known)
        theirs = answer["seconds_each"]
        print(f"  CPU of a payslip: {oracle.name} {theirs * 1e6:,.1f} µs (of {oracle.timed:,})")
        print(
            f"    ours, many at once: {of_many * 1e6:,.1f} µs; that is {theirs / of_many:,.1f} times as much"
        )
        if not oracle.computes_many_at_once:
            print(
                f"    ours, one by one with words: {alone * 1e6:,.1f} µs; {theirs / alone:,.1f} times as much"
            )
        print(f"    wanted: {oracle.times_slower_wanted:,} times, many at once")
    gone = [each for each in known if each.met == 0]
    for each in gone:
        print(f"  no longer there: {each.oracle}, {each.line}: {each.why}")
    return 0 if is_explained and not gone else 1


def kept_cases() -> list[Case]:
    """The kept cases of standard payslips, every figure of which is a text in the file."""
    raw = yaml.load(CASES.read_text("utf-8"), yaml.BaseLoader)["cases"]  # noqa: S506 (texts alone)
    return [
        Case(
            each["id"],
            date.fromisoformat(each["day"]),
            int(each["given"]["gross"]),
            each["given"]["cadre"].lower() == "true",
            int(each["given"]["workforce"]),
            int(each["given"]["atmp_1e6"]),
        )
        for each in raw
    ]


def known_disagreements() -> list[Known]:
    """What `disagreements.yaml` explains."""
    raw: list[dict[str, Any]] = yaml.safe_load((HERE / "disagreements.yaml").read_text("utf-8"))
    return [
        Known(
            each["oracle"],
            each["line"],
            each["why"],
            each["law"],
            each.get("is_executive"),
            each.get("workforce_below"),
            each["cents_max"],
        )
        for each in raw
    ]


def engine_for(law: PayrollLaw, case: Case) -> France:
    """Our engine for the establishment of a case."""
    return France(law, Establishment(case.workforce, case.accident_rate, 0, 0))


def wage_for(case: Case) -> Wage:
    """The wage of a case."""
    return Wage(case.gross, case.day, Regime.CADRE if case.is_executive else Regime.EMPLOYEE, ORDINARY)


def ask(oracle: Oracle, cases: Sequence[Case]) -> dict[str, Any]:
    """What the other engine computes. Raises CalledProcessError, TimeoutExpired."""
    text = json.dumps({"cases": [case.as_json() for case in cases], "timed": oracle.timed})
    done = subprocess.run(
        oracle.command,
        cwd=oracle.folder,
        input=text,
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def compare(
    name: str,
    cases: Sequence[Case],
    ours: Sequence[Payslip],
    answers: Sequence[Mapping[str, float]],
    known: Sequence[Known],
) -> bool:
    """Print how far one engine agrees, line by line; whether every disagreement is explained."""
    agreed = 0
    explained: dict[int, list[str]] = {}
    unexplained: list[str] = []
    for case, payslip, answer in zip(cases, ours, answers, strict=True):
        for line, amount in answer.items():
            our, other = abs(payslip.amount(line).minor), cents_of(amount)
            apart = abs(our - other)
            if apart <= TOLERANCE_CENTS:
                agreed += 1
                continue
            said = f"{case.id}, {line}: ours {our}, {name} {other}"
            place = next(
                (place for place, each in enumerate(known) if each.explains(name, line, case, apart)), None
            )
            if place is None:
                unexplained.append(said)
            else:
                known[place].met += 1
                explained.setdefault(place, []).append(said)
    print(f"{name}: {len(cases)} payslips, {agreed} lines agree to {TOLERANCE_CENTS} cent of rounding")
    for place, said_of in explained.items():
        print(
            f"  explained, {len(said_of)} times: {known[place].line}: {known[place].why} ({known[place].law})"
        )
        for said in said_of[:SHOWN_MAX]:
            print(f"    {said}")
    for said in unexplained:
        print(f"  NOT EXPLAINED: {said}")
    return not unexplained


def cents_of(amount: float) -> int:
    """The other engine's amount without its sign, in cents: both of them count in floats."""
    return int((abs(Decimal(repr(amount))) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def seconds_each(law: PayrollLaw, cases: Sequence[Case]) -> tuple[float, float]:
    """The processor's seconds for one of our payslips: as columns of many, and each by itself with its lines."""
    engine = engine_for(law, cases[0])
    day = cases[0].day
    wages = [Wage(cases[place % len(cases)].gross, day, Regime.EMPLOYEE, ORDINARY) for place in range(MANY)]
    batch = engine.batch(wages)
    engine.compute(batch)  # the law is read and the code is warm, as with the others
    began = time.process_time()
    engine.compute(batch)
    of_many = (time.process_time() - began) / MANY
    began = time.process_time()
    for wage in wages[:FEW]:
        engine.payslip(wage)
    return of_many, (time.process_time() - began) / FEW


if __name__ == "__main__":
    sys.exit(main())
