"""The law of the cell's country with changes that no story before 2031 reaches, for tests of what a change does."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from commons.country import countries_folder

COUNTRY: Final = "be"
RATE_CHANGES_ON: Final = date(2031, 2, 1)
RATE_BEFORE, RATE_AFTER = Decimal("0.065"), Decimal("0.08")


def with_changes(folder: Path) -> Path:
    """A copy of all countries in which the mutualized contribution changes on a day."""
    shutil.copytree(countries_folder(), folder)
    file = folder / COUNTRY / "invoicing.yaml"
    text = file.read_text(encoding="utf-8")
    known = f'base: turnover, shape: percentage, rate: "{RATE_BEFORE}"}}\n'
    assert text.count(known) == 1, "the contribution has one value, which is changed here"
    changed = (
        f'      - {{since: {RATE_CHANGES_ON}, base: turnover, shape: percentage, rate: "{RATE_AFTER}"}}\n'
    )
    file.write_text(text.replace(known, known + changed), encoding="utf-8")
    return folder
