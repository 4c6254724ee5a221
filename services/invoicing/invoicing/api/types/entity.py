"""A legal entity."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.business_days import business_days_by_entity
from commons.graphql import SignedIn, batched, node_id, record
from invoicing.rows import EntityRow


@record(EntityRow, keys=["id"])
class Entity:
    """A legal entity of the cooperative: it sells, employs and is owned by its members."""

    id: ID = node_id("Entity")
    name: str
    legal_form: str
    enterprise_number: str
    vat_number: str
    iban: str
    currency: str
    simulated: bool
    business_day: date | None = batched(
        business_days_by_entity,
        key="key",
        rule=SignedIn(),
        description="The day on which the entity acts: the real one, or the one opened for a simulation.",
    )
