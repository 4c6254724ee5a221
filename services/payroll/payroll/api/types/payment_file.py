"""A file of payments for the bank."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, Role, batched, money, node_id, record
from payroll.api.loaders import payment_file_documents
from payroll.api.types.wage import PayrollDocument
from payroll.rows import PaymentFileRow, PaymentFileState


@record(PaymentFileRow)
class PaymentFile:
    """A file of payments (pain.001): the bytes that are kept are the bytes that were sent."""

    id: ID = node_id("PaymentFile")
    message_id: str
    state: PaymentFileState
    scheme: str
    execution_date: date
    created_on: date
    count: int
    total: Money = money("total_minor")
    document: PayrollDocument | None = batched(
        payment_file_documents, key="key", rule=Role("payroll_officer", "accountant")
    )
