"""Layers 1 and 2: the schema, and every country in every environment rendered by Helm's own engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.helm.tests.engine import Chart, Refused, library_version
from deploy.helm.tests.rendering import (
    CHARTS,
    ENVIRONMENTS,
    HELM,
    ROOT,
    cells,
    countries,
    read,
    render,
    render_text,
    values_of,
)


def test_every_country_of_the_law_has_a_folder_here_and_the_reverse() -> None:
    law = {path.parent.name for path in (ROOT / "shared" / "countries").glob("*/country.yaml")}
    assert set(countries()) == law
    assert len(law) >= 9


@pytest.mark.layer(2)
def test_every_country_renders_in_every_environment() -> None:
    found = list(cells())
    assert len(found) == len(countries()) * len(ENVIRONMENTS)
    # A chart that renders nothing would pass every check after this one.
    assert min(len(each.services) for each in found) >= 60
    assert min(len(each.data) for each in found) >= 40
    for each in found:
        names = [(one["kind"], one["metadata"]["name"]) for one in each.objects]
        assert len(names) == len(set(names)), "two objects of one name: the second replaces the first"


@pytest.mark.layer(2)
@pytest.mark.parametrize("chart", CHARTS)
def test_helm_lint_has_no_complaint(chart: str) -> None:
    assert library_version().lstrip("v").startswith("4.")
    assert Chart(HELM / chart).complaints(values_of(chart, "be", "production"), namespace="coop-be") == []


@pytest.mark.parametrize("chart", CHARTS)
def test_a_country_file_repeats_no_default(chart: str) -> None:
    defaults = read(HELM / chart / "values.yaml")
    for country in countries():
        own = read(HELM / "countries" / country / f"{chart}.yaml")
        for path, value in _leaves(own):
            assert _at(defaults, path) != value, f"{country}: {'.'.join(path)} is the default already"


@pytest.mark.layer(1)
@pytest.mark.parametrize("chart", CHARTS)
def test_the_schema_is_closed_at_every_level(chart: str) -> None:
    schema = json.loads((HELM / chart / "values.schema.json").read_text())
    assert [path for path, each in _objects(schema) if each.get("additionalProperties") is not False] == [
        "properties.global"
    ]


@pytest.mark.layer(1)
@pytest.mark.parametrize("chart", CHARTS)
def test_an_unknown_value_is_refused_at_every_level(chart: str) -> None:
    defaults = read(HELM / chart / "values.yaml")
    levels = [path for path in _maps(defaults) if path[:1] != ("global",)]
    assert len(levels) >= 15
    for path in [(), *levels]:
        values = values_of(chart, "be", "production")
        level: Any = values
        for name in path:
            level = level.setdefault(name, {})
        level["mispelt"] = 1
        with pytest.raises(Refused, match="mispelt"):
            render(chart, "be", values)


@pytest.mark.layer(2)
@pytest.mark.parametrize("chart", CHARTS)
def test_no_template_names_a_country(chart: str) -> None:
    for path in (HELM / chart / "templates").iterdir():
        text = path.read_text()
        for country in countries():
            for form in (f'"{country}"', f"coop-{country}"):
                assert form not in text, f"{path.name} names {country}"


@pytest.mark.layer(2)
@pytest.mark.parametrize("chart", CHARTS)
def test_no_template_asks_the_cluster_or_makes_up_a_secret(chart: str) -> None:
    for path in (HELM / chart / "templates").iterdir():
        for word in ("lookup ", "randAlpha", "genCA", "genSelf", "genPrivateKey", "helm.sh/hook", "now |"):
            assert word not in path.read_text(), f"{path.name} has {word}"


@pytest.mark.layer(2)
def test_the_notes_name_the_commands_to_look_at_it() -> None:
    for chart in CHARTS:
        text = render_text(chart, "be", values_of(chart, "be", "production"))[f"{chart}/templates/NOTES.txt"]
        assert text.count("kubectl -n coop-be") == 3


def _leaves(values: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found = []
    for key, value in values.items():
        found += _leaves(value, (*path, key)) if isinstance(value, dict) else [((*path, key), value)]
    return found


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _maps(values: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, value in values.items():
        if isinstance(value, dict):
            found += [(*path, key), *_maps(value, (*path, key))]
    return found


def _objects(schema: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    if isinstance(schema, dict):
        if schema.get("type") == "object" and path:
            found.append((path, schema))
        for key, value in schema.items():
            found += _objects(value, f"{path}.{key}".strip("."))
    return found
