"""Run the tests of the services of an earlier release on the schema of this one: `make old-on-new`.

An upgrade migrates first and replaces programs afterwards; in between, old programs work on the new schema.
What they need of it is what their own tests ask for. The earlier release is a work tree of its own, into
which the migrations that it does not know are put; nothing else of today gets into it. What fails is tried
again on the schema that the release was written for: what fails there, too, is a fault of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from local.paths import ROOT, jars_dir
from local.processes import SERVICES

COMMONS: Final = "shared/commons/sql/migrations"
FOLDERS: Final = ("shared", *(f"services/{service}" for service in SERVICES), "gateway", ".")
GIT_SECONDS_MAX: Final = 120
TESTS_SECONDS_MAX: Final = 3_600
WORKERS: Final = 2
ALL_PASSED: Final = 0
SOME_FAILED: Final = 1


class NothingToTry(Exception):
    """There is no earlier release to try, or its migrations are no beginning of ours; it says why."""


class NotJudged(Exception):
    """The tests could not be run to their end, which says nothing of the schema; it says why."""


class OldTest(NamedTuple):
    """One test, by its file in the tree."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}::{self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a service's tests: how many ran, and which of them failed."""

    count: int
    failed: frozenset[OldTest]


@dataclass(frozen=True, slots=True)
class Judged:
    """How many tests of a service were tried on the new schema, and those that failed there.

    `broken` are those that pass on the old schema, `of_its_own` those that fail on it, too.
    """

    count: int
    broken: Sequence[OldTest]
    of_its_own: Sequence[OldTest]


def before_the_last_migration() -> str:
    """The last commit that lacks one of today's migrations. Raises NothingToTry."""
    places = [":(glob)services/*/migrations/*.sql", f":(glob){COMMONS}/*/*.sql"]
    last = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", *places)
    if not last:
        raise NothingToTry("No commit has added a migration.")
    return _git("rev-parse", f"{last}^")


