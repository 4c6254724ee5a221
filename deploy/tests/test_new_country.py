"""A further country: every file is made, what is empty is said, and nothing starts until it is filled."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from commons.country import SECTIONS, CountryDataWrong, load_country
from deploy.helm.tests.engine import Refused
from deploy.helm.tests.meaning import complaints
from deploy.helm.tests.rendering import render, values_of
from deploy.new_country import GATEWAY, GROUP, HELM, LAW, ROOT, NotMade, main, make, still_empty

pytestmark = pytest.mark.xdist_group("charts")

NEW: Final = "pl"
MADE: Final = {
    *(LAW / NEW / f"{section}.yaml" for section in SECTIONS),
    HELM / NEW / "services.yaml",
    HELM / NEW / "data.yaml",
    GATEWAY,
    GROUP,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the command works on, copied."""
    shutil.copytree(ROOT / LAW, tmp_path / LAW)
    shutil.copytree(
        ROOT / "deploy/helm", tmp_path / "deploy/helm", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / GATEWAY).parent.mkdir(parents=True)
    shutil.copyfile(ROOT / GATEWAY, tmp_path / GATEWAY)
    return tmp_path


def test_every_file_is_made_and_what_is_empty_is_said(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([NEW, "--root", str(tree)]) == 0
    said = capsys.readouterr().out
    for path in MADE:
        assert f"written: {path}\n" in said
    assert f"{LAW}/{NEW}/country.yaml: currency: still empty.\n" in said
    assert f"{LAW}/{NEW}/country.yaml: enterprise_number: still empty.\n" in said
    assert f"{LAW}/{NEW}/membership.yaml: share_value: still empty: values, source, checked_until.\n" in said
    assert f"{LAW}/{NEW}/governance.yaml: rule_sets: still empty.\n" in said
    assert "backup.region is still empty" in said
    assert "has no worked case" in said
    assert main([NEW, "--check", "--root", str(tree)]) == 1
    assert f'"{NEW.upper()}"' in (tree / GATEWAY).read_text()
    assert f", {NEW}, " in (tree / GROUP).read_text()


def test_a_program_of_a_half_filled_country_does_not_start_and_names_what_is_missing(tree: Path) -> None:
    make(NEW, tree)
    # Half of it: who the country is, and nothing of its law.
    shutil.copyfile(tree / LAW / "fr/country.yaml", tree / LAW / NEW / "country.yaml")
    variables = {
        "COUNTRY": NEW,
        "COUNTRIES_DIR": str(tree / LAW),
        "PATH": os.environ["PATH"],
        "HTTP_PORT": "8080",
    }
    variables |= {"JWT_ISSUER": "http://issuer", "JWKS_URL": "http://issuer/jwks.json"}
    variables |= {"DATABASE_URL": "postgresql://nobody", "KAFKA_BOOTSTRAP": "nowhere:9093"}
    done = subprocess.run(
        [sys.executable, "-m", "members", "api"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert f"{NEW}/membership.yaml: share_value: still empty: values, source, checked_until" in done.stderr
    assert f"{NEW}/country.yaml" not in done.stderr, "what is filled is not complained of"


def test_the_charts_refuse_a_country_without_a_region_and_take_it_once_it_has_one(tree: Path) -> None:
    make(NEW, tree)
    helm = tree / "deploy/helm"
    with pytest.raises(Refused, match=r"backup\.region is not set"):
        render("data", NEW, values_of("data", NEW, "production", helm), helm)
    path = tree / HELM / NEW / "data.yaml"
    path.write_text(path.read_text().replace('region: ""', "region: eu-central"))
    objects = [
        each
        for chart in ("data", "services")
        for each in render(chart, NEW, values_of(chart, NEW, "production", helm), helm)
    ]
    assert len(objects) > 100
    assert complaints(objects) == []


def test_once_everything_is_filled_nothing_is_said(tree: Path) -> None:
    make(NEW, tree)
    for section in SECTIONS:
        shutil.copyfile(tree / LAW / "be" / f"{section}.yaml", tree / LAW / NEW / f"{section}.yaml")
    shutil.copytree(tree / LAW / "be/cases", tree / LAW / NEW / "cases")
    path = tree / HELM / NEW / "data.yaml"
    path.write_text(path.read_text().replace('region: ""', "region: eu-west"))
    assert still_empty(NEW, tree) == []
    assert main([NEW, "--check", "--root", str(tree)]) == 0
    (tree / LAW / NEW / "guarantee.yaml").unlink()
    (tree / HELM / NEW / "services.yaml").unlink()
    assert still_empty(NEW, tree) == [
        f"{LAW}/{NEW}/guarantee.yaml does not exist.",
        f"{HELM}/{NEW}/services.yaml does not exist.",
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_file_names_what_every_other_country_has(section: str, tree: Path) -> None:
    make(NEW, tree)
    text = (tree / LAW / NEW / f"{section}.yaml").read_text()
    own = yaml.safe_load(text)
    others = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / LAW).glob(f"*/{section}.yaml"))]
    assert set(own) >= set.intersection(*(set(other) for other in others))
    with pytest.raises(CountryDataWrong) as wrong:
        load_country(NEW, folder=tree / LAW)
    for name in own:
        assert re.search(rf"^{NEW}/{section}\.yaml: {name}[.:]", str(wrong.value), re.MULTILINE), name


@pytest.mark.parametrize("code", ["", "POL", "PL", "p1", "be"])
def test_what_is_no_new_country_is_refused_in_a_sentence(code: str, tree: Path) -> None:
    with pytest.raises(NotMade, match=r"CC is|is there already"):
        make(code, tree)
    assert (tree / GATEWAY).read_text() == (ROOT / GATEWAY).read_text(), "nothing was written"


@pytest.mark.parametrize("code", ["", "POL", "PL", "p1"])
def test_what_is_no_country_is_not_checked_either(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([code, "--check"]) == 1
    said = capsys.readouterr()
    assert "two lower-case letters" in said.err
    assert said.out == "", "it does not say that a country of this name can be made"


def test_every_country_of_this_tree_is_filled() -> None:
    for folder in sorted((ROOT / HELM).iterdir()):
        code = folder.name
        if (ROOT / LAW / code / "governance.yaml").is_file():
            assert still_empty(code) == []


def test_the_page_names_the_commands_and_the_files() -> None:
    page = (ROOT / "deploy/helm/README.md").read_text()
    section = page.partition("## Add a country")[2].partition("\n## ")[0]
    for words in (
        "make new-country CC=pl",
        "make country-check CC=pl",
        "shared/countries/pl",
        "countries/pl",
    ):
        assert words in section
    makefile = (ROOT / "Makefile").read_text()
    assert "\nnew-country:" in makefile
    assert "\ncountry-check:" in makefile
