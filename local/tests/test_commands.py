"""What a person types, from start to clean, with stand-ins for the services."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import __main__ as commands
from local import keeper, up
from local.failure import LocalFailure
from local.paths import ROOT, jars_dir
from local.processes import Cell, choose_ports
from local.stack import RUN_DIR_VARIABLE

SUPERVISOR = """
import functools, sys
from local import up
from local.stack import Stack
from local.tests.conftest import stand_ins
up.Stack = functools.partial(Stack, table=stand_ins, durable=False)
def write_tokens(folder, addresses):
    (folder / "tokens").mkdir(exist_ok=True)
    (folder / "tokens" / "auditor").write_text("a.token.signed")
    return {"auditor": folder / "tokens" / "auditor"}
up._write_tokens = write_tokens
up.STORY_MODULE = sys.argv[2]
sys.exit(up.up(story=sys.argv[2] != "none", serve=sys.argv[1] == "serve"))
"""
START_SECONDS_MAX = 90


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    keeper.kill_all(RUN_DIR_VARIABLE, str(tmp_path))


def test_a_stack_is_started_shown_looked_into_stopped_and_cleaned(folder: Path) -> None:
    with _serving(folder) as supervisor:
        shown = _local(folder, "status")
        assert shown.returncode == 0, shown.stdout
        assert "gateway              ready" in shown.stdout
        assert "be.members.v1" in _local(folder, "kafka-topics").stdout
        refused = _local(folder, "clean")
        assert refused.returncode == 1
        assert "`make stop` first" in refused.stderr
        stopped = _local(folder, "stop")
        assert "Stopped after" in stopped.stdout
        assert supervisor.wait(START_SECONDS_MAX) == 0
    assert keeper.processes_with(RUN_DIR_VARIABLE, str(folder)) == []
    assert "Nothing runs" in _local(folder, "status").stdout
    assert "Kafka Server started" in _local(folder, "logs", "kafka", lines=True).stdout
    assert _local(folder, "clean").returncode == 0
    assert not (folder / "data").exists()


def test_two_countries_are_two_cells_with_folders_and_ports_of_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTRIES", "be,fr")
    french = folder / "cells" / "fr"
    with _serving(folder) as supervisor:
        belgian_topics, french_topics = (_local(cell, "kafka-topics").stdout for cell in (folder, french))
        assert "be.members.v1" in belgian_topics
        assert "fr.members.v1" not in belgian_topics
        assert "fr.members.v1" in french_topics
        here, there = (json.loads((cell / "addresses.json").read_text()) for cell in (folder, french))
        assert here["GATEWAY_URL"] != there["GATEWAY_URL"]
        assert "Stopped after" in _local(folder, "stop").stdout
        assert supervisor.wait(START_SECONDS_MAX) == 0
    for cell in (folder, french):
        assert keeper.processes_with(RUN_DIR_VARIABLE, str(cell)) == []
    monkeypatch.setenv("COUNTRIES", "fr")
    with _start(folder, "once", "none") as other:
        said = other.communicate(timeout=START_SECONDS_MAX)[0]
    assert other.returncode == 1
    assert "holds the cell be, and not fr" in said
    assert _local(folder, "clean").returncode == 0
    assert not french.exists()


def test_control_c_stops_everything_in_order(folder: Path) -> None:
    with _serving(folder) as supervisor:
        supervisor.send_signal(signal.SIGINT)
        rest = supervisor.communicate(timeout=START_SECONDS_MAX)[0]
    assert rest.rstrip().endswith("Stopped.")
    assert supervisor.returncode == 0
    assert keeper.processes_with(RUN_DIR_VARIABLE, str(folder)) == []


def test_a_story_that_ends_well_ends_the_start_with_status_0(folder: Path) -> None:
    # The module `this` prints a poem and ends well.
    with _start(folder, "once", "this") as played:
        said = played.communicate(timeout=START_SECONDS_MAX)[0]
    assert played.returncode == 0, said
    assert "Beautiful is better than ugly" in said


def test_a_story_that_fails_ends_the_start_with_status_1(folder: Path) -> None:
    with _start(folder, "once", "no_such_story") as played:
        said = played.communicate(timeout=START_SECONDS_MAX)[0]
    assert played.returncode == 1
    assert "The story ended with status 1" in said
    assert keeper.processes_with(RUN_DIR_VARIABLE, str(folder)) == []


def test_nothing_to_stop_is_not_a_failure(folder: Path) -> None:
    stopped = _local(folder, "stop")
    assert stopped.returncode == 0
    assert f"Nothing runs in {folder}" in stopped.stdout


def test_a_database_of_a_stack_that_does_not_run_is_refused_in_a_sentence(folder: Path) -> None:
    refused = _local(folder, "psql", "members")
    assert refused.returncode == 1
    assert refused.stderr.strip() == f"Nothing runs in {folder}; `make run` starts it."


def test_the_log_of_an_unknown_program_is_refused_in_a_sentence(folder: Path) -> None:
    refused = _local(folder, "logs", "nobody")
    assert refused.returncode == 1
    assert "There is no log nobody" in refused.stderr


def test_cleaning_refuses_a_folder_that_is_not_ours(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "thesis.txt").write_text("years of work")
    refused = _local(folder, "clean")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Nothing is deleted: {folder} has no VERSION file of the local stack")
    assert (folder / "data" / "thesis.txt").exists()


def test_cleaning_deletes_what_the_stack_writes_and_nothing_else(folder: Path) -> None:
    for name in ("data", "logs", "tokens", "story", "jars", "mine"):
        (folder / name).mkdir()
        (folder / name / "file").touch()
    for name in ("addresses.json", "processes.json", "lock", "letter.txt"):
        (folder / name).touch()
    (folder / "VERSION").write_text("1\n")
    assert _local(folder, "clean").returncode == 0
    assert sorted(entry.name for entry in folder.iterdir()) == ["jars", "letter.txt", "mine"]
    assert f"There is nothing to delete in {folder}." in _local(folder, "clean").stdout


def test_what_cannot_be_deleted_is_said_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "VERSION").write_text("1\n")
    (folder / "data").mkdir()

    def refuse(entry: Path) -> None:
        raise PermissionError(13, "Permission denied", str(entry))

    monkeypatch.setenv("RUN_DIR", str(folder))
    monkeypatch.setattr("local.__main__.shutil.rmtree", refuse)
    with pytest.raises(LocalFailure, match=r"/data cannot be deleted: Permission denied\."):
        commands._clean()
    assert (folder / "VERSION").exists(), "so that it can be cleaned again"


def test_a_second_start_leaves_the_first_alone_and_does_not_say_that_it_stops(folder: Path) -> None:
    with _serving(folder) as supervisor:
        with _start(folder, "serve", "none") as second:
            said = second.communicate(timeout=START_SECONDS_MAX)[0]
        assert second.returncode == 1
        assert "A stack already runs" in said
        assert "Stopp" not in said
        assert _local(folder, "status").returncode == 0
        # A supervisor killed with -9 leaves its addresses behind, and nobody answers there.
        supervisor.send_signal(signal.SIGKILL)
        supervisor.communicate(timeout=START_SECONDS_MAX)
    assert (folder / "addresses.json").exists()
    refused = _local(folder, "psql", "members")
    assert refused.stderr.strip() == f"Nothing runs in {folder}; `make run` starts it."


def test_how_to_get_the_token_of_a_member_is_said(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    cell = Cell("be", folder, choose_ports(0), {})
    (folder / "auditor").write_text("a.token.signed")
    up._say_addresses(cell.addresses, {"auditor": folder / "auditor"})
    said = capsys.readouterr().out
    assert f"{cell.url('gateway')}/graphql (GraphiQL in a browser)" in said
    assert f"curl -s -X POST {cell.url('identity')}/token -H 'Content-Type: application/json' -d" in said
    assert '"persona": "member", "member_id": ' in said


def test_an_unknown_service_is_answered_with_those_there_are(folder: Path) -> None:
    for arguments in (("payrol",), ()):
        refused = _local(folder, "psql", *arguments)
        assert refused.returncode == 1
        assert "members, invoicing, payroll, guarantee, governance." in refused.stderr
        assert "usage" not in refused.stderr


def test_a_reader_of_the_logs_who_has_seen_enough_ends_them_quietly(folder: Path) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "gateway.log").write_text("a line of it\n" * 100_000)
    read = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m local logs -n 100000 | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(folder),
        timeout=START_SECONDS_MAX,
        check=False,
    )
    assert read.stdout.splitlines() == ["a line of it", "0"]
    assert read.stderr == ""


def test_a_setup_in_a_folder_that_is_a_file_is_refused_in_a_sentence(folder: Path) -> None:
    file = folder / "file"
    file.touch()
    refused = subprocess.run(
        [sys.executable, "-m", "local", "setup"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**_environment(folder), "JARS_DIR": str(file)},
        timeout=START_SECONDS_MAX,
        check=False,
    )
    assert refused.returncode == 1
    assert (
        refused.stderr.strip() == f"{file} is a file and not a folder: set JARS_DIR or RUN_DIR to a folder."
    )


def _serving(folder: Path) -> subprocess.Popen[str]:
    supervisor = _start(folder, "serve", "none")
    assert supervisor.stdout is not None
    said = []
    for line in supervisor.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            addresses = json.loads((folder / "addresses.json").read_text())
            assert addresses["GATEWAY_URL"] in "".join(said)
            return supervisor
    raise AssertionError("".join(said))


def _start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=_environment(folder),
    )


def _local(folder: Path, *arguments: str, lines: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments, *(["--lines", "4000"] if lines else [])],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(folder),
        timeout=START_SECONDS_MAX,
        check=False,
    )


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "RUN_DIR": str(folder), "JARS_DIR": str(jars_dir()), "PORT_BASE": "0"}
