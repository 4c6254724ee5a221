"""Write down one payment of a bank statement, and what it pays."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.identifiers import digits_of_payment_reference
from commons.ledger import Leg
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.capabilities.settle_invoice import settle_invoice
from invoicing.documents.camt053 import StatementLine
from invoicing.domain.allocation import Allocation, OpenInvoice, Outcome, allocate, reference_of, words_of
from invoicing.domain.books import receipt, refund_sent
from invoicing.events.published import PaymentReceived, TransferReturned
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import Debt, lock_debt_by_reference

SHARES: Final = "share_subscription"


@capability
async def record_payment(
    ctx: Ctx[Invoicing], *, entity: Record, statement_id: UUID, bank_reference: str, line: StatementLine
) -> None:
    """Keep a new line of a statement, allocate it by its reference and announce it.

    What no invoice takes waits in suspense for a person. Money that went out under the reference of a refund
    proves the refund. Who paid is neither kept nor told. Raises CurrencyMismatch.
    """
    reference = reference_of(line.structured_reference, line.unstructured_reference)
    nothing = Money.zero(line.amount.currency)
    if line.amount < nothing:
        await _record_outgoing(ctx, entity, statement_id, bank_reference, line, reference)
        return
    if line.return_reason and not await _names_refund(ctx, entity["id"], reference):
        await _record_returned(ctx, entity, statement_id, bank_reference, line)
        return
    debt: Debt | None = None
    if line.amount > nothing and _pays_shares(ctx, reference):
        allocation = Allocation(Outcome.FOR_MEMBERS, None, nothing, nothing)
    else:
        debt = await lock_debt_by_reference(ctx.db, reference, entity["id"]) if reference else None
        allocation = allocate(line.amount, OpenInvoice(debt.id, debt.payable) if debt else None)
    key = await _insert(ctx, entity, statement_id, bank_reference, line, reference, allocation)
    legs = receipt(
        entity_id=entity["id"], to_invoice=allocation.to_invoice, to_suspense=allocation.to_suspense
    )
    await _book(ctx, "payment_received", key, line, legs)
    if line.amount > nothing and reference:
        await ctx.announce(
            PaymentReceived(
                payment_id=key,
                entity_id=entity["id"],
                reference=reference,
                amount=line.amount,
                received_on=line.booking_date,
            )
        )
    if debt is not None and not allocation.to_invoice.is_zero:
        await settle_invoice(ctx, debt=debt, amount=allocation.to_invoice, paid_on=line.booking_date)
    if allocation.outcome is Outcome.UNKNOWN:
        await _note_numbers(ctx, entity["id"], key, line)


async def _record_outgoing(
    ctx: Ctx[Invoicing],
    entity: Record,
    statement_id: UUID,
    bank_reference: str,
    line: StatementLine,
    reference: str,
) -> None:
    nothing = Money.zero(line.amount.currency)
    refund = await ctx.db.fetchrow(SQL["refund_by_reference"], reference, entity["id"]) if reference else None
    is_sent = refund is not None and Money(refund["amount_minor"], refund["currency"]) == -line.amount
    outcome = Outcome.REFUND if is_sent else Outcome.NOT_A_RECEIPT
    allocation = Allocation(outcome, None, nothing, nothing)
    key = await _insert(ctx, entity, statement_id, bank_reference, line, reference, allocation)
    if refund is not None and is_sent:
        await ctx.db.execute(SQL["insert_refund_transfer"], refund["id"], key)
        legs = refund_sent(entity_id=entity["id"], amount=-line.amount)
        await _book(ctx, "refund_sent", refund["id"], line, legs)


async def _names_refund(ctx: Ctx[Invoicing], entity_id: UUID, reference: str) -> bool:
    # A refund was booked when it left: what comes back of it waits for a person, as nameless money does.
    if not reference:
        return False
    return await ctx.db.fetchrow(SQL["refund_by_reference"], reference, entity_id) is not None


async def _record_returned(
    ctx: Ctx[Invoicing], entity: Record, statement_id: UUID, bank_reference: str, line: StatementLine
) -> None:
    """Our own transfer: going out it was in none of these books, and coming back it pays nothing."""
    nothing = Money.zero(line.amount.currency)
    allocation = Allocation(Outcome.NOT_A_RECEIPT, None, nothing, nothing)
    key = await _insert(ctx, entity, statement_id, bank_reference, line, "", allocation)
    if line.end_to_end_id:
        await ctx.announce(
            TransferReturned(
                payment_id=key,
                entity_id=entity["id"],
                end_to_end_id=line.end_to_end_id,
                amount=line.amount,
                reason=line.return_reason,
                returned_on=line.booking_date,
            )
        )


async def _insert(
    ctx: Ctx[Invoicing],
    entity: Record,
    statement_id: UUID,
    bank_reference: str,
    line: StatementLine,
    reference: str,
    allocation: Allocation,
) -> UUID:
    key = uuid7()
    await ctx.db.execute(
        SQL["insert_bank_line"],
        key,
        statement_id,
        entity["id"],
        entity["iban"],
        bank_reference,
        line.booking_date,
        line.amount.minor,
        line.amount.currency,
        reference,
        allocation.outcome.value,
        allocation.invoice_id,
        allocation.to_invoice.minor,
        allocation.to_suspense.minor,
    )
    return key


async def _note_numbers(ctx: Ctx[Invoicing], entity_id: UUID, key: UUID, line: StatementLine) -> None:
    """Keep which invoices the payer's own words name, to propose them; the words are not kept."""
    words = words_of(line.unstructured_reference)
    if words:
        for row in await ctx.db.fetch(SQL["invoices_with_numbers"], entity_id, words):
            await ctx.db.execute(SQL["insert_payment_hint"], key, row["id"])


def _pays_shares(ctx: Ctx[Invoicing], reference: str) -> bool:
    digit = str(ctx.service.rules.communication_digits[SHARES])
    return digits_of_payment_reference(reference).startswith(digit)


async def _book(ctx: Ctx[Invoicing], code: str, ref: UUID, line: StatementLine, legs: list[Leg]) -> None:
    if legs:
        await ledger.post(
            ctx.db, code=code, ref=str(ref), actor=ctx.who.subject, effective=line.booking_date, legs=legs
        )
