"""`make chaos`: run seeds under fire until their stories add up, and print the sum."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop

from tests.chaos.record import Run, keep, kept, summary
from tests.chaos.run import STORIES_PER_WAVE, WAVES_AT_ONCE, Size, run

DEFAULT_FOLDER: Final = Path(".run") / "chaos"
RUN_SECONDS_MAX: Final = 7_200


def main() -> int:
    """0 where nothing was found in all runs that are kept, else 1."""
    wish = _wish()
    folder: Path = wish.folder
    if wish.command == "run":
        size = Size(
            stories=wish.stories_per_run,
            gap_seconds=wish.gap,
            fault_seconds=wish.fault_seconds,
            stories_per_wave=wish.wave,
            waves_at_once=wish.at_once,
        )
        seeds = [wish.seed] if wish.seed is not None else None
        _run_seeds(folder, size, wish.stories, seeds)
    runs = kept(folder)
    print(summary(runs))
    return 1 if any(run.findings for run in runs) else 0


def _run_seeds(folder: Path, size: Size, stories: int, seeds: list[int] | None) -> None:
    commit = _commit()
    while True:
        runs = kept(folder)
        if seeds is None:
            if sum(run.stories for run in runs) >= stories:
                return
            seed = max((run.seed for run in runs), default=0) + 1
        elif seeds:
            seed = seeds.pop()
        else:
            return
        # A stack's paths are long, and a socket's may not be.
        place = Path(tempfile.mkdtemp(prefix="chaos-"))
        try:
            done = uvloop.run(_bounded(place, seed, size, commit))
            keep(folder, done)
            if done.findings:
                _keep_logs(place, folder / f"logs-{seed}")
        finally:
            shutil.rmtree(place, ignore_errors=True)


async def _bounded(place: Path, seed: int, size: Size, commit: str) -> Run:
    async with asyncio.timeout(RUN_SECONDS_MAX):
        return await run(place, seed, size, commit, _say)


def _keep_logs(place: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place / "logs", folder)
    print(f"the logs of a run with findings are kept in {folder}", flush=True)


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("command", choices=("run", "sum"))
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("RUN_DIR", ".run")) / "chaos")
    parser.add_argument("--seed", type=int, help="this seed alone, once more")
    parser.add_argument("--stories", type=int, default=480, help="until this many are kept")
    parser.add_argument("--stories-per-run", type=int, default=480)
    parser.add_argument("--wave", type=int, default=STORIES_PER_WAVE, help="stories of one entity")
    parser.add_argument("--at-once", type=int, default=WAVES_AT_ONCE, help="entities at a time")
    parser.add_argument("--gap", type=float, default=20.0, help="seconds between two faults")
    parser.add_argument("--fault-seconds", type=float, help="end the faults then; else with the last story")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
