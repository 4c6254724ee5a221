"""The facts of other services, with only the fields that this service uses."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commons.events import Consumed
from commons.money import Money


class EntityRegistered(Consumed):
    """A legal entity exists; a simulated one begins on `day`."""

    type: ClassVar[str] = "invoicing.EntityRegistered.v1"
    entity_id: UUID
    name: str
    legal_form: str
    currency: str
    iban: str
    simulated: bool
    day: date | None = None


class PaymentReceived(Consumed):
    """Money arrived in an entity's account with this reference."""

    type: ClassVar[str] = "invoicing.PaymentReceived.v1"
    payment_id: UUID
    entity_id: UUID
    reference: str
    amount: Money
    received_on: date
