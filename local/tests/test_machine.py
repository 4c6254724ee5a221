"""What a machine lacks is said before anything is installed."""

import subprocess
import sys

import pytest

from local import machine
from local.paths import ROOT


def test_this_machine_lacks_nothing_that_this_test_suite_has_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_BYTES_MIN", 0)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    assert machine.lacks() == []


def test_an_old_python_is_named_with_the_way_to_choose_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PYTHON_MIN", (99, 0))
    assert any("make PYTHON=python3.11" in sentence for sentence in machine.lacks())


def test_a_python_without_venv_is_answered_with_the_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert any(sentence.endswith("apt install python3-venv") for sentence in machine.lacks())


def test_a_full_disk_is_said_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_BYTES_MIN", 10**18)
    assert any("MB left; an installation from nothing wants" in sentence for sentence in machine.lacks())


def test_it_runs_on_a_bare_python() -> None:
    bare = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "local" / "machine.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert bare.returncode in (0, 1)
    assert "Traceback" not in bare.stderr


def test_make_alone_says_what_there_is() -> None:
    said = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    for target in ("run", "story", "stop", "status", "test", "broker-check", "lock", "clean", "psql"):
        assert f"\n  {target} " in said
