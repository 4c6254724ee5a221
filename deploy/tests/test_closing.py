"""The last lines of a run say what ran in it, and what did not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.closing import LAYERS

TESTS = """
import pytest

@pytest.mark.layer(3)
def test_means_something(): pass

@pytest.mark.layer(3, 4)
@pytest.mark.parametrize("number", [1, 2])
def test_means_more(number): pass

@pytest.mark.layer(5)
def test_needs_definitions(): pytest.skip("layer 5: not run, the definitions are not here")

def test_needs_a_builder(): pytest.skip("images: not run: no image builder here")

def test_is_skipped_for_another_reason(): pytest.skip("it is Sunday")

@pytest.mark.layer(8)
def test_finds_a_fault(): assert False

def test_of_no_layer(): pass
"""


def _said(folder: Path, *words: str) -> list[str]:
    (folder / "test_it.py").write_text(TESTS)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "deploy.closing",
            "-p",
            "no:cacheprovider",
            *words,
            "test_it.py",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return [line for line in done.stdout.splitlines() if "layer" in line or "not run" in line]


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["in one process", "in several"])
def test_the_lines_are_those_of_what_ran(words: tuple[str, ...], tmp_path: Path) -> None:
    said = _said(tmp_path, "--no-summary", *words)
    assert said == [
        "layers that ran, and tests that passed: 3 meaning (3), 4 objects (2)",
        "layers with failures: 8 real programs (1)",
        "layers not run: 1 schema, 2 render, 5 custom resources, 9 rules, 10 migrations",
        "layers not run: 6 real API server, 7 real controllers (make test-cluster)",
        "images: not run: no image builder here (tests: 1)",
        "layer 5: not run, the definitions are not here (tests: 1)",
    ]


def test_a_run_that_touches_no_layer_says_nothing_of_them(tmp_path: Path) -> None:
    assert _said(tmp_path, "-k", "of_no_layer or another_reason") == []


def test_the_readme_has_a_line_for_each_layer() -> None:
    readme = (Path(__file__).parents[1] / "helm" / "README.md").read_text()
    for number in LAYERS:
        assert f"| {number} |" in readme, f"layer {number} is not explained"
