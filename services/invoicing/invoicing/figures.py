"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Beside, Figure
from commons.ledger import HOLDS_WITHOUT_PROCESS
from commons.telemetry import WORK
from invoicing.sql import SQL

SENDING_SECONDS: Final = 300.0  # an issued invoice leaves within five minutes

FIGURES: Final = (
    Figure(
        gauge=Gauge("invoices_unsent", "Invoices that are issued and have not left", registry=WORK),
        beside=Beside(
            "seconds",
            Gauge(
                "invoices_oldest_unsent_seconds",
                "Age of the oldest invoice that is issued and has not left",
                registry=WORK,
            ),
            otherwise=0.0,
        ),
        statement=SQL["count_invoices_unsent"],
        sentence="{count} invoices are issued and have not left.",
        remedy="see whether the e-invoice network and the mail service answer; they are tried again.",
        tolerated_seconds=SENDING_SECONDS,
    ),
    Figure(
        gauge=HOLDS_WITHOUT_PROCESS,
        statement=SQL["count_holds_without_contract"],
        sentence="{count} holds of budgets are open and belong to no running contract.",
        remedy="find out from their journals what they were for before anybody releases them.",
    ),
)
