"""The mutants follow the product: each patch still finds the text that it replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.mutants import MUTANTS, Mutant, mutated


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_still_fits_the_product(mutant: Mutant, tmp_path: Path) -> None:
    assert mutated(mutant, tmp_path)
