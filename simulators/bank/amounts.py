"""Turns amounts as written into whole minor units and back, never through a float."""

from __future__ import annotations

import re
from decimal import Decimal

# ISO 4217: currencies whose number of decimals is not two.
EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
minor_max = 10**15
_WRITTEN = re.compile(r"^\d{1,13}(\.\d{1,3})?$")


class MalformedAmount(ValueError):
    """An amount is written with digits and at most the currency's decimals."""


def to_minor(text: str, currency: str) -> int:
    """Minor units of an amount such as "12.50". Raises `MalformedAmount`."""
    if not _WRITTEN.match(text):
        raise MalformedAmount(text)
    scaled = Decimal(text).scaleb(EXPONENTS.get(currency, 2))
    if scaled != scaled.to_integral_value() or scaled > minor_max:
        raise MalformedAmount(text)
    return int(scaled)


def to_text(minor: int, currency: str) -> str:
    """The amount as ISO 20022 writes it: no sign, a point, the currency's decimals."""
    exponent = EXPONENTS.get(currency, 2)
    return f"{Decimal(abs(minor)).scaleb(-exponent):.{exponent}f}"
