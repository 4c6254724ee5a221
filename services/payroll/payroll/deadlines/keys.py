"""What deadlines and effects of contracts are called."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

HIRE_NOT_DECLARED: Final = "hire_not_declared"
HIRE_REMINDER: Final = "hire_reminder"
CONTRACT_END: Final = "contract_end"
PAYSLIP: Final = "payslip"
PAY_RUN: Final = "pay_run"
RECOMPUTATION: Final = "recomputation"
CORRECTION: Final = "correction"
RETURN_FILING: Final = "return_filing"
RETURN_REMINDER: Final = "return_reminder"
RETURN_DUE: Final = "return_due"


def hire_not_declared_key(contract_id: UUID) -> str:
    """The first day of a contract, by which its hire must be accepted."""
    return f"{HIRE_NOT_DECLARED}/{contract_id}"


def hire_reminder_key(contract_id: UUID) -> str:
    """Shortly before the first day of a contract, when there is still time to act on its hire."""
    return f"{HIRE_REMINDER}/{contract_id}"


def contract_end_key(contract_id: UUID) -> str:
    """The last day of a contract."""
    return f"{CONTRACT_END}/{contract_id}"


def cut_short_key(contract_id: UUID) -> str:
    """The last day of a contract that ends earlier than agreed."""
    return f"cut_short/{contract_id}"


def payslip_key(contract_id: UUID) -> str:
    """The payslip of a contract that could not be computed at its end."""
    return f"{PAYSLIP}/{contract_id}"


def recomputation_key(run_id: UUID, number: int) -> str:
    """A batch of a recomputation, counted from nothing."""
    return f"{RECOMPUTATION}/{run_id}/{number}"


def correction_key(correction_id: UUID) -> str:
    """The day on which what a correction owes is paid alone, where no wage took it up."""
    return f"{CORRECTION}/{correction_id}"


def pay_run_key(run_id: UUID, number: int) -> str:
    """A batch of a pay run, counted from nothing."""
    return f"{PAY_RUN}/{run_id}/{number}"


def return_key(deadline: str, entity_id: UUID, kind: str, period_start: date) -> str:
    """One of the days of a return: when it files itself, when somebody must look, the last the law allows."""
    return f"{deadline}/{entity_id}/{kind}/{period_start}"
