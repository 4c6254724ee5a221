"""A share subscription and whom to pay for it."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, WithParent, batched, node_id, record
from members.api.loaders import payees_by_entity
from members.rows import PayeeRow, ShareSubscriptionRow


@record(PayeeRow)
class Payee:
    """Whom to pay."""

    name: str
    iban: str


@record(ShareSubscriptionRow, keys=["id"])
class ShareSubscription:
    """Shares promised, paid with private money under a reference; they count from the day of payment."""

    id: ID = node_id("ShareSubscription")
    member_id: ID = node_id("Member", "member_id")
    quantity: int
    amount: Money
    reference: str
    pay_to: Payee | None = batched(payees_by_entity, key="entity_id", rule=WithParent())
    subscribed_on: date
    pay_by: date
    is_paid: bool
    paid_on: date | None
