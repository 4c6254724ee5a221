"""What this service adds to a legal entity."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.business_days import business_days_by_entity
from commons.graphql import SignedIn, batched, node_id, record
from payroll.rows import EntityRef


@record(EntityRef, name="Entity", keys=["id"])
class Entity:
    """A legal entity of the cooperative."""

    id: ID = node_id("Entity")
    payroll_business_day: date | None = batched(
        business_days_by_entity,
        key="key",
        rule=SignedIn(),
        description="The business day on which the payroll service acts.",
    )
