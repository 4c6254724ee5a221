"""An imported bank statement and what its payments paid."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, WithParent, batched, enum, money, node_id, record
from invoicing.api.loaders import entities_by_key, invoices_by_key, lines_by_bank_statement
from invoicing.api.types.entity import Entity
from invoicing.api.types.invoice import Invoice
from invoicing.domain.allocation import Outcome
from invoicing.rows import BankLineRow, BankStatementRow

# Several services know outcomes; in one schema each needs a name of its own.
enum(Outcome, name="PaymentOutcome")


@record(BankLineRow)
class BankLine:
    """One payment of a statement. What no invoice took is in suspense and waits for a person."""

    id: ID = node_id("Payment")
    booking_date: date
    amount: Money = money("amount_minor")
    reference: str
    outcome: Outcome
    invoice: Invoice | None = batched(invoices_by_key, key="invoice_id", rule=WithParent())
    to_invoice: Money = money("to_invoice_minor")
    to_suspense: Money = money("to_suspense_minor")


@record(BankStatementRow, keys=["id"])
class BankStatement:
    """An import of a bank statement. Of its `lineCount` payments, `newLines` had not come before."""

    id: ID = node_id("BankStatement")
    bank_id: str
    iban: str
    entity: Entity | None = batched(entities_by_key, key="entity_id", rule=WithParent())
    opening: Money = money("opening_minor")
    closing: Money = money("closing_minor")
    imported_on: date
    line_count: int
    new_lines: int
    lines: list[BankLine] = batched(lines_by_bank_statement, key="key", rule=WithParent())
