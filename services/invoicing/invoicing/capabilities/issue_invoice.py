"""Issue the invoice of an order whose work has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons import ledger
from commons.access import must_be_own
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import schedule
from commons.identifiers import show_payment_reference
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.deadlines.keys import INVOICE_OVERDUE
from invoicing.documents import ubl
from invoicing.documents.validator import broken_rules
from invoicing.domain.books import levies
from invoicing.domain.default import reminders
from invoicing.domain.errors import InvoiceNotValid, OrderAlreadyInvoiced
from invoicing.domain.invoice import Invoice, PaymentInstructions, Totals, issue, provisional, totals
from invoicing.domain.numbering import compact_reference
from invoicing.domain.order import Order, draft_invoice, to_be_invoiced
from invoicing.events.published import ContributionLevied, InvoiceIssued
from invoicing.rows import InvoiceRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import check_may_invoice, load_activity, load_order, seller_from, store_document

SERIES: Final = "invoice"
DEBT: Final = "invoice"  # what the first digit of the payment's reference says is paid
_PROVISIONAL_REFERENCE: Final = 1  # stands in for the payment's reference, as a provisional number does


@capability
async def issue_invoice(ctx: Ctx[Invoicing], *, order_id: Annotated[UUID, Node("Order")]) -> InvoiceRow:
    """Issue the invoice of an order, from the last day of its work on; of a cancelled one for the part done.

    The document is judged by the rules of the e-invoice standard before it gets the next number of its
    series; it is sent once its documents are made. An issued invoice is never edited.
    """
    order = await load_order(ctx.db, order_id, ctx.service.rules)
    must_be_own(ctx.who, order.member_id, "accountant")
    today = await ctx.today(order.entity_id)
    if await ctx.db.fetchval(SQL["invoice_of_order"], order.id):
        raise OrderAlreadyInvoiced(order=order.id)
    done = to_be_invoiced(order, today)
    await check_may_invoice(ctx.db, order.member_id, order.entity_id, today)
    draft = await _draft(ctx, done)
    contribution = await _contribution(ctx, done, totals(draft))
    await judge(ctx, provisional(draft, today))
    # From here on counters are locked: nothing slow and nothing outside the database.
    invoice = await _number_and_store(ctx, order, draft, contribution, today)
    await ctx.db.execute(SQL["mark_order_done"], done.id, done.done_on)
    await _book_and_announce(ctx, order, invoice, contribution, today)
    await ctx.effect("invoice.documents", str(invoice.id), {})
    [row] = await ctx.db.fetch(SQL["invoices_by_key"], [invoice.id])
    return InvoiceRow(*row)


async def _draft(ctx: Ctx[Invoicing], order: Order) -> Invoice:
    entity = await ctx.db.fetchrow(SQL["entity"], order.entity_id)
    assert entity is not None, "an order refers to its entity"
    activity = await load_activity(ctx.db, order.activity_id)
    day = order.period.last
    return draft_invoice(
        order,
        id=uuid7(),
        seller=seller_from(entity, ctx.service.rules, day),
        rules=ctx.service.rules.vat,
        payment=PaymentInstructions(
            entity["iban"],
            show_payment_reference(_reference(ctx, _PROVISIONAL_REFERENCE)),
            entity["name"],
        ),
        tax_point_date=day,
        project_reference=activity.name,
    )


async def _contribution(ctx: Ctx[Invoicing], order: Order, sums: Totals) -> Money:
    row = await ctx.db.fetchrow(SQL["order"], order.id)
    assert row is not None, "its row is locked"
    # The invoice has the order's own lines: the price is the one that was confirmed, covered and budgeted, or
    # that of the part that was done.
    part = "" if order.cancellation is None else "done_"
    assert sums.total_without_vat.minor == row[f"{part}price_minor"], "an invoice asks what was agreed"
    return Money(row[f"{part}contribution_minor"], order.currency)


async def judge(ctx: Ctx[Invoicing], invoice: Invoice) -> None:
    """Ask the rules of the e-invoice standard before a document takes a number. Raises InvoiceNotValid."""
    findings = await ctx.service.validator.findings(ubl.serialize(invoice), ubl.kind(invoice))
    broken = broken_rules(findings)
    if broken:
        raise InvoiceNotValid(order=invoice.order_id, rules=broken)


async def _number_and_store(
    ctx: Ctx[Invoicing], order: Order, draft: Invoice, contribution: Money, today: date
) -> Invoice:
    assert draft.payment is not None, "the draft says how to pay"
    reference = _reference(ctx, await ctx.db.fetchval(SQL["next_reference"]))
    series = ctx.service.rules.series[SERIES].on(today)
    year = series.counter_year(today)
    counted = await ctx.db.fetchrow(SQL["next_number"], order.entity_id, SERIES, year, today)
    assert counted is not None, "a counter always answers"
    invoice = issue(
        replace(draft, payment=replace(draft.payment, remittance=show_payment_reference(reference))),
        number=series.write(counted["last"], today),
        today=today,
        last_issue_date=counted["last_issue_date"],
    )
    await store_document(
        ctx.db,
        order,
        invoice,
        contribution,
        series=SERIES,
        year=year,
        counter=counted["last"],
        reference=reference,
    )
    return invoice


async def _book_and_announce(
    ctx: Ctx[Invoicing], order: Order, invoice: Invoice, contribution: Money, today: date
) -> None:
    assert invoice.number is not None, "issue() gave it"
    assert invoice.payment_due_date is not None, "an order has a payment term"
    sums = totals(invoice)
    legs = levies(entity_id=order.entity_id, contribution=contribution, vat=sums.total_vat)
    if legs:
        await ledger.post(
            ctx.db,
            code="invoice_issued",
            ref=str(invoice.id),
            actor=ctx.who.subject,
            effective=today,
            legs=legs,
        )
    for level, day in reminders(ctx.service.rules.dunning.on(today), invoice.payment_due_date):
        await schedule(
            ctx.db,
            kind=INVOICE_OVERDUE,
            key=f"{INVOICE_OVERDUE}:{invoice.id}:{level}",
            entity_id=order.entity_id,
            due=day,
            data={"invoice_id": str(invoice.id), "level": level},
        )
    await ctx.announce(
        InvoiceIssued(
            invoice_id=invoice.id,
            number=invoice.number,
            order_id=order.id,
            entity_id=order.entity_id,
            activity_id=order.activity_id,
            buyer_id=order.buyer_id,
            issue_date=today,
            payment_due_date=invoice.payment_due_date,
            total_without_vat=sums.total_without_vat,
            total_vat=sums.total_vat,
            total_with_vat=sums.total_with_vat,
            contribution=contribution,
        )
    )
    if not contribution.is_zero:
        await ctx.announce(
            ContributionLevied(
                invoice_id=invoice.id, entity_id=order.entity_id, amount=contribution, levied_on=today
            )
        )


def _reference(ctx: Ctx[Invoicing], counter: int) -> str:
    digit = ctx.service.rules.communication_digits[DEBT]
    return compact_reference(ctx.country.payment_reference, digit, counter)
