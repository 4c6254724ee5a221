"""Each alert reads what exists, fires when it should and only then, and has a page that says what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.seeing.asking import unknown
from deploy.seeing.metrics import ROOT, SERVICES
from deploy.seeing.promql import UnreadableQuery, asked
from deploy.seeing.promtool import judged, promtool

CHARTS = {chart: ROOT / "deploy" / "helm" / chart for chart in ("services", "data")}
FILES = sorted(
    file
    for chart in CHARTS.values()
    for file in (chart / "files" / "alerts").glob("*.yaml")
    if not file.name.endswith(".test.yaml")
)
HEADINGS = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]
IDS = [file.stem for file in FILES]


def rule(file: Path) -> Any:
    [group] = yaml.safe_load(file.read_text())["groups"]
    [only] = group["rules"]
    assert group["name"] == only["alert"] == file.stem
    return only


def runbook(file: Path) -> Path:
    named: str = rule(file)["annotations"]["runbook"]
    return file.parents[2] / named


def test_there_are_alerts_for_each_of_the_four_promises() -> None:
    assert len(FILES) > 25
    for wanted in ("ApiFailsTooOften", "EventsAreLate", "WagesHaveNoPayslip", "InvoicesLeaveLate"):
        assert wanted in IDS


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_an_alert_asks_for_metrics_and_labels_that_programs_show(file: Path) -> None:
    assert list(unknown(rule(file)["expr"])) == []
    assert rule(file)["labels"]["severity"] in ("page", "ticket")


def test_a_metric_or_a_label_that_nothing_shows_is_found() -> None:
    assert list(unknown("sum by (country) (rate(gateway_request_total[5m]))")) == [
        "gateway_request_total",
        "by country",
    ]
    assert list(unknown('parked_keys{type="failed"}')) == ["parked_keys{type}"]
    assert list(unknown("max by (land) (parked_keys)")) == ["by land"]
    assert list(unknown('capability_seconds_bucket{le="0.5"} > 1 or on (country) up == 0')) == []
    with pytest.raises(UnreadableQuery):
        asked("a ? b")


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_a_person_who_is_woken_finds_the_page(file: Path) -> None:
    page = runbook(file)
    text = page.read_text()
    assert page.stem == file.stem
    assert re.findall(r"^## .*$", text, re.MULTILINE) == HEADINGS
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert any((chart / "runbooks" / link).is_file() for chart in CHARTS.values()), link


def test_no_page_is_without_its_alert() -> None:
    pages = {page.stem for chart in CHARTS.values() for page in (chart / "runbooks").glob("*.md")}
    assert pages == set(IDS)


def test_the_commands_and_fields_of_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {"doctor", "parked", "replay", "migrate", "api", "worker"}
    schema = (ROOT / "gateway" / "schema" / "api.graphql").read_text()
    seen = 0
    for file in FILES:
        text = runbook(file).read_text()
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert target in targets, (file.stem, target)
        for service, command in re.findall(r"python -m (\S+) ([a-z]+)", text):
            assert service in (*SERVICES, "<service>"), (file.stem, service)
            assert command in commands, (file.stem, command)
            seen += 1
        for field in re.findall(r"`([a-z]+[A-Z][A-Za-z]+)(?:\([a-zA-Z]+\))?`", text):
            if field not in ("maxReplicaCount", "payslipRefusalCode"):
                assert re.search(rf"^  {field}\b", schema, re.MULTILINE), (file.stem, field)
                seen += 1
    assert seen > 20, "the search finds commands"


@pytest.fixture(scope="session")
def tool() -> Path:
    """The judge."""
    found = promtool()
    if found is None:
        pytest.skip("not run: promtool is not installed, and Debian's package cannot be had here")
    return found


@pytest.mark.layer(9)
@pytest.mark.parametrize("chart", CHARTS)
def test_every_alert_fires_when_it_should_and_only_then(chart: str, tool: Path) -> None:
    files = [file for file in FILES if CHARTS[chart] in file.parents]
    is_good, said = judged(tool, "check", "rules", *map(str, files))
    assert is_good, said
    assert said.count("SUCCESS: 1 rules found") == len(files)
    tests = [file.with_suffix(".test.yaml") for file in files]
    is_good, said = judged(tool, "test", "rules", *map(str, tests))
    assert is_good, said
    assert said.count("SUCCESS") == len(tests)


@pytest.mark.layer(9)
@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_an_alert_that_is_spoilt_fails_its_test(file: Path, tool: Path, tmp_path: Path) -> None:
    """One that never fires, and one that waits for a day too long."""
    beside = file.with_suffix(".test.yaml")
    for spoilt in ({"expr": f"({rule(file)['expr']}) > Inf"}, {"for": "3d"}):
        groups = yaml.safe_load(file.read_text())
        groups["groups"][0]["rules"][0].update(spoilt)
        (tmp_path / file.name).write_text(yaml.safe_dump(groups))
        shutil.copy(beside, tmp_path)
        is_good, _ = judged(tool, "test", "rules", str(tmp_path / beside.name))
        assert not is_good, spoilt
    quiet = [each for each in yaml.safe_load(beside.read_text())["tests"] if not _fires(each)]
    assert quiet, "a case in which it is silent"


def _fires(case: Any) -> bool:
    return any(each["exp_alerts"] for each in case["alert_rule_test"])
