"""A minute under fire, with fixed seeds: no wage lost, paid twice or late, and all books agree."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.killer import THE_FEW
from tests.chaos.plan import Ending, faults, waves
from tests.chaos.run import Size, run

SEED = 41
STORIES = 24
FAULT_GAP_SECONDS = 4.0
FAULT_SECONDS = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="chaos-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


async def test_stories_under_fire_lose_nothing_and_do_nothing_twice(folder: Path) -> None:
    size = Size(STORIES, FAULT_GAP_SECONDS, FAULT_SECONDS, stories_per_wave=STORIES // 2, victims=THE_FEW)
    done = await run(folder, SEED, size, commit="", say=print)
    assert done.findings == []
    assert done.faults, "otherwise nothing was tried"


def test_a_seed_decides_everything() -> None:
    assert list(waves(SEED, 100, stories_per_wave=30)) == list(waves(SEED, 100, stories_per_wave=30))
    endless = [faults(SEED, THE_FEW, gap_seconds=1) for _ in range(2)]
    assert [next(endless[0]) for _ in range(20)] == [next(endless[1]) for _ in range(20)]


def test_every_ending_is_played_by_the_short_form() -> None:
    played = {
        story.ending for wave in waves(SEED, STORIES, stories_per_wave=STORIES // 2) for story in wave.stories
    }
    assert {Ending.PAID_BEFORE, Ending.PAID_LATE, Ending.NEVER_PAID} <= played
