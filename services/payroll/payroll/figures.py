"""What a person on duty watches here: each should be nothing."""

from __future__ import annotations

from typing import Final

from prometheus_client import Gauge

from commons.figures import Beside, Figure
from commons.telemetry import WORK
from payroll.sql import SQL

DECISION_SECONDS: Final = 900.0  # invented: an authority usually decides within seconds
RUN_SECONDS: Final = 24 * 3_600.0  # invented: a run that is not over on the day after its start stands still
PAYMENT_SECONDS: Final = 14 * 3_600.0  # invented: by two in the afternoon a bank has paid

FIGURES: Final = (
    Figure(
        gauge=Gauge("declarations_waiting", "Declarations that the authority has not decided", registry=WORK),
        statement=SQL["count_declarations_waiting"],
        sentence="{count} declarations wait for the authority's decision.",
        remedy="see whether the authority answers; `declarationsWaiting` names those that begin first.",
        tolerated_seconds=DECISION_SECONDS,
    ),
    Figure(
        gauge=Gauge(
            "contracts_undeclared",
            "Contracts whose first day has come without an accepted declaration",
            registry=WORK,
        ),
        statement=SQL["count_contracts_undeclared"],
        sentence="{count} contracts have begun without an accepted declaration.",
        remedy="wake a payroll officer: nobody works undeclared. `declarationsWaiting` names them.",
    ),
    Figure(
        gauge=Gauge(
            "wages_without_payslip", "Wages of work that is done whose payslip was refused", registry=WORK
        ),
        beside=Beside(
            "hours",
            Gauge(
                "wages_without_payslip_due_hours",
                "Hours until the first due day of a wage without a payslip begins; +Inf where there is none",
                registry=WORK,
            ),
        ),
        statement=SQL["count_wages_without_payslip"],
        sentence="{count} contracts have ended and their payslip was refused.",
        remedy="`payslipsWaiting` names them with the reason; they are tried again by themselves.",
    ),
    Figure(
        gauge=Gauge(
            "pay_run_payslips_waiting",
            "Payslips of the pay runs under way that are still to be computed",
            registry=WORK,
        ),
        beside=Beside(
            "done",
            Gauge(
                "pay_run_payslips_done",
                "Payslips that the pay runs under way have computed, nothing where none is",
                registry=WORK,
            ),
            otherwise=0.0,
        ),
        statement=SQL["count_pay_run_payslips_waiting"],
        sentence="{count} payslips of a pay run that was started yesterday or earlier are not computed.",
        remedy="see whether a worker of payroll runs, and its log: a run goes on by itself where it stopped.",
        tolerated_seconds=RUN_SECONDS,
    ),
    Figure(
        gauge=Gauge(
            "pay_run_payslips_failed",
            "Payslips that the last pay run of a month could not compute and that are still missing",
            registry=WORK,
        ),
        statement=SQL["count_pay_run_payslips_failed"],
        sentence="{count} payslips failed in a pay run and are still missing.",
        remedy="`payRun` names them with the reason; start a further run of the month once that is gone.",
    ),
    Figure(
        gauge=Gauge(
            "wages_due_unpaid", "Wages due today or earlier that the bank has not paid", registry=WORK
        ),
        beside=Beside(
            "hours",
            Gauge(
                "wages_unpaid_due_hours",
                "Hours until the first due day of an unpaid wage begins, less than -24 once it is over; "
                "+Inf where all are paid",
                registry=WORK,
            ),
        ),
        statement=SQL["count_wages_due_unpaid"],
        sentence="{count} wages are due today or earlier and not paid.",
        remedy="see whether they are funded (the doctor of guarantee), then whether the bank answers.",
        tolerated_seconds=PAYMENT_SECONDS,
    ),
    Figure(
        gauge=Gauge(
            "labor_costs_not_announced",
            "Declared or corrected contracts whose variance was not announced to the mutual pool",
            registry=WORK,
        ),
        statement=SQL["count_labor_costs_not_announced"],
        sentence="{count} contracts cost something else than the mutual pool was told.",
        remedy="both are written in one transaction: `laborCosts` shows the four amounts and what was told.",
    ),
    Figure(
        gauge=Gauge(
            "returns_overdue",
            "Periodic returns that are due and that no authority has accepted",
            registry=WORK,
        ),
        statement=SQL["count_returns_overdue"],
        sentence="{count} periodic returns are due and not accepted.",
        remedy="wake a payroll officer: `returnsWaiting` says what is missing or which fields were refused.",
    ),
)
