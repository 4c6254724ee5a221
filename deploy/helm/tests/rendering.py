"""The charts with the values of a country: what `helm template` with the files in their order would give."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.helm.tests.engine import Chart

HELM: Final = Path(__file__).resolve().parent.parent
ROOT: Final = HELM.parent.parent
CHARTS: Final = ("data", "services")
ENVIRONMENTS: Final = ("staging", "production")
SERVICES: Final = ("members", "invoicing", "payroll", "guarantee", "governance")
FIXTURES: Final = Path(os.environ.get("PARTAGE_FIXTURES", ROOT / "../shared/fixtures"))
GROUP: Final = "group"
RELEASE_FILE: Final = HELM / "tests" / "release.yaml"

Object = dict[str, Any]


def countries(helm: Path = HELM) -> tuple[str, ...]:
    """The countries that have a folder here; the group is none."""
    return tuple(sorted(folder.name for folder in (helm / "countries").iterdir() if folder.name != GROUP))


def read(path: Path) -> Any:
    """A YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def documents(text: str) -> list[Object]:
    """The objects of a manifest."""
    return [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values laid over values, as Helm does it: maps are merged, anything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def value_files(chart: str, country: str, environment: str, helm: Path = HELM) -> list[Path]:
    """The files after the chart's own, in their order."""
    files = [helm / "topology.yaml", helm / "environments" / f"{environment}.yaml"]
    files.append(helm / "countries" / country / f"{chart}.yaml")
    if chart == "services":
        files.append(helm / "tests" / "release.yaml")
    return files


def values_of(chart: str, country: str, environment: str, helm: Path = HELM) -> dict[str, Any]:
    """The values of a country, without the chart's defaults."""
    values: dict[str, Any] = {}
    for path in value_files(chart, country, environment, helm):
        values = merged(values, read(path) or {})
    return values


def namespace_of(country: str) -> str:
    """Where a country lives."""
    return f"coop-{country}"


def render_text(chart: str, country: str, values: Mapping[str, Any], helm: Path = HELM) -> dict[str, str]:
    """The manifests by template. Raises Refused."""
    return Chart(helm / chart).render(values, release=chart, namespace=namespace_of(country))


def render(chart: str, country: str, values: Mapping[str, Any], helm: Path = HELM) -> list[Object]:
    """The objects of a chart with these values. Raises Refused."""
    found: list[Object] = []
    for path, text in sorted(render_text(chart, country, values, helm).items()):
        if path.endswith(".yaml"):
            found += documents(text)
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """What one country gets in one environment: the objects of both charts."""

    country: str
    environment: str
    data: Sequence[Object]
    services: Sequence[Object]

    @property
    def objects(self) -> list[Object]:
        """Both charts' objects."""
        return [*self.data, *self.services]

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return namespace_of(self.country)

    def of(self, kind: str) -> list[Object]:
        """The objects of a kind."""
        return [each for each in self.objects if each["kind"] == kind]

    def one(self, kind: str, name: str) -> Object:
        """The object of that kind and name."""
        [found] = [each for each in self.of(kind) if each["metadata"]["name"] == name]
        return found


@cache
def cell(country: str, environment: str = "production") -> Cell:
    """A country, rendered and parsed once in a process."""
    data, services = (render(chart, country, values_of(chart, country, environment)) for chart in CHARTS)
    return Cell(country, environment, tuple(data), tuple(services))


def cells() -> Iterator[Cell]:
    """All countries in all environments."""
    for environment in ENVIRONMENTS:
        for country in countries():
            yield cell(country, environment)
