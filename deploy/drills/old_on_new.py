"""Run the tests of the services of an earlier release on the schema of this one: `make old-on-new`.

An upgrade migrates first and replaces programs afterwards; in between, old programs work on the new schema.
What they need of it is what their own tests ask for. The earlier release is a work tree of its own, into
which the migrations that it does not know are put; nothing else of today gets into it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.paths import ROOT, jars_dir
from local.processes import SERVICES

COMMONS: Final = "shared/commons/sql/migrations"
FOLDERS: Final = ("shared", *(f"services/{service}" for service in SERVICES), "gateway", ".")
GIT_SECONDS_MAX: Final = 120
TESTS_SECONDS_MAX: Final = 3_600


class NothingToTry(Exception):
    """There is no earlier release to try, or its migrations are no beginning of ours; it says why."""


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


def run_tests(tree: Path, services: Sequence[str]) -> list[str]:
    """The tests of each service as they were; the services of which one failed."""
    env = {
        **os.environ,
        "PYTHONPATH": ":".join(str((tree / folder).resolve()) for folder in FOLDERS),
        "JARS_DIR": str(jars_dir()),
        "PARTAGE_FIXTURES": os.environ.get("PARTAGE_FIXTURES", str(ROOT.parent / "shared" / "fixtures")),
        "PARTAGE_VECTORS": os.environ.get("PARTAGE_VECTORS", str(ROOT.parent / "shared" / "vectors")),
    }
    failed = []
    for service in services:
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603  (our own tests)
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"services/{service}/tests"],
            cwd=tree,
            env=env,
            check=False,
            timeout=TESTS_SECONDS_MAX,
        )
        sys.stdout.write(f"{service}: status {done.returncode} after {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
        if done.returncode != 0:
            failed.append(service)
    return failed


def main() -> int:
    """Try an earlier release; 1 where one of its tests fails, or where there is nothing to try."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drills.old_on_new", description=__doc__)
    parser.add_argument(
        "--old", help="a commit or tag; without it the last commit that lacks one of today's migrations"
    )
    parser.add_argument(
        "--services", nargs="*", default=SERVICES, choices=SERVICES, help="without it all five"
    )
    chosen = parser.parse_args()
    try:
        old = chosen.old or before_the_last_migration()
        with tree_of(old) as tree:
            added = unknown_to(migrations(tree), migrations(ROOT))
            for name in added:
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, tree / name)
            said = _git("log", "-1", "--format=%h %s", old)
            sys.stdout.write(f"{said}\non a schema with\n" + "".join(f"  {name}\n" for name in added))
            sys.stdout.flush()
            failed = run_tests(tree, chosen.services)
    except NothingToTry as nothing:
        sys.stderr.write(f"{nothing}\n")
        return 1
    if failed:
        sys.stdout.write(f"VERDICT: the old release does not work on the new schema: {', '.join(failed)}\n")
        return 1
    sys.stdout.write("VERDICT: the old release works on the new schema.\n")
    return 0


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
