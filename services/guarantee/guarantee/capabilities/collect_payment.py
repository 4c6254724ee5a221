"""Set the money of a client against the wages of its order: first what was advanced, then what is due."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain.wage_promise import InvoicePaid, share_payment
from guarantee.sql import SQL
from guarantee.store import Order, lock_order, open_wage, wages_of_order


@capability
async def collect_payment(
    ctx: Ctx, *, invoice_id: UUID, order_id: UUID, paid_in_all: Money, paid_on: date
) -> None:
    """Recover advances with what was newly paid on an invoice, keep the rest for wages to come.

    `paid_in_all` is all that was paid on the invoice until now, so hearing it again changes nothing. Wages
    are paid from the price without VAT less the contribution; the first money is theirs.
    Raises NotYet until order and invoice have arrived.
    """
    order = await lock_order(ctx.db, order_id)
    if order is None:
        raise NotYet(f"order {order_id}")
    invoice = await ctx.db.fetchrow(SQL["lock_invoice"], invoice_id)
    if invoice is None:
        raise NotYet(f"invoice {invoice_id}")
    before = invoice["paid_minor"]
    after = min(max(before, paid_in_all.minor), invoice["total_minor"])
    await ctx.db.execute(SQL["mark_invoice_paid"], invoice_id, after)
    wage_part = invoice["wage_part_minor"]
    for_wages = Money(min(after, wage_part) - min(before, wage_part), invoice["currency"])
    if for_wages.minor:
        today = max(await ctx.today(order.entity_id), paid_on)
        await _share_out(ctx, order, for_wages, payment_ref=f"{invoice_id}:{after}", today=today)
    await ctx.db.execute(SQL["refresh_exposure"], order.id)


async def _share_out(ctx: Ctx, order: Order, amount: Money, *, payment_ref: str, today: date) -> None:
    wages = {wage.promise.id: wage for wage in await wages_of_order(ctx.db, order)}
    shares, rest = share_payment(amount, [wage.promise for wage in wages.values()])
    for promise, part in shares:
        event = InvoicePaid(part, payment_ref)
        await move_wage(ctx, wage=wages[promise.id], event=event, today=today)
    if rest.minor:
        await open_wage(ctx.db, order, collected=rest)
