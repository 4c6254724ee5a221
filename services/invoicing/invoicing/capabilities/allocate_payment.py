"""Decide that money in suspense pays an invoice."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons import ledger
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.capabilities.settle_invoice import settle_invoice
from invoicing.domain.allocation import DecisionKind, decide
from invoicing.domain.books import allocation
from invoicing.rows import PaymentRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import lock_debt, lock_payment


@capability
async def allocate_payment(
    ctx: Ctx[Invoicing],
    *,
    payment_id: Annotated[UUID, Node("Payment")],
    invoice_id: Annotated[UUID, Node("Invoice")],
    amount: Money | None = None,
) -> PaymentRow:
    """Set money that came without a usable reference against an invoice; without an amount, all that fits.

    Never more than is in suspense nor more than is due: what is left stays in suspense.
    """
    debt = await lock_debt(ctx.db, invoice_id)
    payment = await lock_payment(ctx.db, payment_id)
    taken = decide(
        amount,
        open_amount=payment.in_suspense,
        amount_due=debt.payable,
        is_same_entity=debt.entity_id == payment.entity_id,
    )
    today = await ctx.today(payment.entity_id)
    key = uuid7()
    await ctx.db.execute(
        SQL["insert_payment_decision"],
        key,
        payment.id,
        payment.entity_id,
        DecisionKind.ALLOCATED.value,
        taken.minor,
        taken.currency,
        debt.id,
        None,
        None,
        today,
        ctx.who.subject,
    )
    await ledger.post(
        ctx.db,
        code="payment_allocated",
        ref=str(key),
        actor=ctx.who.subject,
        effective=today,
        legs=allocation(entity_id=payment.entity_id, amount=taken),
    )
    await settle_invoice(ctx, debt=debt, amount=taken, paid_on=today)
    [row] = await ctx.db.fetch(SQL["payments_by_key"], [payment.id])
    return PaymentRow(*row)
