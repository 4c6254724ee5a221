"""A payment that no invoice took whole, what it may be for, and what people decided about it."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, WithParent, batched, enum, money, node_id, record
from invoicing.api.loaders import (
    decisions_by_payment,
    entities_by_key,
    invoices_by_key,
    parties_by_key,
    proposals_by_payment,
)
from invoicing.api.types.entity import Entity
from invoicing.api.types.invoice import Invoice
from invoicing.api.types.party import Party
from invoicing.domain.allocation import DecisionKind, Outcome, ProposalReason
from invoicing.rows import PaymentDecisionRow, PaymentRow, ProposalRow

enum(DecisionKind, name="PaymentDecisionKind")
enum(ProposalReason)


@record(ProposalRow)
class AllocationProposal:
    """An invoice that money in suspense may be for, how much it would take, and what speaks for it."""

    invoice: Invoice | None = batched(invoices_by_key, key="invoice_id", rule=WithParent())
    amount: Money
    reasons: list[ProposalReason]


@record(PaymentDecisionRow)
class PaymentDecision:
    """What a person decided about money in suspense.

    The transfer of a refund carries `refundReference`; `sentOn` is the day on which the statement shows it.
    """

    kind: DecisionKind
    amount: Money = money("amount_minor")
    invoice: Invoice | None = batched(invoices_by_key, key="invoice_id", rule=WithParent())
    kept_for: Party | None = batched(parties_by_key, key="buyer_id", rule=WithParent())
    refund_reference: str | None
    decided_on: date
    sent_on: date | None


@record(PaymentRow, keys=["id"])
class Payment:
    """Money that arrived on the account of a legal entity. Who paid is neither kept nor told.

    `invoice` is the one that its reference named. What is `inSuspense` waits for a person, who chooses among
    the `proposals`, gives it back or keeps it for a client.
    """

    id: ID = node_id("Payment")
    entity: Entity | None = batched(entities_by_key, key="entity_id", rule=WithParent())
    received_on: date
    amount: Money = money("amount_minor")
    reference: str
    outcome: Outcome
    invoice: Invoice | None = batched(invoices_by_key, key="invoice_id", rule=WithParent())
    in_suspense: Money = money("open_minor")
    kept_for: Party | None = batched(parties_by_key, key="kept_for", rule=WithParent())
    decisions: list[PaymentDecision] = batched(decisions_by_payment, key="key", rule=WithParent())
    proposals: list[AllocationProposal] = batched(proposals_by_payment, key="key", rule=WithParent())
