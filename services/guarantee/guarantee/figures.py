"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Beside, Figure
from commons.ledger import HOLDS_WITHOUT_PROCESS
from commons.telemetry import WORK
from guarantee.sql import SQL

FIGURES: Final = (
    Figure(
        gauge=Gauge("wages_due_unfunded", "Wages due today or earlier that are not funded", registry=WORK),
        beside=Beside(
            "hours",
            Gauge(
                "wages_unfunded_due_hours",
                "Hours until the first due day of an unfunded wage begins; +Inf where there is none",
                registry=WORK,
            ),
        ),
        statement=SQL["count_wages_due_unfunded"],
        sentence="{count} wages are due today or earlier and not funded.",
        remedy="`wagesDue` names them, `fund` says what there is: find the money today. They are tried again "
        "by themselves.",
    ),
    Figure(
        gauge=Gauge(
            "wages_unbacked",
            "Wages to be funded for which the fund holds nothing and too little was paid",
            registry=WORK,
        ),
        beside=Beside(
            "hours",
            Gauge(
                "wages_unbacked_due_hours",
                "Hours until the first due day of an unbacked wage begins; +Inf where there is none",
                registry=WORK,
            ),
        ),
        statement=SQL["count_wages_unbacked"],
        sentence="{count} wages fall due for which the fund holds nothing.",
        remedy="`wagesDue` names them, `fund` says what there is: find the money before the first due day.",
    ),
    Figure(
        gauge=HOLDS_WITHOUT_PROCESS,
        statement=SQL["count_holds_without_wage"],
        sentence="{count} holds of the fund are open and belong to no wage.",
        remedy="find out from their journals what they were for before anybody releases them.",
    ),
)
