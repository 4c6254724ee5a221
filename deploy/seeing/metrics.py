"""The one list of metrics, read from the code that declares them: `python -m deploy.seeing.metrics`."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric as Family

from commons import telemetry

ROOT: Final = Path(__file__).parents[2]
LIST: Final = ROOT / "docs" / "metrics.md"
SERVICES: Final = ("members", "invoicing", "payroll", "guarantee", "governance")
API, WORKER, GATEWAY = "api", "worker", "gateway"

ADDED_LABELS: Final = ("country", "service", "process", "namespace", "pod", "container", "job", "instance")
"""What the scraping adds to every series: the first three from the pod's labels."""

_DECLARES: Final = re.compile(r"^(from|import) prometheus_client\b", re.MULTILINE)
_UNITS: Final = {"seconds": "s", "hours": "h", "bytes": "B"}
# What the library and the kernel count: their labels, since theirs are no objects of ours to be read.
_LIBRARY_LABELS: Final = {
    "python_gc": ("generation",),
    "python_info": ("implementation", "major", "minor", "patchlevel", "version"),
}


@dataclass(frozen=True, slots=True, order=True)
class Metric:
    """One metric: its name as it is exposed, what it says, and which programs show it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    programs: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit, from the name; nothing where it is a count."""
        words = self.name.removesuffix("_total").rsplit("_", 1)
        return _UNITS.get(words[-1], "")

    @property
    def series(self) -> tuple[str, ...]:
        """The names that a query may use."""
        if self.kind == "histogram":
            return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,)

    def of(self, service: str, process: str) -> bool:
        """Whether this program of this service shows it."""
        return process in self.programs or f"{service} {process}" in self.programs


def all_metrics() -> list[Metric]:
    """Every metric of every program of a cell, by name."""
    modules = [importlib.import_module(name) for name in _declaring_modules()]
    found = [*_of_services(), *_of_the_gateway()]
    names = [metric.name for metric in found]
    assert len(modules) > 1, "the search finds the modules that declare metrics"
    return sorted(
        Metric(
            name,
            *next((m.kind, m.labels, m.meaning) for m in found if m.name == name),
            tuple(sorted({program for m in found if m.name == name for program in m.programs})),
        )
        for name in sorted(set(names))
    )


def exposed_names(family: Family) -> str:
    """The name of a family as it stands in the list: a counter's has its ending."""
    return f"{family.name}_total" if family.type == "counter" else family.name


def table(metrics: Iterable[Metric]) -> str:
    """The list as a page."""
    lines = [
        "# Metrics",
        "",
        "Written by `make schema` from the code that declares them; a test compares both, another what the",
        "running programs really show. Every series is scraped with the labels "
        f"{', '.join(f'`{label}`' for label in ADDED_LABELS[:3])} too.",
        "",
        "Gauges that count rows of a database are shown alike by every worker of a service: take their `max`",
        "and never their sum.",
        "",
        "| name | kind | unit | labels | meaning | shown by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for metric in metrics:
        labels = " ".join(f"`{label}`" for label in metric.labels)
        meaning = metric.meaning.rstrip(".").replace("|", "\\|")
        lines.append(
            f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {meaning} | "
            f"{', '.join(metric.programs)} |"
        )
    return "\n".join(lines) + "\n"


def _declaring_modules() -> Iterator[str]:
    """Modules of the services and their library that declare a metric."""
    for folder in (ROOT / "shared", *(ROOT / "services" / service for service in SERVICES)):
        for file in sorted(folder.glob("*/**/*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            if "tests" not in parts and "testing" not in parts and _DECLARES.search(file.read_text()):
                yield ".".join(parts)


def _of_services() -> Iterator[Metric]:
    owners = _owners()
    for registry, programs in ((REGISTRY, (API, WORKER)), (telemetry.WORK, (WORKER,))):
        for family in registry.collect():
            name = exposed_names(family)
            owner = owners.get(name, "commons")
            shown_by = programs if owner == "commons" else tuple(f"{owner} {each}" for each in programs)
            yield Metric(name, family.type, _labels(registry, family), family.documentation, shown_by)


def _of_the_gateway() -> Iterator[Metric]:
    from gateway.telemetry import LABELS, Metrics

    for family in Metrics().registry.collect():
        name = exposed_names(family)
        yield Metric(name, family.type, LABELS.get(name, ()), family.documentation, (GATEWAY,))


def _owners() -> dict[str, str]:
    """The package whose module holds each metric in a name of its own, or in a figure."""
    from commons.figures import Figure

    owners: dict[str, str] = {}
    for module in [
        module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] in SERVICES
    ]:
        owner = module.__name__.partition(".")[0]
        held = [value for value in vars(module).values() if isinstance(value, MetricWrapperBase)]
        for figure in getattr(module, "FIGURES", ()):
            if isinstance(figure, Figure):
                held += [figure.gauge, *([figure.beside.gauge] if figure.beside else [])]
        for metric in held:
            for family in metric.collect():
                owners[exposed_names(family)] = owner
    for shared in [each for each in vars(telemetry).values() if isinstance(each, MetricWrapperBase)]:
        for family in shared.collect():
            owners.pop(exposed_names(family), None)
    from commons.ledger import HOLDS_WITHOUT_PROCESS

    for family in HOLDS_WITHOUT_PROCESS.collect():
        owners.pop(exposed_names(family), None)
    return owners


def _labels(registry: CollectorRegistry, family: Family) -> tuple[str, ...]:
    collector = registry._names_to_collectors.get(family.name)
    if isinstance(collector, MetricWrapperBase):
        return tuple(collector._labelnames)
    return next((labels for start, labels in _LIBRARY_LABELS.items() if family.name.startswith(start)), ())


if __name__ == "__main__":
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_text(table(all_metrics()), encoding="utf-8")
