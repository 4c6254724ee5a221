"""Where the layers of the cluster cannot run, they say so and why; `make test` runs this alone of the folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.cluster import build
from deploy.cluster.__main__ import main


@pytest.fixture
def nothing_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    stages = tmp_path / "stages.yaml"
    stages.touch()
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "STAGES", stages)
    return tmp_path


def _go(folder: Path, version: str) -> None:
    program = folder / "go"
    program.write_text(
        f'#!/bin/sh\n[ "$1" = env ] && echo {version} && exit 0\necho "no such module" >&2; exit 1\n'
    )
    program.chmod(0o755)


def test_without_go_the_layers_say_that_they_did_not_run(
    nothing_built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(nothing_built))
    assert main(["build"]) == 1
    assert "layers 6, 7: not run, there is no Go on the path; go 1.26 or newer" in capsys.readouterr().err
    assert main(["why-not"]) == 1


def test_a_go_that_is_too_old_builds_nothing(nothing_built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(nothing_built, "go1.19.8")
    monkeypatch.setenv("PATH", f"{nothing_built}:/usr/bin:/bin")
    with pytest.raises(build.NotRun, match=r"not run, go1\.19\.8 is too old"):
        build.build()


def test_where_modules_cannot_be_had_the_layers_say_what_go_said(
    nothing_built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _go(nothing_built, "go1.30")
    monkeypatch.setenv("PATH", f"{nothing_built}:/usr/bin:/bin")
    with pytest.raises(build.NotRun, match=r"`go list` failed with status 1:\nno such module"):
        build.build()


def test_without_the_operators_definitions_the_layers_did_not_run(nothing_built: Path) -> None:
    build.STAGES.unlink()
    reason = build.why_not()
    assert reason is not None
    assert reason.startswith("layers 6, 7: not run, the operators' definitions are not in")


def test_every_module_is_locked_by_its_hash_and_by_nothing_else() -> None:
    lines = (build.SOURCES / "go.sum").read_text().splitlines()
    assert len(lines) > 400
    for line in lines:
        assert re.fullmatch(r"[\w.~/!-]+ v[\w.+-]+(/go\.mod)? h1:[A-Za-z0-9+/]{43}=", line), line
    assert "://" not in (build.SOURCES / "go.mod").read_text()
