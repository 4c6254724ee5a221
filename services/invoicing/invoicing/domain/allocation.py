"""Which invoice a bank line pays: by its payment reference; anything else is proposed to a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.identifiers import MalformedPaymentReference, read_payment_reference
from commons.money import Money
from invoicing.domain.errors import (
    AmountNotPositive,
    InvoiceOfAnotherEntity,
    MoreThanInSuspense,
    MoreThanIsDue,
    NothingInSuspense,
)

# Twelve digits, as printed (+++123/4567/89012+++) or bare; banks replace + by * and drop the slashes. Or RF,
# two check digits and ten digits, in groups of four or not.
_REFERENCE: Final = re.compile(
    r"(?<!\d)\d{3}[/ ]?\d{4}[/ ]?\d{5}(?!\d)"
    r"|(?<![0-9A-Za-z])RF ?\d{2} ?\d{4} ?\d{4} ?\d{2}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
TEXT_CHARACTERS_MAX: Final = 2_000
CANDIDATES_MAX: Final = 20
PROPOSALS_MAX: Final = 5
_WORD: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z/_-]*")


class Outcome(StrEnum):
    """What became of a bank line."""

    FULL = "full"  # exactly what was due
    PARTIAL = "partial"  # less than what was due
    OVER = "over"  # more: the rest is in suspense
    SETTLED = "settled"  # nothing was due any more: all in suspense
    UNKNOWN = "unknown"  # no invoice has this reference: all in suspense
    FOR_MEMBERS = "for_members"  # a payment of shares: the members service finds its subscription
    NOT_A_RECEIPT = "not_a_receipt"  # money went out, or came back that had gone out
    REFUND = "refund"  # money went back that a person had decided to give back


class DecisionKind(StrEnum):
    """What a person decided about money in suspense."""

    ALLOCATED = "allocated"  # it pays an invoice
    REFUNDED = "refunded"  # it goes back to whom it came from
    KEPT = "kept"  # it stays in suspense as the credit of a client


class ProposalReason(StrEnum):
    """Why an invoice is proposed for a payment; the first is the strongest."""

    NUMBER_IN_TEXT = "number_in_text"  # the payer wrote its number
    AMOUNT_IS_DUE = "amount_is_due"  # exactly this is still due on it
    SAME_CLIENT = "same_client"  # it is another invoice of the client whose money this is
    NEAREST_AMOUNT = "nearest_amount"  # nothing speaks for it but an amount that is not far


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
    """The compact form of a valid payment reference in a bank line, or an empty text.

    A payer may write the reference in the free text; two different ones there decide nothing.
    """
    for text in (structured, unstructured):
        found = {
            reference
            for match in list(_REFERENCE.finditer(text[:TEXT_CHARACTERS_MAX]))[:CANDIDATES_MAX]
            if (reference := _checked(match.group()))
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open invoice that a payment may be for."""

    invoice_id: str
    number: str
    amount_due: Money
    is_named: bool
    is_same_client: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """An invoice proposed for a payment, and why; a person decides."""

    invoice_id: str
    amount: Money
    reasons: tuple[ProposalReason, ...]


def words_of(text: str) -> list[str]:
    """What in a free text could be the number of an invoice: in capitals, as numbers are written."""
    found = (match.group().upper() for match in _WORD.finditer(text[:TEXT_CHARACTERS_MAX]))
    return list(dict.fromkeys(word for word in found if any(sign.isdigit() for sign in word)))[
        :CANDIDATES_MAX
    ]


def propose(open_amount: Money, candidates: Sequence[Candidate]) -> list[Proposal]:
    """The invoices that money in suspense most likely pays, the likeliest first; at most five.

    An amount that is merely near is proposed only where nothing better speaks for any invoice.
    """
    judged = [(_reasons(open_amount, candidate), candidate) for candidate in candidates]
    known = [(reasons, candidate) for reasons, candidate in judged if reasons]
    if not known:
        known = [((ProposalReason.NEAREST_AMOUNT,), candidate) for candidate in candidates]
    known.sort(key=lambda one: (_rank(one[0]), _distance(open_amount, one[1]), one[1].number))
    return [
        Proposal(candidate.invoice_id, min(open_amount, candidate.amount_due), reasons)
        for reasons, candidate in known[:PROPOSALS_MAX]
    ]


def decide(
    wished: Money | None, *, open_amount: Money, amount_due: Money | None = None, is_same_entity: bool = True
) -> Money:
    """How much of the money in suspense a person decides about: what was wished, else all that fits.

    `amount_due` is that of the invoice it is to pay, None where it pays none. Raises InvoiceOfAnotherEntity,
    NothingInSuspense, AmountNotPositive, MoreThanInSuspense, MoreThanIsDue, CurrencyMismatch.
    """
    if not is_same_entity:
        raise InvoiceOfAnotherEntity().at("invoiceId")
    nothing = Money.zero(open_amount.currency)
    if open_amount <= nothing:
        raise NothingInSuspense()
    limit = open_amount if amount_due is None else min(open_amount, amount_due)
    amount = limit if wished is None else wished
    if wished is not None and wished <= nothing:
        raise AmountNotPositive(amount=wished).at("amount")
    if amount > open_amount:
        raise MoreThanInSuspense(amount=amount, in_suspense=open_amount).at("amount")
    if amount_due is not None and (amount > amount_due or amount_due <= nothing):
        raise MoreThanIsDue(amount=amount, amount_due=amount_due).at("amount")
    return amount


def _reasons(open_amount: Money, candidate: Candidate) -> tuple[ProposalReason, ...]:
    found = (
        (candidate.is_named, ProposalReason.NUMBER_IN_TEXT),
        (candidate.amount_due == open_amount, ProposalReason.AMOUNT_IS_DUE),
        (candidate.is_same_client, ProposalReason.SAME_CLIENT),
    )
    return tuple(reason for is_so, reason in found if is_so)


def _rank(reasons: tuple[ProposalReason, ...]) -> tuple[int, int]:
    order = list(ProposalReason)
    return order.index(reasons[0]), -len(reasons)


def _distance(open_amount: Money, candidate: Candidate) -> int:
    return abs(open_amount.minor - candidate.amount_due.minor)


def _checked(text: str) -> str:
    try:
        return read_payment_reference(text)
    except MalformedPaymentReference:
        return ""
