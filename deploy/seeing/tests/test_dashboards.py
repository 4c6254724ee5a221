"""The committed dashboards are those that the generator draws, and each panel asks for what programs show."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.seeing.asking import unknown
from deploy.seeing.dashboards import FOLDER, dashboards, text_of, write
from deploy.seeing.metrics import SERVICES
from deploy.seeing.promtool import judged, promtool

NAMES = [f"{name}.json" for name in ("promises", "gateway", *SERVICES)]


def queries(name: str) -> Iterator[str]:
    for panel in committed(name)["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def committed(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_the_committed_dashboards_are_those_that_are_drawn() -> None:
    if os.environ.get("REWRITE_COMMITTED"):
        write()
    assert sorted(file.name for file in FOLDER.glob("*.json")) == sorted(NAMES)
    for name, drawn in dashboards().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text_of(drawn), "run `make schema`"


@pytest.mark.parametrize("name", NAMES)
def test_a_panel_asks_for_metrics_and_labels_that_programs_show(name: str) -> None:
    asked = list(queries(name))
    assert len(asked) >= 6
    assert {query: list(unknown(query)) for query in asked if list(unknown(query))} == {}
    assert all('country=~"$country"' in query for query in asked), "each obeys the variable"


def test_every_figure_of_a_service_has_a_panel() -> None:
    assert any("wages_unbacked_due_hours" in query for query in queries("guarantee.json"))
    assert any("invoices_oldest_unsent_seconds" in query for query in queries("invoicing.json"))
    assert any("wages_due_unpaid" in query for query in queries("payroll.json"))


def test_every_query_can_be_parsed_by_prometheus(tmp_path: Any) -> None:
    tool = promtool()
    if tool is None:
        pytest.skip("not run: promtool is not installed, and Debian's package cannot be had here")
    rules = [
        {"record": f"panel:{number}", "expr": query}
        for number, query in enumerate(query for name in NAMES for query in queries(name))
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    is_good, said = judged(tool, "check", "rules", str(file))
    assert is_good, said
    assert f"{len(rules)} rules found" in said
