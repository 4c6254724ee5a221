"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Figure
from invoicing.sql import SQL

FIGURES: Final = (
    Figure(
        gauge=Gauge("holds_without_process", "Open holds of the ledger that belong to nothing"),
        statement=SQL["count_holds_without_contract"],
        sentence="{count} holds of budgets are open and belong to no running contract.",
        remedy="find out from their journals what they were for before anybody releases them.",
    ),
)
