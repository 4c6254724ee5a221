"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Figure
from payroll.sql import SQL

DECISION_SECONDS: Final = 900.0  # invented: an authority usually decides within seconds

FIGURES: Final = (
    Figure(
        gauge=Gauge("declarations_waiting", "Declarations that the authority has not decided"),
        statement=SQL["count_declarations_waiting"],
        sentence="{count} declarations wait for the authority's decision.",
        remedy="see whether the authority answers; `declarationsWaiting` names those that begin first.",
        tolerated_seconds=DECISION_SECONDS,
    ),
    Figure(
        gauge=Gauge(
            "contracts_undeclared", "Contracts whose first day has come without an accepted declaration"
        ),
        statement=SQL["count_contracts_undeclared"],
        sentence="{count} contracts have begun without an accepted declaration.",
        remedy="wake a payroll officer: nobody works undeclared. `declarationsWaiting` names them.",
    ),
)
