"""A Belgian wage with everything that does not matter left out."""

from __future__ import annotations

from datetime import date
from typing import Any

from payroll.domain.belgium.situation import ORDINARY, BelgianSituation, Status
from payroll.domain.wage import Wage


def a_wage(
    gross: int = 300_000,
    day: date = date(2026, 9, 14),
    situation: BelgianSituation = ORDINARY,
    *,
    regime: str = Status.WHITE_COLLAR,
    **more: Any,
) -> Wage:
    """A white-collar wage of 3,000 euros on a day of 2026, changed as wished."""
    return Wage(gross=gross, day=day, regime=regime, situation=situation, **more)
