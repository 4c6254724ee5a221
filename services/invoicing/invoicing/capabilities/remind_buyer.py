"""Note that an invoice is overdue, one level of the dunning ladder after the other."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.events.published import InvoiceOverdue
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import lock_debt


@capability
async def remind_buyer(ctx: Ctx[Invoicing], *, invoice_id: UUID, level: int) -> None:
    """Bring an invoice that is still due to a level, once; nothing where nothing is due any more."""
    debt = await lock_debt(ctx.db, invoice_id)
    due = debt.payable - debt.written_off
    if due <= Money.zero(due.currency):
        return
    today = await ctx.today(debt.entity_id)
    if await ctx.db.fetchval(SQL["insert_reminder"], invoice_id, level, today) is None:
        return
    assert debt.payment_due_date is not None, "an invoice is due on a day"
    await ctx.announce(
        InvoiceOverdue(
            invoice_id=debt.id,
            order_id=debt.order_id,
            entity_id=debt.entity_id,
            buyer_id=debt.buyer_id,
            dunning_level=level,
            amount_due=due,
            payment_due_date=debt.payment_due_date,
            noted_on=today,
        )
    )
