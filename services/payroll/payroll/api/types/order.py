"""What this service adds to an order."""

from __future__ import annotations

from strawberry import ID

from commons.graphql import AnyOf, Role, batched, node_id, record
from payroll.api.loaders import contracts_by_order
from payroll.api.rules import OwnOrUnconfirmed
from payroll.api.types.contract import Contract
from payroll.rows import OrderRef


@record(OrderRef, name="Order", keys=["id"])
class Order:
    """What a client asked a member to do."""

    id: ID = node_id("Order")
    contracts: list[Contract] | None = batched(
        contracts_by_order,
        key="key",
        rule=AnyOf(Role("payroll_officer", "accountant", "adviser"), OwnOrUnconfirmed()),
    )
