"""The form of document numbers: one gapless series per entity, kind of document and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from commons.identifiers import payment_reference, show_payment_reference
from invoicing.domain.errors import SeriesExhausted, SeriesUnknown

COMMUNICATION_COUNTER_MAX: Final = 10**9 - 1  # nine digits after the digit that says what is paid


@dataclass(frozen=True, slots=True)
class SeriesFormat:
    """How a series writes its numbers: prefix, year where it starts anew each year, and digits."""

    name: str
    prefix: str
    is_yearly: bool
    digits: int

    def counter_year(self, issue_date: date) -> int:
        """The year whose counter gives the number; 0 for a series that never starts anew."""
        return issue_date.year if self.is_yearly else 0

    def write(self, counter: int, issue_date: date) -> str:
        """The number of the document: `F2026-000042`. Raises SeriesExhausted."""
        if not 1 <= counter < 10**self.digits:
            raise SeriesExhausted(series=self.name, counter=counter)
        year = f"{issue_date.year:04}-" if self.is_yearly else ""
        return f"{self.prefix}{year}{counter:0{self.digits}}"


def series(formats: Mapping[str, SeriesFormat], name: str) -> SeriesFormat:
    """A series by its name. Raises SeriesUnknown."""
    if name not in formats:
        raise SeriesUnknown(series=name[:40])
    return formats[name]


def compact_reference(form: str, kind_digit: int, counter: int) -> str:
    """What a payer writes, in the form the country's data names: what is paid (one digit), which one (nine).

    The first digit keeps invoices, share subscriptions and other debts of one bank account apart.
    Raises SeriesExhausted.
    """
    assert 0 <= kind_digit <= 9, "the kind of debt is one digit"
    if not 1 <= counter <= COMMUNICATION_COUNTER_MAX:
        raise SeriesExhausted(series="payment_reference", counter=counter)
    return payment_reference(form, kind_digit * 10**9 + counter)


def shown_reference(form: str, kind_digit: int, counter: int) -> str:
    """The reference as it stands on an invoice: +++123/4567/89012+++ or RF69 1000 0000 01."""
    return show_payment_reference(compact_reference(form, kind_digit, counter))
