"""What this service adds to an order: the verdict on it."""

from __future__ import annotations

from datetime import date

from strawberry import ID
from strawberry.scalars import JSON

from commons.graphql import Money, batched, money, node_id, record
from guarantee.api.loaders import cover_by_order
from guarantee.api.rules import COVER_READERS, AsLoaded
from guarantee.rows import CoverVerdictRow, OrderRef, ReasonRow


@record(ReasonRow)
class CoverReason:
    """What one rule found: required ones decide. `invented` says that no public source gives the rule."""

    rule: str
    passed: bool
    required: bool
    sentence: str
    facts: JSON
    source: str
    invented: bool


@record(CoverVerdictRow)
class CoverVerdict:
    """Whether the fund stands for an order, for how much, and every reason. Kept as it was given."""

    covered: bool
    amount: Money = money("cover_minor")
    decided_on: date
    reasons: list[CoverReason]


@record(OrderRef, name="Order", keys=["id"])
class Order:
    """Work that a client ordered."""

    id: ID = node_id("Order")
    cover: CoverVerdict | None = batched(cover_by_order, key="key", rule=AsLoaded(COVER_READERS))
