"""Whether what a query asks for is shown by anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.seeing.metrics import ADDED_LABELS, all_metrics
from deploy.seeing.others import OTHERS
from deploy.seeing.promql import asked

MADE_LABELS: Final = {"cluster"}  # by label_replace


def unknown(query: str) -> Iterator[str]:
    """Metrics, labels of selectors and labels of groupings that nothing shows."""
    known: dict[str, set[str]] = {name: set(labels) for name, (labels, _) in OTHERS.items()}
    for metric in all_metrics():
        for series in metric.series:
            known[series] = {*metric.labels, *ADDED_LABELS, *(["le"] if series.endswith("_bucket") else [])}
    found = asked(query)
    for name, labels in found.metrics.items():
        if name not in known:
            yield name
        else:
            yield from (f"{name}{{{label}}}" for label in sorted(labels - known[name]))
    of_all = {label for name in found.metrics for label in known.get(name, ())}
    yield from (f"by {label}" for label in sorted(found.grouping - of_all - MADE_LABELS))
