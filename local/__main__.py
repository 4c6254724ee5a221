"""The commands of the local stack: `python -m local COMMAND`."""

import argparse
import compileall
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local import jars, keeper
from local.failure import LocalFailure
from local.kafka import Kafka, class_archive
from local.paths import ROOT, run_dir
from local.postgres import binaries
from local.processes import SERVICES, cell_of, service_environment
from local.stack import RUN_DIR_VARIABLE, WRITTEN, layout_of, probe, supervisor_of

STOP_TIMEOUT_SECONDS = 60
LOG_LINES_DEFAULT = 40
RESOLVE_TIMEOUT_SECONDS = 600
COMPILED = ("shared", "services", "gateway", "simulators", "local", "tests")


def main() -> int:
    """Answers the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up_parser = commands.add_parser("up", help="start everything, play the story, serve until Ctrl-C")
    up_parser.add_argument("--without-story", action="store_true", help="start and serve only")
    commands.add_parser("story", help="start, play the story once, stop; status 0 or 1")
    commands.add_parser("stop", help="stop the stack of this data folder")
    commands.add_parser("status", help="what runs, and whether it is ready")
    logs = commands.add_parser("logs", help="the last lines of the logs")
    logs.add_argument("name", nargs="?", help="a program, such as payroll-worker; without it, all")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as they grow")
    logs.add_argument("-n", "--lines", type=int, default=LOG_LINES_DEFAULT, help="how many lines of each")
    psql = commands.add_parser("psql", help="open a service's database")
    psql.add_argument("service", nargs="?", help=", ".join(SERVICES))
    commands.add_parser("doctor", help="whether all is well, and what to do where it is not; status 0 or 1")
    operate = commands.add_parser("operate", help="a command of a service: operate payroll parked")
    operate.add_argument("service", choices=SERVICES)
    operate.add_argument(
        "words", nargs=argparse.REMAINDER, help="doctor, parked … or replay …; --help says more"
    )
    commands.add_parser("kafka-topics", help="topics, partitions, records")
    commands.add_parser("clean", help="delete the data, but not the jars")
    commands.add_parser("setup", help="fetch the jars, train the class archive, compile; once")
    commands.add_parser("lock-jars", help="resolve local/pom.xml with Maven and write jars.lock")
    chosen = parser.parse_args()
    try:
        return _run(chosen)
    except LocalFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has seen enough (`make status | head`). Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "up":
            from local.up import up

            return up(story=not chosen.without_story)
        case "story":
            from local.up import up

            return up(serve=False)
        case "stop":
            return _stop()
        case "status":
            return _status()
        case "logs":
            return _logs(chosen.name, lines=chosen.lines, follow=chosen.follow)
        case "psql":
            return _psql(chosen.service)
        case "doctor":
            from local.doctor import doctor

            return doctor(run_dir(), _addresses())
        case "operate":
            return _operate(chosen.service, chosen.words)
        case "kafka-topics":
            return _kafka_topics()
        case "clean":
            return _clean()
        case "setup":
            return _setup()
        case _:
            return _lock_jars()


def _stop() -> int:
    folder = run_dir()
    pid = supervisor_of(folder)
    if pid is None:
        ended = keeper.kill_all(RUN_DIR_VARIABLE, str(folder))
        print(f"Ended {ended} processes left behind." if ended else f"Nothing runs in {folder}.")
        return 0
    print(f"Stopping the stack in {folder} (process {pid}) …", flush=True)
    os.kill(pid, signal.SIGTERM)
    began = time.monotonic()
    while supervisor_of(folder) is not None:
        if time.monotonic() - began > STOP_TIMEOUT_SECONDS:
            raise LocalFailure(
                f"Process {pid} did not stop within {STOP_TIMEOUT_SECONDS} s; `kill -9 {pid}` ends it and "
                "all that it started."
            )
        time.sleep(0.1)
    print(f"Stopped after {time.monotonic() - began:.1f} s.")
    return 0


def _status() -> int:
    folder = run_dir()
    pid = supervisor_of(folder)
    if pid is None:
        print(f"Nothing runs in {folder}.")
        return 1
    print(f"The stack in {folder} is run by process {pid}.")
    try:
        rows = json.loads((folder / "processes.json").read_text())
    except (OSError, ValueError):
        print("It is still starting, or stopping.")
        return 1
    addresses = json.loads((folder / "addresses.json").read_text())
    is_all_well = True
    for row in rows:
        is_alive = row["pid"] is not None and Path(f"/proc/{row['pid']}").exists()
        word, is_well = ("runs", True) if is_alive else ("dead", False)
        variable = row["name"].upper().replace(" API", "").replace(" ", "_") + "_URL"
        if is_alive and variable in addresses and row["name"] != "postgres":
            is_well = probe(f"{addresses[variable]}/readyz")[0] == 200
            word = "ready" if is_well else "not ready"
        is_all_well &= is_well
        again = f", restarted {row['restarts']} times" if row["restarts"] else ""
        print(f"  {row['name']:<20} {word:<10} pid {row['pid']}{again}")
    return 0 if is_all_well else 1


def _logs(name: str | None, *, lines: int, follow: bool) -> int:
    folder = run_dir() / "logs"
    found = sorted(folder.glob(f"{name.replace(' ', '-') if name else '*'}.log"))
    if not found:
        raise LocalFailure(f"There is no log {name or ''} in {folder}.".replace("  ", " "))
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, found)]
    status = subprocess.run(command, check=False).returncode
    return 0 if status == -signal.SIGPIPE else status


def _psql(service: str | None) -> int:
    if service not in SERVICES:
        wish = f"There is no service {service}" if service else "Say which service"
        raise LocalFailure(f"{wish}: make psql SERVICE=… with one of {', '.join(SERVICES)}.")
    address = _addresses()[f"{service.upper()}_DATABASE_URL"]
    program = str(binaries() / "psql")
    os.execv(program, [program, address])  # noqa: S606  (the terminal becomes psql)


def _operate(service: str, words: list[str]) -> int:
    env = {**os.environ, **service_environment(cell_of(_addresses()), service), "HTTP_PORT": "0"}
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", service, *(words or ["parked"])], env)  # noqa: S606  (as above)


def _kafka_topics() -> int:
    bootstrap = _addresses()["KAFKA_BOOTSTRAP"]
    for topic, partitions, records in Kafka.topics_of(bootstrap):
        print(f"  {topic:<28} {partitions:>3} partitions {records:>10} records")
    return 0


def _clean() -> int:
    folder = run_dir()
    if supervisor_of(folder) is not None:
        raise LocalFailure(f"A stack runs in {folder}; `make stop` first.")
    keeper.kill_all(RUN_DIR_VARIABLE, str(folder))
    if not any(os.path.lexists(folder / name) for name in WRITTEN):
        print(f"There is nothing to delete in {folder}.")
        return 0
    if layout_of(folder) is None:
        raise LocalFailure(
            f"Nothing is deleted: {folder} has no VERSION file of the local stack, so what it holds may be "
            "somebody's. RUN_DIR names the folder; delete it by hand if it is the right one."
        )
    for name in WRITTEN:
        entry = folder / name
        try:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
        except OSError as error:
            raise LocalFailure(f"{error.filename} cannot be deleted: {error.strerror}.") from error
    print(f"Deleted the data in {folder}; the jars stay.")
    return 0


def _setup() -> int:
    folder = jars.ensure(say=lambda sentence: print(sentence, flush=True))
    if not class_archive(folder).exists():
        print("training the class archive of Kafka, once (about 10 s)", flush=True)
        with tempfile.TemporaryDirectory(prefix="partage-train-") as scratch:
            Kafka(Path(scratch) / "kafka").train()
    # Only what has changed is compiled; where the checkout cannot be written to, each start compiles anew.
    for part in COMPILED:
        compileall.compile_dir(ROOT / part, quiet=2, rx=re.compile("/node_modules/"))
    return 0


def _lock_jars() -> int:
    maven = shutil.which("mvn")
    if maven is None:
        print("Maven (mvn) is not installed: jars.lock stays as it is.", file=sys.stderr)
        return 0
    # Into an empty repository, so that the lock says what the world has and not what this machine has kept.
    with tempfile.TemporaryDirectory(prefix="partage-lock-") as scratch:
        repository, listing = Path(scratch) / "repository", Path(scratch) / "classpath"
        command = [
            maven,
            "-B",
            "-q",
            "-f",
            str(ROOT / "local" / "pom.xml"),
            f"-Dmaven.repo.local={repository}",
        ]
        command += ["dependency:build-classpath", f"-Dmdep.outputFile={listing}"]
        done = subprocess.run(command, check=False, timeout=RESOLVE_TIMEOUT_SECONDS)
        if done.returncode != 0:
            raise LocalFailure("Maven could not resolve local/pom.xml; jars.lock stays as it is.")
        paths = [Path(entry) for entry in listing.read_text().strip().split(os.pathsep)]
        jars.write_lock(repository, paths)
    print(f"jars.lock: {len(paths)} jars")
    return 0


def _addresses() -> dict[str, str]:
    folder = run_dir()
    # After a kill -9 the file is still there, and nobody answers where it points to.
    if supervisor_of(folder) is None:
        raise LocalFailure(f"Nothing runs in {folder}; `make run` starts it.")
    try:
        found: dict[str, str] = json.loads((folder / "addresses.json").read_text())
    except OSError as error:
        raise LocalFailure(f"The stack in {folder} is still starting, or stopping.") from error
    return found


if __name__ == "__main__":
    sys.exit(main())
