"""Which invoice a bank line pays: by its structured communication, and nothing else is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.identifiers import MalformedStructuredCommunication, read_structured_communication
from commons.money import Money

# Twelve digits, as printed (+++123/4567/89012+++) or bare; banks replace + by * and drop the slashes.
_COMMUNICATION: Final = re.compile(r"(?<!\d)\d{3}[/ ]?\d{4}[/ ]?\d{5}(?!\d)")
TEXT_CHARACTERS_MAX: Final = 2_000
CANDIDATES_MAX: Final = 20


class Outcome(StrEnum):
    """What became of a bank line."""

    FULL = "full"  # exactly what was due
    PARTIAL = "partial"  # less than what was due
    OVER = "over"  # more: the rest is in suspense
    SETTLED = "settled"  # nothing was due any more: all in suspense
    UNKNOWN = "unknown"  # no invoice has this reference: all in suspense
    FOR_MEMBERS = "for_members"  # a payment of shares: the members service finds its subscription
    NOT_A_RECEIPT = "not_a_receipt"  # money went out


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """What allocation needs to know of an invoice."""

    invoice_id: UUID
    amount_due: Money


@dataclass(frozen=True, slots=True)
class Allocation:
    """A bank line divided between an invoice and suspense; the two add up to what was received."""

    outcome: Outcome
    invoice_id: UUID | None
    to_invoice: Money
    to_suspense: Money


def reference_of(structured: str, unstructured: str) -> str:
    """The twelve digits of a valid communication in a bank line, or an empty text.

    A payer may write the communication in the free text; two different ones there decide nothing.
    """
    for text in (structured, unstructured):
        found = {
            digits
            for match in list(_COMMUNICATION.finditer(text[:TEXT_CHARACTERS_MAX]))[:CANDIDATES_MAX]
            if (digits := _checked(match.group()))
        }
        if len(found) == 1:
            return found.pop()
    return ""


def allocate(amount: Money, invoice: OpenInvoice | None) -> Allocation:
    """Books an amount against the invoice that has its reference. Raises CurrencyMismatch.

    Nothing is booked above the amount due, so that a payment by mistake can be paid back.
    """
    nothing = Money.zero(amount.currency)
    if amount <= nothing:
        return Allocation(Outcome.NOT_A_RECEIPT, None, nothing, nothing)
    if invoice is None:
        return Allocation(Outcome.UNKNOWN, None, nothing, amount)
    if invoice.amount_due <= nothing:
        return Allocation(Outcome.SETTLED, invoice.invoice_id, nothing, amount)
    taken = min(amount, invoice.amount_due)
    outcome = (
        Outcome.FULL
        if amount == invoice.amount_due
        else Outcome.PARTIAL
        if amount < invoice.amount_due
        else Outcome.OVER
    )
    return Allocation(outcome, invoice.invoice_id, taken, amount - taken)


def _checked(text: str) -> str:
    try:
        return read_structured_communication(text)
    except MalformedStructuredCommunication:
        return ""