def migrations(root: Path) -> dict[str, bytes]:
    """Every migration of a tree, by its path in it."""
    files = [*root.glob("services/*/migrations/*.sql"), *(root / COMMONS).glob("*/*.sql")]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def unknown_to(old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """The migrations that the old release does not know, in order. Raises NothingToTry."""
    changed = sorted(name for name, text in old.items() if new.get(name) != text)
    if changed:
        raise NothingToTry(f"Migrations were changed or removed since: {', '.join(changed)}.")
    added = sorted(new.keys() - old.keys())
    if not added:
        raise NothingToTry("The earlier release knows every migration: there is nothing to try.")
    return added


@contextmanager
def tree_of(revision: str) -> Iterator[Path]:
    """A work tree of a revision, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="partage-old-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


@contextmanager
def with_migrations(tree: Path, added: dict[str, bytes]) -> Iterator[None]:
    """The migrations in the tree, for as long as they are needed."""
    for name, text in added.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(text)
    try:
        yield
    finally:
        for name in added:
            (tree / name).unlink()


def try_service(tree: Path, service: str, added: dict[str, bytes], *, workers: int = WORKERS) -> Judged:
    """A service's tests on the new schema, and those that fail on the old one again. Raises NotJudged."""
    with with_migrations(tree, added):
        new = run_tests(tree, [f"services/{service}/tests"], workers=workers)
    if not new.failed:
        return Judged(new.count, (), ())
    # Whole files: the tests of a file share a database, and may need one another.
    old = run_tests(tree, sorted({test.file for test in new.failed}), workers=workers)
    return Judged(new.count, sorted(new.failed - old.failed), sorted(new.failed & old.failed))


def run_tests(tree: Path, paths: Sequence[str], *, workers: int = WORKERS) -> Outcome:
    """Run the tests in these files or folders of a tree. Raises NotJudged."""
    env = {
        **os.environ,
        "PYTHONPATH": ":".join(str((tree / folder).resolve()) for folder in FOLDERS),
        "JARS_DIR": str(jars_dir()),
        "PARTAGE_FIXTURES": os.environ.get("PARTAGE_FIXTURES", str(ROOT.parent / "shared" / "fixtures")),
        "PARTAGE_VECTORS": os.environ.get("PARTAGE_VECTORS", str(ROOT.parent / "shared" / "vectors")),
    }
    with tempfile.TemporaryDirectory(prefix="partage-old-report-") as folder:
        report = Path(folder) / "report.xml"
        options = ["-p", "no:cacheprovider", "--tb=short"]
        # A group would be written into the name of a test; a file is as much.
        options += ["-n", str(workers), "--dist", "loadfile"]
        # The first form of the report alone names the file of a test.
        options += [f"--junit-xml={report}", "-o", "junit_family=xunit1"]
        try:
            done = subprocess.run(  # noqa: S603  (our own tests)
                [sys.executable, "-m", "pytest", *options, *paths],
                cwd=tree,
                env=env,
                check=False,
                timeout=TESTS_SECONDS_MAX,
            )
        except subprocess.TimeoutExpired as late:
            raise NotJudged(f"pytest had not ended after {TESTS_SECONDS_MAX} s.") from late
        if done.returncode not in (ALL_PASSED, SOME_FAILED):
            raise NotJudged(f"pytest ended with status {done.returncode}.")
        return read_report(report)


def read_report(report: Path) -> Outcome:
    """What pytest wrote of a run: a test that could not be set up or taken down has failed, too."""
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314  (written by pytest for us)
    return Outcome(
        len(cases),
        frozenset(
            OldTest(case.attrib["file"], case.attrib["name"])
            for case in cases
            if case.find("failure") is not None or case.find("error") is not None
        ),
    )


def main() -> int:
    """Try an earlier release; 1 where one of its tests fails, or where there is nothing to try."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drills.old_on_new", description=__doc__)
    parser.add_argument(
        "--old", help="a commit or tag; without it the last commit that lacks one of today's migrations"
    )
    parser.add_argument(
        "--services", nargs="*", default=SERVICES, choices=SERVICES, help="without it all five"
    )
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"tests at a time; without it {WORKERS}")
    chosen = parser.parse_args()
    broken: list[OldTest] = []
    of_its_own: list[OldTest] = []
    not_judged: list[str] = []
    try:
        old = chosen.old or before_the_last_migration()
        with tree_of(old) as tree:
            today = migrations(ROOT)
            added = {name: today[name] for name in unknown_to(migrations(tree), today)}
            said = _git("log", "-1", "--format=%h %s", old)
            _say(f"{said}\non a schema with", *(f"  {name}" for name in added))
            for service in chosen.services:
                began = time.monotonic()
                try:
                    judged = try_service(tree, service, added, workers=chosen.workers)
                except NotJudged as why:
                    not_judged.append(f"{service}: {why}")
                    _say(f"{service}: not judged after {time.monotonic() - began:.0f} s. {why}")
                    continue
                broken += judged.broken
                of_its_own += judged.of_its_own
                _say(
                    f"{service}: {judged.count} tests in {time.monotonic() - began:.0f} s, "
                    f"{len(judged.broken)} broken by the new schema, "
                    f"{len(judged.of_its_own)} that fail on the old one, too"
                )
    except NothingToTry as nothing:
        sys.stderr.write(f"{nothing}\n")
        return 1
    if of_its_own:
        _say(
            "These fail on the old schema, too, and say nothing of the new one:",
            *(f"  {test}" for test in of_its_own),
        )
    if broken:
        _say("VERDICT: the old release does not work on the new schema:", *(f"  {test}" for test in broken))
    if not_judged:
        _say("VERDICT: nothing can be said of:", *(f"  {each}" for each in not_judged))
    if broken or not_judged:
        return 1
    _say("VERDICT: the old release works on the new schema.")
    return 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _git(*words: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own words)
        ["git", *words],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=GIT_SECONDS_MAX,
    )
    if done.returncode != 0:
        raise NothingToTry(f"git {words[0]} refused: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
