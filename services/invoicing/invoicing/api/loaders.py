"""Batch loaders: results in the order of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from commons.context import Ctx
from commons.money import Money
from invoicing.archive import read_invoice
from invoicing.domain.allocation import Candidate, propose
from invoicing.domain.invoice import Invoice
from invoicing.domain.transmission import DocumentKind
from invoicing.rows import (
    ActivityRow,
    BalanceRow,
    BankLineRow,
    BankStatementRow,
    BudgetWithdrawalRow,
    DocumentContentRow,
    EntityRow,
    InvoiceDocumentRow,
    InvoiceLineRow,
    InvoiceRow,
    LedgerEntryRow,
    OrderRow,
    ParticipationRow,
    PartyRow,
    PaymentDecisionRow,
    PaymentRow,
    ProposalRow,
    TransmissionRow,
    VatSubtotalRow,
)
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import invoice_line_row, order_rows, vat_rows

LEDGER_ENTRIES_MAX: Final = 100


async def entities_by_key(ctx: Ctx, keys: list[str]) -> Sequence[EntityRow | None]:
    """Legal entities."""
    rows = {row["id"]: EntityRow(*row) for row in await ctx.read.fetch(SQL["entities_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def parties_by_key(ctx: Ctx, keys: list[str]) -> Sequence[PartyRow | None]:
    """Clients."""
    rows = {row["id"]: PartyRow(*row) for row in await ctx.read.fetch(SQL["parties_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def activities_by_key(ctx: Ctx, keys: list[str]) -> Sequence[ActivityRow | None]:
    """Activities."""
    rows = {row["id"]: ActivityRow(*row) for row in await ctx.read.fetch(SQL["activities_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def participations_by_activity(ctx: Ctx, keys: list[str]) -> list[list[ParticipationRow]]:
    """Who is in activities; an activity has a limit of people."""
    found: dict[str, list[ParticipationRow]] = {key: [] for key in keys}
    for row in await ctx.read.fetch(SQL["participations_by_activity"], keys):
        found[row["activity_id"]].append(ParticipationRow(*row))
    return [found[key] for key in keys]


async def balances_by_activity(ctx: Ctx, keys: list[str]) -> Sequence[BalanceRow | None]:
    """What is on the budgets of activities: booked, held for contracts, and what may still be spent."""
    rows = await ctx.read.fetch(SQL["budgets_by_activity"], keys)
    found = {
        row["activity_id"]: BalanceRow(
            Money(row["posted"], row["currency"]), Money(row["held"], row["currency"])
        )
        for row in rows
    }
    return [found.get(key) for key in keys]


async def ledger_entries_by_activity(
    ctx: Ctx, keys: list[str], *, first: int = 20
) -> list[list[LedgerEntryRow]]:
    """The last lines of budgets, newest first."""
    found: dict[str, list[LedgerEntryRow]] = {key: [] for key in keys}
    for activity_id, *row in await ctx.read.fetch(SQL["ledger_entries_by_activity"], keys, first):
        found[activity_id].append(LedgerEntryRow(*row))
    return [found[key] for key in keys]


async def orders_by_key(ctx: Ctx[Invoicing], keys: list[str]) -> Sequence[OrderRow | None]:
    """Orders."""
    records = await ctx.read.fetch(SQL["orders_by_key"], keys)
    found = {row.key: row for row in await order_rows(ctx, ctx.read, records)}
    return [found.get(key) for key in keys]


async def invoices_by_key(ctx: Ctx, keys: list[str]) -> Sequence[InvoiceRow | None]:
    """Invoices."""
    rows = {row["id"]: InvoiceRow(*row) for row in await ctx.read.fetch(SQL["invoices_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def credit_note_by_invoice(ctx: Ctx, keys: list[str]) -> Sequence[InvoiceRow | None]:
    """The credit note that takes an invoice back; nothing where none does."""
    rows = await ctx.read.fetch(SQL["credit_notes_by_invoice"], keys)
    found = {row["invoice_id"]: row["id"] for row in rows}
    notes = await ctx.read.fetch(SQL["invoices_by_key"], list(found.values()))
    by_key = {row["id"]: InvoiceRow(*row) for row in notes}
    return [by_key[found[key]] if key in found else None for key in keys]


async def invoice_by_order(ctx: Ctx, keys: list[str]) -> Sequence[InvoiceRow | None]:
    """The invoice of an order; nothing before it is issued."""
    rows = {row["order_id"]: InvoiceRow(*row) for row in await ctx.read.fetch(SQL["invoices_by_order"], keys)}
    return [rows.get(key) for key in keys]


async def budget_withdrawal_by_order(ctx: Ctx, keys: list[str]) -> list[BudgetWithdrawalRow | None]:
    """What the budget gives back of an order that fell away; nothing of one that did not."""
    rows = await ctx.read.fetch(SQL["budget_withdrawals_by_order"], keys)
    found = {
        row["order_id"]: BudgetWithdrawalRow(
            Money(row["amount_minor"], row["currency"]), Money(row["taken_minor"], row["currency"])
        )
        for row in rows
    }
    return [found.get(key) for key in keys]


async def lines_by_invoice(ctx: Ctx, keys: list[str]) -> list[list[InvoiceLineRow]]:
    """What is invoiced (BG-25)."""
    found = await _issued(ctx, keys)
    return [[invoice_line_row(line) for line in found[key].lines] for key in keys]


async def vat_by_invoice(ctx: Ctx, keys: list[str]) -> list[list[VatSubtotalRow]]:
    """The VAT, once for each category and rate (BG-23)."""
    found = await _issued(ctx, keys)
    return [vat_rows(found[key]) for key in keys]


async def transmission_by_invoice(ctx: Ctx, keys: list[str]) -> list[TransmissionRow | None]:
    """How far the invoice is on its way to the buyer."""
    rows = await ctx.read.fetch(SQL["transmissions_by_invoice"], keys)
    found = {
        row["invoice_id"]: TransmissionRow(row["state"], row["reference"], row["evidence"], row["changed_on"])
        for row in rows
    }
    return [found.get(key) for key in keys]


async def documents_by_invoice(ctx: Ctx, keys: list[str]) -> list[list[InvoiceDocumentRow]]:
    """The documents of the invoice; none until they are made."""
    found: dict[str, list[InvoiceDocumentRow]] = {key: [] for key in keys}
    for invoice_id, *row in await ctx.read.fetch(SQL["invoice_documents_by_invoice"], keys):
        found[invoice_id].append(InvoiceDocumentRow(*row))
    return [found[key] for key in keys]


async def document_by_invoice(
    ctx: Ctx, keys: list[str], *, kind: DocumentKind
) -> list[DocumentContentRow | None]:
    """A document with its bytes; nothing until it is made."""
    rows = await ctx.read.fetch(SQL["invoice_document_contents"], keys, kind.value)
    found = {
        row["invoice_id"]: DocumentContentRow(row["media_type"], row["sha256"], row["content"])
        for row in rows
    }
    return [found.get(key) for key in keys]


async def bank_statements_by_key(ctx: Ctx, keys: list[str]) -> Sequence[BankStatementRow | None]:
    """Imported bank statements."""
    rows = {
        row["id"]: BankStatementRow(*row) for row in await ctx.read.fetch(SQL["bank_statements_by_key"], keys)
    }
    return [rows.get(key) for key in keys]


async def lines_by_bank_statement(ctx: Ctx, keys: list[str]) -> list[list[BankLineRow]]:
    """The payments that this import brought: those that had come before are with theirs."""
    found: dict[str, list[BankLineRow]] = {key: [] for key in keys}
    for record in await ctx.read.fetch(SQL["bank_lines_by_statement"], keys):
        key, statement_id, *rest = record
        found[statement_id].append(BankLineRow(key, *rest))
    return [found[key] for key in keys]


async def payments_by_key(ctx: Ctx, keys: list[str]) -> Sequence[PaymentRow | None]:
    """Payments."""
    rows = {row["id"]: PaymentRow(*row) for row in await ctx.read.fetch(SQL["payments_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def decisions_by_payment(ctx: Ctx, keys: list[str]) -> list[list[PaymentDecisionRow]]:
    """What people decided about payments, in the order in which they did."""
    found: dict[str, list[PaymentDecisionRow]] = {key: [] for key in keys}
    for payment_id, *row in await ctx.read.fetch(SQL["decisions_by_payment"], keys):
        found[payment_id].append(PaymentDecisionRow(*row))
    return [found[key] for key in keys]


async def proposals_by_payment(ctx: Ctx, keys: list[str]) -> list[list[ProposalRow]]:
    """The invoices that payments in suspense are most likely for, with the reasons; a person decides."""
    amounts: dict[str, Money] = {}
    candidates: dict[str, list[Candidate]] = {key: [] for key in keys}
    for row in await ctx.read.fetch(SQL["candidates_by_payment"], keys):
        amounts[row["payment_id"]] = Money(row["open_minor"], row["currency"])
        candidates[row["payment_id"]].append(
            Candidate(
                invoice_id=row["invoice_id"],
                number=row["number"],
                amount_due=Money(row["due_minor"], row["currency"]),
                is_named=row["is_named"],
                is_same_client=row["is_same_client"],
            )
        )
    return [
        [
            ProposalRow(each.invoice_id, each.amount, [reason.value for reason in each.reasons])
            for each in propose(amounts[key], candidates[key])
        ]
        if key in amounts
        else []
        for key in keys
    ]


async def _issued(ctx: Ctx, keys: list[str]) -> dict[str, Invoice]:
    rows = await ctx.read.fetch(SQL["invoice_contents"], keys)
    return {row["id"]: read_invoice(row["content"]) for row in rows}
