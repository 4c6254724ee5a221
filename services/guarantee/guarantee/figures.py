"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Figure
from commons.ledger import HOLDS_WITHOUT_PROCESS
from guarantee.sql import SQL

FIGURES: Final = (
    Figure(
        gauge=Gauge("wages_due_unfunded", "Wages due today or earlier that are not funded"),
        statement=SQL["count_wages_due_unfunded"],
        sentence="{count} wages are due today or earlier and not funded.",
        remedy="`wagesDue` names them, `fund` says what there is: find the money today. They are tried again "
        "by themselves.",
    ),
    Figure(
        gauge=HOLDS_WITHOUT_PROCESS,
        statement=SQL["count_holds_without_wage"],
        sentence="{count} holds of the fund are open and belong to no wage.",
        remedy="find out from their journals what they were for before anybody releases them.",
    ),
)
