"""A disk that is full: the data of PostgreSQL and Kafka on a small one of its own, filled to the last byte, twice."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
import uvloop

from tests.chaos import plan
from tests.chaos.checker import Finding
from tests.chaos.run import Field, open_field
from tests.chaos.wave import Wave
from tests.e2e.answers import NoAnswer
from tests.e2e.client import Failed, Refused
from tests.e2e.waiting import NeverHappened

DISK_MEGABYTES: Final = 1_500
STORIES: Final = 18
FULL_SECONDS: Final = 12.0
TIMES_FULL: Final = 3
CHUNK_BYTES: Final = 1_048_576
SEED: Final = 41


def main(arguments: Sequence[str]) -> int:
    """0 where nothing was found, or where this machine lets nobody make a small disk."""
    if arguments:
        return _inside(Path(arguments[0]))
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    mount = f"mount -t tmpfs -o size={DISK_MEGABYTES}m tmpfs {folder}"
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        if shutil.which("unshare") is None or subprocess.run([*namespace, mount], check=False).returncode:
            print("disk full: not run, this machine has no user namespaces in which a disk can be mounted")
            return 0
        again = f"{mount} && exec {sys.executable} -m tests.chaos.disk {folder}"
        return subprocess.run([*namespace, again], check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _inside(disk: Path) -> int:
    found = uvloop.run(_run(disk))
    for finding in found:
        print(f"FOUND {finding}")
    print(f"disk full: {TIMES_FULL} times for {FULL_SECONDS:g} s, {STORIES} stories, {len(found)} findings")
    return 1 if found else 0


async def _run(disk: Path) -> list[Finding]:
    # The outside world has a disk of its own.
    outside = Path(tempfile.mkdtemp(prefix="outside-"))
    try:
        environment = {"simulators": {"STATE_DIR": str(outside)}}
        async with open_field(disk / "run", seed=SEED, say=_say, environment=environment) as field:
            _say("everything runs")
            [wave] = plan.waves(SEED, STORIES, stories_per_wave=STORIES)
            field.waves = [Wave(field.world, wave)]
            filling = asyncio.create_task(_fill_and_empty(disk / "ballast"))
            stuck = await _played(field)
            await filling
            found = stuck + await field.checked()
            _say(f"died and were started again: {dict(field.nurse.deaths)}")
            _say(f"asked again: {dict(field.world.gateway.again)}")
            return found
    finally:
        shutil.rmtree(outside, ignore_errors=True)


async def _played(field: Field) -> list[Finding]:
    stuck = []
    try:
        await field.waves[0].play()
    except* (NeverHappened, Refused, Failed, NoAnswer, httpx.HTTPError) as errors:
        stuck = [
            Finding("every story ends", f"{field.waves[0].chapter}: {each}") for each in errors.exceptions
        ]
    return stuck


async def _fill_and_empty(ballast: Path) -> None:
    for _ in range(TIMES_FULL):
        await asyncio.sleep(FULL_SECONDS / 2)
        await asyncio.to_thread(_fill, ballast)
        _say("the disk is full")
        end = time.monotonic() + FULL_SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(0.5)
            # What a program deleted meanwhile is taken again.
            await asyncio.to_thread(_fill, ballast)
        await asyncio.to_thread(ballast.unlink)
        _say("the disk has room again")


def _fill(ballast: Path) -> None:
    """Write until the disk takes no byte more."""
    chunk = CHUNK_BYTES
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while chunk:
            try:
                os.write(file, b"\0" * chunk)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                chunk //= 2
    finally:
        os.close(file)


def _say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
