"""Whatever a seed does to processes, broker and bank: each fact counts once, each wage is paid once."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Final

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.story import Broken, simulate

SEEDS: Final = int(os.environ.get("SEEDS", "40"))
FIRST_SEED: Final = int(os.environ.get("FIRST_SEED", "0"))
CHUNK: Final = 20
SEEDS_FOR_A_MUTANT_MAX: Final = 60


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Kills and poison are what is wanted here; their log lines would bury the one schedule that counts."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + SEEDS, CHUNK))
@pytest.mark.xdist_group("any")
def test_each_event_counts_once_and_each_wage_is_paid_once(first: int) -> None:
    for seed in range(first, min(first + CHUNK, FIRST_SEED + SEEDS)):
        simulate(seed)


def test_a_seed_is_a_schedule() -> None:
    one, other = simulate(3), simulate(3)
    assert one.world.schedule == other.world.schedule
    assert one.world.schedule != simulate(5).world.schedule


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_a_fault_somebody_could_write_is_caught(mutant: str) -> None:
    def try_seeds() -> None:
        for seed in range(SEEDS_FOR_A_MUTANT_MAX):
            simulate(seed, MUTANTS[mutant]())

    with pytest.raises(Broken, match=r"\nseed \d+\n"):  # and it says which seed it is
        try_seeds()
