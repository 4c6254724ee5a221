"""What effects are called."""

from __future__ import annotations

from typing import Final

DIMONA_DECLARE: Final = "dimona.declare"
DIMONA_CANCEL: Final = "dimona.cancel"
DIMONA_CHECK: Final = "dimona.check"
DIMONA_OUT: Final = "dimona.out"
BANK_PAY: Final = "bank.pay"
RETURN_FILE: Final = "return.file"
