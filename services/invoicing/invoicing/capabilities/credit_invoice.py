"""Take an invoice back by a credit note."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons import ledger
from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.archive import read_invoice
from invoicing.capabilities.issue_invoice import judge
from invoicing.capabilities.withdraw_budget import withdraw_budget
from invoicing.domain.books import BUDGET_CREDITED, AccountKind, entity_account, unwinding
from invoicing.domain.errors import InvoiceAlreadyCredited, InvoiceIsPaid, UnknownInvoice
from invoicing.domain.invoice import Invoice, credit_note, issue, provisional, totals
from invoicing.domain.order import Order
from invoicing.events.published import InvoiceCredited
from invoicing.rows import InvoiceRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import Debt, load_order, lock_debt, open_accounts, store_document

SERIES: Final = "credit_note"


@capability
async def credit_invoice(
    ctx: Ctx[Invoicing],
    *,
    invoice_id: Annotated[UUID, Node("Invoice")],
    reason: Annotated[str, Text(max=300, min=1)],
) -> InvoiceRow:
    """Take back a whole invoice on which nothing was paid: the client no longer owes it.

    The credit note names the invoice, has a number without a gap in a series of its own, is judged by the
    same rules and sent the same way. The contribution and the VAT are given back; the budget gives back what
    no wage holds or has spent. Wages of work that was done are owed all the same, and paid.
    """
    order_id = await ctx.db.fetchval(SQL["order_of_invoice"], invoice_id)
    if order_id is None:
        raise UnknownInvoice(invoice=invoice_id)
    order = await load_order(ctx.db, order_id, ctx.service.rules)
    row = await ctx.db.fetchrow(SQL["invoice_to_credit"], invoice_id)
    assert row is not None, "an issued invoice is never deleted"
    contribution = Money(row["contribution_minor"], order.currency)
    today = await ctx.today(order.entity_id)
    invoice = read_invoice(row["content"])
    nothing = Money.zero(invoice.currency)
    draft = credit_note(invoice, id=uuid7(), lines=invoice.lines, credited_before=nothing)
    draft = replace(draft, note=reason)
    await judge(ctx, provisional(draft, today))
    _check_owed(await lock_debt(ctx.db, invoice_id))
    # From here on counters are locked: nothing slow and nothing outside the database.
    note = await _number_and_store(ctx, order, draft, contribution, invoice_id, today)
    await _give_back(ctx, order, note, contribution, today)
    await _announce(ctx, order, note, contribution, invoice_id, today)
    await ctx.effect("invoice.documents", str(note.id), {})
    [row] = await ctx.db.fetch(SQL["invoices_by_key"], [note.id])
    return InvoiceRow(*row)


def _check_owed(debt: Debt) -> None:
    """Raises InvoiceAlreadyCredited, InvoiceIsPaid."""
    if not debt.credited.is_zero:
        raise InvoiceAlreadyCredited(invoice=debt.id)
    if not debt.paid.is_zero:
        raise InvoiceIsPaid(invoice=debt.id, paid=debt.paid)


async def _number_and_store(
    ctx: Ctx[Invoicing], order: Order, draft: Invoice, contribution: Money, invoice_id: UUID, today: date
) -> Invoice:
    series = ctx.service.rules.series[SERIES].on(today)
    year = series.counter_year(today)
    counted = await ctx.db.fetchrow(SQL["next_number"], order.entity_id, SERIES, year, today)
    assert counted is not None, "a counter always answers"
    note = issue(
        draft,
        number=series.write(counted["last"], today),
        today=today,
        last_issue_date=counted["last_issue_date"],
    )
    await store_document(
        ctx.db,
        order,
        note,
        contribution,
        series=SERIES,
        year=year,
        counter=counted["last"],
        preceding_invoice_id=invoice_id,
    )
    return note


async def _give_back(
    ctx: Ctx[Invoicing], order: Order, note: Invoice, contribution: Money, today: date
) -> None:
    """What the invoice had booked, and what its order had brought into the budget, if it had."""
    sums = totals(note)
    is_in_budget = await ctx.db.fetchval(SQL["budget_credited_minor"], BUDGET_CREDITED, str(order.id))
    nothing = Money.zero(note.currency)
    budget = nothing if is_in_budget is None else sums.total_without_vat - contribution
    legs = unwinding(entity_id=order.entity_id, budget=budget, contribution=contribution, vat=sums.total_vat)
    if legs:
        await open_accounts(ctx.db, [entity_account(AccountKind.GUARANTEE, order.entity_id)], note.currency)
        await ledger.post(
            ctx.db,
            code="invoice_credited",
            ref=str(note.id),
            actor=ctx.who.subject,
            effective=today,
            legs=legs,
        )
    if budget > nothing:
        await ctx.db.execute(
            SQL["ask_budget_withdrawal"],
            order.id,
            order.activity_id,
            order.entity_id,
            budget.minor,
            budget.currency,
            today,
        )
        await withdraw_budget(ctx, order_id=order.id)


async def _announce(
    ctx: Ctx[Invoicing], order: Order, note: Invoice, contribution: Money, invoice_id: UUID, today: date
) -> None:
    assert note.number is not None, "issue() gave it"
    sums = totals(note)
    await ctx.announce(
        InvoiceCredited(
            invoice_id=invoice_id,
            credit_note_id=note.id,
            number=note.number,
            order_id=order.id,
            entity_id=order.entity_id,
            activity_id=order.activity_id,
            buyer_id=order.buyer_id,
            issue_date=today,
            total_without_vat=sums.total_without_vat,
            total_vat=sums.total_vat,
            total_with_vat=sums.total_with_vat,
            contribution=contribution,
        )
    )
