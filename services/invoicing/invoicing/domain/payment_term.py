"""When an invoice is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from commons.dated import Dated
from invoicing.domain.errors import PaymentTermNegative, PaymentTermTooLong


@dataclass(frozen=True, slots=True)
class PaymentTermLimits:
    """The term where nothing else is agreed, and the longest the law allows, in calendar days."""

    standard_days: int
    days_max: int


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """Calendar days between the issue of the invoice and the day it is due."""

    days: int

    def due_date(self, issue_date: date) -> date:
        """BT-9 for an invoice of that day."""
        return issue_date + timedelta(days=self.days)


def agree_term(days: int | None, limits: Dated[PaymentTermLimits], today: date) -> PaymentTerm:
    """The term agreed, or the standard one. Raises PaymentTermNegative, PaymentTermTooLong."""
    on_that_day = limits.on(today)
    if days is None:
        return PaymentTerm(on_that_day.standard_days)
    if days < 0:
        raise PaymentTermNegative(days=days)
    if days > on_that_day.days_max:
        raise PaymentTermTooLong(days=days, days_max=on_that_day.days_max)
    return PaymentTerm(days)
