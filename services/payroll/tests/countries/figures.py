"""Worked cases of a country's payroll: those it keeps, and the vectors beside the project where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from commons.country import countries_folder

Figures = Mapping[str, Any]
Compute = Callable[[Figures, date], Figures]


@dataclass(frozen=True, slots=True)
class Case:
    """What is given and what must come out; `tolerance` is in the unit of the expected figures."""

    id: str
    kind: str
    day: date
    given: Figures
    expected: Figures
    tolerance: Decimal


def cases_of(code: str) -> list[Case]:
    """The cases that the country's folder keeps in `cases/payslip*.yaml`."""
    files = sorted((countries_folder() / code / "cases").glob("payslip*.yaml"))
    # Not the loader of the law: a case may write its figures as it likes, they are texts all the same.
    raw = [case for file in files for case in yaml.load(file.read_text("utf-8"), yaml.BaseLoader)["cases"]]  # noqa: S506 (texts alone)
    return [
        Case(
            case["id"],
            case["kind"],
            date.fromisoformat(case["day"]),
            case["given"],
            case["expected"],
            Decimal(case.get("tolerance", "0")),
        )
        for case in raw
    ]


def vectors_of(code: str, day: date) -> list[Case]:
    """The vectors of `PARTAGE_VECTORS` (default ../shared/vectors), none where they are absent.

    `day` is that of a vector without one.
    """
    root = Path(__file__).resolve().parents[4]
    folder = Path(os.environ.get("PARTAGE_VECTORS", "../shared/vectors"))
    path = (folder if folder.is_absolute() else root / folder) / "payroll" / f"{code}.json"
    if not path.is_file():
        return []
    vectors = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)["vectors"]
    return [
        Case(
            vector["id"],
            vector["kind"],
            date.fromisoformat(vector["date"]) if "date" in vector else day,
            vector["input"],
            vector["expected"],
            Decimal(vector.get("tol", "0")),
        )
        for vector in vectors
    ]


def assert_case(case: Case, compute: Mapping[str, Compute]) -> None:
    """Compute a case and compare every figure that it expects."""
    computed = compute[case.kind](case.given, case.day)
    wrong = {
        name: f"{computed.get(name)} and not {wanted}"
        for name, wanted in case.expected.items()
        if name not in computed or not _is_equal(computed[name], wanted, case.tolerance)
    }
    assert not wrong, f"{case.id}: {wrong}"


def _is_equal(computed: object, wanted: object, tolerance: Decimal) -> bool:
    if isinstance(computed, int | Decimal) and not isinstance(computed, bool):
        return abs(Decimal(computed) - Decimal(str(wanted))) <= tolerance
    return str(computed).lower() == str(wanted).lower()
