"""Where the rule jars and the e-invoicing fixtures lie, and one judge for all tests of this folder."""

import os
from pathlib import Path

import pytest

from commons.country import load_country
from invoicing.documents.judge import Judge
from invoicing.domain.rules import InvoicingRules, invoicing_rules

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def jars_dir() -> Path:
    folder = Path(os.environ.get("JARS_DIR") or ROOT / ".run" / "jars")
    if not (folder / "com" / "helger").is_dir():
        pytest.skip("not run: the rule jars are not here (JARS_DIR)")
    return folder


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    folder = Path(os.environ.get("PARTAGE_FIXTURES") or ROOT.parent / "shared" / "fixtures") / "einvoicing"
    if not folder.is_dir():
        pytest.skip("not run: the e-invoicing fixtures are not here (PARTAGE_FIXTURES)")
    return folder


@pytest.fixture(scope="session")
def judge(jars_dir: Path) -> Judge:
    return Judge(jars_dir)


@pytest.fixture(scope="session")
def rules() -> InvoicingRules:
    return invoicing_rules(load_country("be", need=("country", "invoicing")))
