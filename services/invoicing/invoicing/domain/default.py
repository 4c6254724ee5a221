"""A client who will not pay any more, and the steps by which a client is reminded before that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from invoicing.domain.errors import DefaultInTheFuture


class DefaultReason(StrEnum):
    """Why a client is not expected to pay."""

    BANKRUPTCY = "bankruptcy"  # a court opened the bankruptcy
    INSOLVENCY = "insolvency"  # it stopped paying, or a reorganization protects it from its creditors
    REFUSAL_TO_PAY = "refusal_to_pay"  # it could and will not


@dataclass(frozen=True, slots=True)
class DunningStep:
    """One step of the ladder: `level` counts from 1, `after_days` from the day the invoice was to be paid."""

    level: int
    after_days: int


def reminders(ladder: Sequence[DunningStep], payment_due_date: date) -> list[tuple[int, date]]:
    """When an invoice that stays unpaid reaches each level."""
    return [(step.level, payment_due_date + timedelta(days=step.after_days)) for step in ladder]


def check_day_of_default(defaulted_on: date, today: date) -> None:
    """A default is a fact, not a forecast. Raises DefaultInTheFuture."""
    if defaulted_on > today:
        raise DefaultInTheFuture(defaulted_on=defaulted_on, today=today).at("defaultedOn")
