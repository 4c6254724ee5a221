"""A client."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import AnyOf, Own, Role, enum, guarded, node_id, record
from invoicing.domain.default import DefaultReason
from invoicing.rows import PartyRow

enum(DefaultReason)


@record(PartyRow, keys=["id"])
class Party:
    """A client of a legal entity. Without a VAT number it is not a taxable person for us.

    One that defaulted gets no cover of the guarantee fund any more.
    """

    id: ID = node_id("Party")
    name: str
    vat_number: str
    street: str
    post_code: str
    city: str
    country: str
    language: str
    default_reason: DefaultReason | None
    defaulted_on: date | None
    email: str | None = guarded(AnyOf(Role("adviser", "accountant", "credit_controller"), Own("member_id")))
