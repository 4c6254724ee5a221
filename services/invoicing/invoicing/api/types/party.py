"""A client."""

from __future__ import annotations

from strawberry import ID

from commons.graphql import AnyOf, Own, Role, guarded, node_id, record
from invoicing.rows import PartyRow


@record(PartyRow, keys=["id"])
class Party:
    """A client of a legal entity. Without a VAT number it is not a taxable person for us."""

    id: ID = node_id("Party")
    name: str
    vat_number: str
    street: str
    post_code: str
    city: str
    country: str
    language: str
    email: str | None = guarded(AnyOf(Role("adviser", "accountant", "credit_controller"), Own("member_id")))
