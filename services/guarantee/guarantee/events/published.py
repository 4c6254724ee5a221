"""The facts this service announces."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commons.events import Published
from commons.money import Money


class Reason(BaseModel):
    """What one rule found about an order: its facts, where the rule stands, whether it is our invention."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    passed: bool
    required: bool
    facts: dict[str, str]
    source: str
    invented: bool


class OrderCovered(Published):
    """The fund stands for an order: `cover` is spendable whether the client pays or not."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Order"
    order_id: UUID
    entity_id: UUID
    cover: Money
    reasons: list[Reason]
    decided_on: date


class OrderNotCovered(Published):
    """The fund does not stand for an order: only what the client pays is spendable."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Order"
    order_id: UUID
    entity_id: UUID
    reasons: list[Reason]
    decided_on: date


class WageFunded(Published):
    """A wage can be paid out: from the client's money (`collection`) or from the fund's (`advance`)."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Payslip"
    payslip_id: UUID
    contract_id: UUID
    order_id: UUID
    entity_id: UUID
    source: Literal["collection", "advance"]
    amount: Money
    due_date: date
    funded_on: date


class AdvanceGranted(Published):
    """The fund paid a wage that the client has not paid yet."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Advance"
    advance_id: UUID
    payslip_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    granted_on: date


class AdvanceRecovered(Published):
    """An advance, or a part of it, came back to the fund."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Advance"
    advance_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    recovered_on: date


class WriteOffProposed(Published):
    """A client has not paid for so long that giving up the claim is proposed to those who decide it."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "WriteOff"
    write_off_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    proposed_on: date


class LossCarried(Published):
    """What was open of an advance is given up: the fund carries it, the member keeps the wage."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Advance"
    advance_id: UUID
    payslip_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    carried_on: date


class FundBelowReserve(Published):
    """The fund has less than what it stands for demands; told at most once a day."""

    service: ClassVar[str] = "guarantee"
    aggregate: ClassVar[str] = "Fund"
    entity_id: UUID
    balance: Money
    reserve: Money
    noted_on: date

    @property
    def aggregate_id(self) -> UUID:
        """The entity: it has one fund."""
        return self.entity_id
