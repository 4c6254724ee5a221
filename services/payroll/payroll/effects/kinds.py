"""What effects are called."""

from __future__ import annotations

from typing import Final

DIMONA_DECLARE: Final = "dimona.declare"
DIMONA_CANCEL: Final = "dimona.cancel"
BANK_PAY: Final = "bank.pay"
