"""The last lines of a test run: the layers that ran and whatever did not, from the reports of that run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest

LAYERS: Final[Mapping[int, str]] = {
    1: "schema",
    2: "render",
    3: "meaning",
    4: "objects",
    5: "custom resources",
    6: "real API server",
    7: "real controllers",
    8: "real programs",
    9: "rules",
    10: "migrations",
}
"""How a chart is tested, from values to programs; deploy/helm/README.md says what each sees."""

CLUSTER: Final = (6, 7)
ELSEWHERE: Final = {6: "make test-cluster", 7: "make test-cluster"}
NOT_RUN: Final = "not run"
_LAYER: Final = "layer"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, wherever this is loaded."""
    config.addinivalue_line("markers", "layer(number, …): of the layers by which the charts are tested")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a test is of travels with its report, also from the processes of xdist."""
    for item in items:
        numbers = {number for mark in item.iter_markers(_LAYER) for number in mark.args}
        if item.get_closest_marker("cluster") is not None:
            numbers.update(CLUSTER)
        item.user_properties += [(_LAYER, number) for number in sorted(numbers)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it, where anything of it was asked for."""
    stats = terminalreporter.stats
    for line in closing_lines(
        stats.get("passed", ()), [*stats.get("failed", ()), *stats.get("error", ())], stats.get("skipped", ())
    ):
        terminalreporter.write_line(line)


def closing_lines(passed: Iterable[Any], failed: Iterable[Any], skipped: Iterable[Any]) -> list[str]:
    """The lines for these reports; none where no layer was touched and nothing was left out."""
    well, ill, left_out = _count(passed), _count(failed), list(skipped)
    touched = set(well) | set(ill) | set(_count(left_out))
    lines = []
    if touched:
        ran = [f"{number} {LAYERS[number]} ({well[number]})" for number in LAYERS if number in well]
        lines.append(f"layers that ran, and tests that passed: {', '.join(ran) or 'none'}")
    if ill:
        lines.append(f"layers with failures: {', '.join(f'{n} {LAYERS[n]} ({ill[n]})' for n in sorted(ill))}")
    absent = [number for number in LAYERS if number not in well and number not in ill] if touched else []
    for where in dict.fromkeys(ELSEWHERE.get(number, "") for number in absent):
        names = [f"{number} {LAYERS[number]}" for number in absent if ELSEWHERE.get(number, "") == where]
        lines.append(f"layers {NOT_RUN}: {', '.join(names)}{f' ({where})' if where else ''}")
    reasons = Counter(reason for report in left_out if NOT_RUN in (reason := _reason(report)))
    lines += [f"{reason} (tests: {count})" for reason, count in sorted(reasons.items())]
    return lines


def _count(reports: Iterable[Any]) -> Counter[int]:
    found: Counter[int] = Counter()
    for report in reports:
        # A file that could not be read is reported too, and is of no layer.
        noted = getattr(report, "user_properties", ())
        found.update(number for name, number in noted if name == _LAYER)
    return found


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple | list) else str(report.longrepr)
    return str(text).removeprefix("Skipped: ")
