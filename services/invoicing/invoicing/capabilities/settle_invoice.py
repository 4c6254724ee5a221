"""Say what a payment made of an invoice: paid in full, or in part."""

from __future__ import annotations

from datetime import date

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.domain.books import BUDGET_CREDITED, budget_credit, came_after_all
from invoicing.events.published import InvoicePaid, InvoicePartlyPaid
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import Debt


@capability
async def settle_invoice(ctx: Ctx[Invoicing], *, debt: Debt, amount: Money, paid_on: date) -> None:
    """Announce what an amount, just booked on an invoice, came to; in full it brings the budget its money.

    `debt` is the invoice as it was before. Whoever calls this has booked the amount.
    """
    paid, left = debt.paid + amount, debt.payable - amount
    back = came_after_all(entity_id=debt.entity_id, amount=debt.recovered_loss(amount))
    if back:
        await ledger.post(
            ctx.db,
            code="write_off_recovered",
            ref=f"{debt.id}:{paid.minor}",
            actor=ctx.who.subject,
            effective=paid_on,
            legs=back,
        )
    if not left.is_zero:
        await ctx.announce(
            InvoicePartlyPaid(
                invoice_id=debt.id,
                order_id=debt.order_id,
                entity_id=debt.entity_id,
                amount=paid,
                amount_due=left,
                paid_on=paid_on,
            )
        )
        return
    # A covered order brought its budget when it was covered.
    legs = budget_credit(entity_id=debt.entity_id, activity_id=debt.activity_id, budget=debt.budget)
    known = await ctx.db.fetchval(SQL["budget_credited_minor"], BUDGET_CREDITED, str(debt.order_id))
    if legs and known is None:
        await ledger.post(
            ctx.db,
            code=BUDGET_CREDITED,
            ref=str(debt.order_id),
            actor=ctx.who.subject,
            effective=paid_on,
            legs=legs,
        )
    await ctx.announce(
        InvoicePaid(
            invoice_id=debt.id, order_id=debt.order_id, entity_id=debt.entity_id, amount=paid, paid_on=paid_on
        )
    )
