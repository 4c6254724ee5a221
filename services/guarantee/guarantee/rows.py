"""What queries return: one frozen row for each type of the API."""

from __future__ import annotations

from datetime import date
from enum import Enum

import msgspec

from commons.graphql import Ref
from commons.money import Money
from guarantee.domain.wage_promise import State


class FundMovementKind(Enum):
    """Why the money of a fund changed; the values are the codes of the journals."""

    ENDOWMENT = "endowment"
    CONTRIBUTION = "contribution"
    CONTRIBUTION_REVERSAL = "contribution_reversal"
    ADVANCE = "advance"
    RECOVERY = "recovery"
    LOSS_RECOVERY = "loss_recovery"


class WageState(Enum):
    """How far a wage is: HELD, NOT_HELD or COLLECTED until it is due, then FUNDED, then PAID.

    HELD: the fund keeps the money for it. COLLECTED: the client paid in time. NOT_HELD: neither, so the fund
    is asked for it again on the due date.
    """

    HELD = "held"
    NOT_HELD = "not_held"
    COLLECTED = "collected"
    FUNDED = "funded"
    PAID = "paid"


class AdvanceState(Enum):
    """What became of an advance: open, claimed from the client, back in full, or a loss of the fund."""

    OPEN = "open"
    RECOVERY_OPENED = "recovery_opened"
    RECOVERED = "recovered"
    LOSS_CARRIED = "loss_carried"


class FundRow(msgspec.Struct, frozen=True, gc=False):
    """The fund of an entity: the entity's key is its own."""

    key: str
    name: str
    opened_on: date
    currency: str
    posted_minor: int
    held_minor: int

    def available(self) -> Money:
        """What is there and not held."""
        return Money(self.posted_minor - self.held_minor, self.currency)


class FundStandingRow(msgspec.Struct, frozen=True, gc=False):
    """The fund beside what it stands for."""

    exposure: Money
    reserve: Money
    is_below_reserve: bool
    warned_on: date | None


class MovementRow(msgspec.Struct, frozen=True, gc=False):
    """One line of the fund's book."""

    day: date
    code: str
    amount_minor: int
    currency: str
    balance_after_minor: int
    order_id: str | None

    def kind(self) -> FundMovementKind:
        """Why the money moved."""
        return FundMovementKind(self.code)


class ReasonRow(msgspec.Struct, frozen=True, gc=False):
    """What one rule found about an order."""

    rule: str
    passed: bool
    required: bool
    sentence: str
    facts: dict[str, str]
    source: str
    invented: bool


class CoverVerdictRow(msgspec.Struct, frozen=True, gc=False):
    """Whether the fund stands for an order."""

    order_id: str
    member_id: str
    covered: bool
    cover_minor: int
    currency: str
    decided_on: date
    reasons: list[ReasonRow]


class WageRow(msgspec.Struct, frozen=True, gc=False):
    """Whose money pays a wage, and when."""

    payslip_id: str
    order_id: str
    member_id: str
    promise_state: str
    due_date: date
    amount_minor: int
    currency: str
    source: str | None
    funded_on: date | None
    has_hold: bool
    is_wage_paid: bool

    def state(self) -> WageState:
        """How far it is."""
        if self.funded_on is not None:
            return WageState.PAID if self.is_wage_paid else WageState.FUNDED
        if self.promise_state == State.WAGE_DUE_COLLECTED.value:
            return WageState.COLLECTED
        return WageState.HELD if self.has_hold else WageState.NOT_HELD


class AdvanceRow(msgspec.Struct, frozen=True, gc=False):
    """A wage that the fund paid before the client did."""

    key: str
    entity_id: str
    order_id: str
    payslip_id: str
    amount_minor: int
    currency: str
    granted_on: date
    promise_state: str
    recovered_minor: int
    lost_minor: int

    def outstanding(self) -> Money:
        """What the client still owes the fund."""
        return Money(self.amount_minor - self.recovered_minor - self.lost_minor, self.currency)

    def state(self) -> AdvanceState:
        """What became of it."""
        return _ADVANCE_STATES.get(self.promise_state, AdvanceState.OPEN)


_ADVANCE_STATES = {state.value: state for state in AdvanceState}


class EntityRef(Ref, frozen=True, gc=False):
    """A legal entity, which the invoicing service owns."""


class OrderRef(Ref, frozen=True, gc=False):
    """An order, which the invoicing service owns."""


class PayslipRef(Ref, frozen=True, gc=False):
    """A payslip, which the payroll service owns."""
