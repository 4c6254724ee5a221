"""A claim of the guarantee fund that is proposed to be given up, or was."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, money, node_id, record, ref
from governance.api.types.entity import Entity
from governance.rows import EntityRef, WriteOffRow


@record(WriteOffRow, keys=["id"])
class WriteOff:
    """What the fund cannot get back of an order. Approved, it is a loss that all members carry."""

    id: ID = node_id("WriteOff")
    order_id: ID = node_id("Order", "order_id")
    entity: Entity = ref(EntityRef, "entity_id")
    amount: Money = money("amount_minor")
    proposed_on: date
    approved_on: date | None
    grounds: str | None
