"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from commons.figures import Figure
from commons.ledger import HOLDS_WITHOUT_PROCESS
from invoicing.sql import SQL

FIGURES: Final = (
    Figure(
        gauge=HOLDS_WITHOUT_PROCESS,
        statement=SQL["count_holds_without_contract"],
        sentence="{count} holds of budgets are open and belong to no running contract.",
        remedy="find out from their journals what they were for before anybody releases them.",
    ),
)
