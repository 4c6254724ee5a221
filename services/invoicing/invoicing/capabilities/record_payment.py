"""Write down one payment of a bank statement, and what it pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.ledger import Leg
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.documents.camt053 import StatementLine
from invoicing.domain.allocation import Allocation, OpenInvoice, Outcome, allocate, reference_of
from invoicing.domain.books import BUDGET_CREDITED, budget_credit, receipt
from invoicing.events.published import InvoicePaid, PaymentReceived
from invoicing.service import Invoicing
from invoicing.sql import SQL

SHARES: Final = "share_subscription"


@dataclass(frozen=True, slots=True)
class _Debt:
    """The invoice that a reference names."""

    id: UUID
    order_id: UUID
    activity_id: UUID
    total: Money
    budget: Money
    paid: Money


@capability
async def record_payment(
    ctx: Ctx[Invoicing], *, entity: Record, statement_id: UUID, bank_reference: str, line: StatementLine
) -> None:
    """Keep a new line of a statement, allocate it by its reference and announce it.

    What no invoice takes waits in suspense for a person. Who paid is neither kept nor told. Raises
    CurrencyMismatch.
    """
    reference = reference_of(line.structured_reference, line.unstructured_reference)
    nothing = Money.zero(line.amount.currency)
    debt: _Debt | None = None
    if line.amount > nothing and _pays_shares(ctx, reference):
        allocation = Allocation(Outcome.FOR_MEMBERS, None, nothing, nothing)
    else:
        debt = await _debt(ctx, entity["id"], reference) if reference else None
        allocation = allocate(line.amount, OpenInvoice(debt.id, debt.total - debt.paid) if debt else None)
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
    if debt is not None and allocation.outcome in (Outcome.FULL, Outcome.OVER):
        await _paid_in_full(ctx, entity["id"], debt, line)


def _pays_shares(ctx: Ctx[Invoicing], reference: str) -> bool:
    return reference.startswith(str(ctx.service.rules.communication_digits[SHARES]))


async def _debt(ctx: Ctx[Invoicing], entity_id: UUID, reference: str) -> _Debt | None:
    row = await ctx.db.fetchrow(SQL["invoice_by_reference"], reference, entity_id)
    if row is None:
        return None
    return _Debt(
        id=row["id"],
        order_id=row["order_id"],
        activity_id=row["activity_id"],
        total=Money(row["total_with_vat_minor"], row["currency"]),
        budget=Money(row["total_without_vat_minor"] - row["contribution_minor"], row["currency"]),
        paid=Money(row["paid_minor"], row["currency"]),
    )


async def _paid_in_full(ctx: Ctx[Invoicing], entity_id: UUID, debt: _Debt, line: StatementLine) -> None:
    # A covered order brought its budget when it was covered.
    if await ctx.db.fetchval(SQL["budget_credited_minor"], BUDGET_CREDITED, str(debt.order_id)) is None:
        legs = budget_credit(entity_id=entity_id, activity_id=debt.activity_id, budget=debt.budget)
        await _book(ctx, BUDGET_CREDITED, debt.order_id, line, legs)
    await ctx.announce(
        InvoicePaid(
            invoice_id=debt.id,
            order_id=debt.order_id,
            entity_id=entity_id,
            amount=debt.total,
            paid_on=line.booking_date,
        )
    )


async def _book(ctx: Ctx[Invoicing], code: str, ref: UUID, line: StatementLine, legs: list[Leg]) -> None:
    if legs:
        await ledger.post(
            ctx.db, code=code, ref=str(ref), actor=ctx.who.subject, effective=line.booking_date, legs=legs
        )
