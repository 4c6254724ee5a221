"""Lock files hold names, versions and hashes: never the address of whoever locked."""

import json
import re
from pathlib import Path

import pytest

from local import jars

ROOT = Path(__file__).resolve().parents[2]
NPM_LOCKS = [
    path
    for path in (
        ROOT / name / "package-lock.json"
        for name in ("gateway", "tests/browser", "tests/bench", "tests/oracles")
    )
    if path.exists()
]


@pytest.mark.parametrize("name", ["requirements.lock", "jars.lock", "tests/oracles/requirements.lock"])
def test_a_lock_names_no_address_and_no_folder_of_a_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^(-e|--index-url|--extra-index-url|--find-links|.* @ )", text, re.MULTILINE)


@pytest.mark.parametrize("path", NPM_LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_npm_lock_names_no_address_but_those_of_people_to_thank(path: Path) -> None:
    for name, package in json.loads(path.read_text())["packages"].items():
        without_thanks = {key: value for key, value in package.items() if key != "funding"}
        assert "://" not in json.dumps(without_thanks), name
        assert name in ("",) or package.get("integrity") or package.get("link"), f"{name} has no hash"


@pytest.mark.parametrize("name", ["requirements.lock", "tests/oracles/requirements.lock"])
def test_every_python_package_has_a_version_and_a_hash(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert packages
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+", package), package[:60]
        assert "--hash=sha256:" in package, package[:60]


def test_every_jar_has_a_hash_a_size_and_a_path_inside_a_repository() -> None:
    locked = jars.locked()
    assert len({jar.path for jar in locked}) == len(locked)
    for jar in locked:
        assert re.fullmatch(r"[0-9a-f]{64}", jar.sha256)
        assert 0 < jar.size < 100_000_000
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.+-]+)+\.jar", jar.path)
        assert ".." not in jar.path


def test_the_pinned_broker_and_the_rules_of_electronic_invoices_are_among_the_jars() -> None:
    names = {jar.name for jar in jars.locked()}
    assert {"kafka_2.13-4.4.0.jar", "slf4j-simple-1.7.36.jar"} <= names
    assert {"phive-rules-en16931-4.3.7.jar", "phive-rules-peppol-4.3.7.jar", "ph-ubl21-10.2.0.jar"} <= names


def test_no_second_lock_stands_beside_it() -> None:
    assert not (ROOT / "uv.lock").exists()


def test_nothing_that_is_compared_with_is_installed_with_the_product() -> None:
    shipped = (ROOT / "requirements.lock").read_text().lower()
    assert "openfisca" in (ROOT / "tests/oracles/requirements.lock").read_text().lower()
    assert "openfisca" not in shipped
