"""Write off what is still due on the invoice of an order."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons import ledger
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.domain.books import BUDGET_CREDITED, AccountKind, entity_account, written_off
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import lock_debt, open_accounts


@capability
async def write_off_invoice(
    ctx: Ctx[Invoicing], *, order_id: UUID, write_off_id: UUID, approved_on: date
) -> None:
    """Give up what is still due, once; what comes later is taken. Without an invoice nothing is due."""
    invoice_id = await ctx.db.fetchval(SQL["invoice_of_order"], order_id)
    if invoice_id is None:
        return
    debt = await lock_debt(ctx.db, invoice_id)
    due, nothing = debt.payable, Money.zero(debt.total.currency)
    if due <= nothing or debt.given_up is not None:
        return
    credited = await ctx.db.fetchval(SQL["budget_credited_minor"], BUDGET_CREDITED, str(order_id))
    # The price of an order without cover enters the books when it is paid: until then it is no loss in them.
    loss = due if credited is not None else max(due - debt.budget, nothing)
    today = max(await ctx.today(debt.entity_id), approved_on)
    await ctx.db.execute(
        SQL["insert_write_off"], invoice_id, write_off_id, due.minor, loss.minor, due.currency, today
    )
    await open_accounts(ctx.db, [entity_account(AccountKind.LOSS, debt.entity_id)], due.currency)
    legs = written_off(entity_id=debt.entity_id, loss=loss)
    if legs:
        await ledger.post(
            ctx.db,
            code="invoice_written_off",
            ref=str(invoice_id),
            actor=ctx.who.subject,
            effective=today,
            legs=legs,
        )
