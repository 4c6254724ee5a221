"""How many seats a rule of composition reserves at least."""

from __future__ import annotations

import math
from fractions import Fraction


def seats_reserved(seats: int, share: Fraction, rounding: str) -> int:
    """The least number of seats for a group: `nearest` whole number (one third of listed boards, art. 7:86
    of the Code of companies and associations) or `at_least` the share (statutes that say "at least")."""
    if rounding == "nearest":
        return math.floor(seats * share + Fraction(1, 2))
    assert rounding == "at_least", "the country's data names one of two roundings"
    return math.ceil(seats * share)
