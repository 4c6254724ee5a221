"""What a person types, from start to clean, with stand-ins for the services."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import keeper
from local.paths import ROOT, jars_dir
from local.stack import RUN_DIR_VARIABLE

SUPERVISOR = """
import functools, sys
from local import up
from local.stack import Stack
from local.tests.conftest import stand_ins
up.Stack = functools.partial(Stack, table=stand_ins, durable=False)
up._write_tokens = lambda folder, addresses: {"auditor": folder / "tokens" / "auditor"}
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
