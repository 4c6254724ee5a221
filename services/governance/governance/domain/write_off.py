"""A claim of the guarantee fund that is proposed to be given up, and the decision to do so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from commons.money import Money
from governance.domain.errors import WriteOffAlreadyApproved

GROUNDS_LENGTH_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What the fund cannot get back of an order; approved, it is a loss that all members carry."""

    id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    proposed_on: date
    approved_on: date | None = None


def approve(write_off: WriteOff, *, today: date) -> WriteOff:
    """The write-off as it was decided. Raises WriteOffAlreadyApproved."""
    if write_off.approved_on is not None:
        raise WriteOffAlreadyApproved(write_off=write_off.id, approved_on=write_off.approved_on)
    return replace(write_off, approved_on=today)
