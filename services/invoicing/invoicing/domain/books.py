"""The accounts invoicing books on, and what moves between them: what is debited gives, the other receives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from commons.ledger import Leg
from commons.money import Money

# Ours, so that an account's id follows from its code.
_NAMESPACE: Final = UUID("7b0c6a52-3f0e-5d5b-9a86-1d4f5a0c8e21")
BUDGET_FLOOR_MINOR: Final = 0  # no activity can overspend
# With the order's id it names the journal that brings an order into its budget, once: when the fund covers
# it, or when its invoice is paid.
BUDGET_CREDITED: Final = "budget_credited"


class AccountKind(StrEnum):
    """What an account is about.

    BUYER goes below zero: that much is still to come from buyers. BUDGET is what an activity may spend.
    CONTRIBUTION, LABOR and VAT have received what is due to the cooperative, to workers and to the state.
    BANK goes below zero by what the bank has given us; SUSPENSE keeps money that belongs to no invoice yet.
    GUARANTEE goes below zero by what was spent of orders that fell away: the guarantee fund carries it.
    REFUND keeps what is to go back to whom it came from. LOSS goes below zero by what buyers will never pay.
    """

    BUYER = "buyer"
    BUDGET = "budget"
    CONTRIBUTION = "contribution"
    LABOR = "labor"
    VAT = "vat"
    BANK = "bank"
    SUSPENSE = "suspense"
    GUARANTEE = "guarantee"
    REFUND = "refund"
    LOSS = "loss"


# Opened when the first amount is booked on it; the others are opened with their owner.
LATE_KINDS: Final = (AccountKind.REFUND, AccountKind.LOSS)
ENTITY_KINDS: Final = tuple(kind for kind in AccountKind if kind not in (AccountKind.BUDGET, *LATE_KINDS))


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `owner` is an activity for a budget, else a legal entity. Only a budget has a floor."""

    kind: AccountKind
    owner: UUID

    @property
    def code(self) -> str:
        """Its name for ever."""
        return f"{self.kind}/{self.owner}"

    @property
    def id(self) -> UUID:
        """The key that follows from its name."""
        return uuid5(_NAMESPACE, self.code)

    @property
    def floor_minor(self) -> int | None:
        """What it never goes below, in minor units."""
        return BUDGET_FLOOR_MINOR if self.kind is AccountKind.BUDGET else None


def entity_accounts(entity_id: UUID) -> list[Account]:
    """The accounts a legal entity needs before anything can be booked."""
    return [Account(kind, entity_id) for kind in ENTITY_KINDS]


def budget_of(activity_id: UUID) -> Account:
    """The budget of an activity."""
    return Account(AccountKind.BUDGET, activity_id)


def entity_account(kind: AccountKind, entity_id: UUID) -> Account:
    """An account of a legal entity."""
    assert kind is not AccountKind.BUDGET, "a budget belongs to an activity"
    return Account(kind, entity_id)


def budget_credit(*, entity_id: UUID, activity_id: UUID, budget: Money) -> list[Leg]:
    """What an order brings into its activity's budget; the buyers of the entity give it."""
    if budget.is_zero:
        return []
    buyers = entity_account(AccountKind.BUYER, entity_id)
    return [Leg(buyers.id, budget_of(activity_id).id, budget)]


def budget_transfer(*, giver_id: UUID, receiver_id: UUID, amount: Money) -> Leg:
    """What one activity gives another: contribution and VAT were taken when the money came in."""
    return Leg(budget_of(giver_id).id, budget_of(receiver_id).id, amount)


def labor_hold(*, entity_id: UUID, activity_id: UUID, labor_cost: Money) -> Leg:
    """What a contract sets aside on the budget for those who work."""
    return Leg(budget_of(activity_id).id, entity_account(AccountKind.LABOR, entity_id).id, labor_cost)


def levies(*, entity_id: UUID, contribution: Money, vat: Money) -> list[Leg]:
    """What an invoice asks beyond its budget: for the cooperative and for the state."""
    buyers = entity_account(AccountKind.BUYER, entity_id)
    parts = ((AccountKind.CONTRIBUTION, contribution), (AccountKind.VAT, vat))
    return [
        Leg(buyers.id, entity_account(kind, entity_id).id, amount)
        for kind, amount in parts
        if not amount.is_zero
    ]


def unwinding(
    *, entity_id: UUID, budget: Money, contribution: Money | None = None, vat: Money | None = None
) -> list[Leg]:
    """What buyers no longer owe when an order falls away; the guarantee stands for its budget meanwhile."""
    buyers = entity_account(AccountKind.BUYER, entity_id)
    parts = (
        (AccountKind.GUARANTEE, budget),
        (AccountKind.CONTRIBUTION, contribution),
        (AccountKind.VAT, vat),
    )
    return [
        Leg(entity_account(kind, entity_id).id, buyers.id, amount)
        for kind, amount in parts
        if amount is not None and not amount.is_zero
    ]


def withdrawal(*, entity_id: UUID, activity_id: UUID, amount: Money) -> Leg:
    """What a budget gives back of an order that fell away."""
    return Leg(budget_of(activity_id).id, entity_account(AccountKind.GUARANTEE, entity_id).id, amount)


def receipt(*, entity_id: UUID, to_invoice: Money, to_suspense: Money) -> list[Leg]:
    """What the bank received: for an invoice, and what belongs to none."""
    bank = entity_account(AccountKind.BANK, entity_id)
    parts = ((AccountKind.BUYER, to_invoice), (AccountKind.SUSPENSE, to_suspense))
    return [
        Leg(bank.id, entity_account(kind, entity_id).id, amount)
        for kind, amount in parts
        if not amount.is_zero
    ]


def allocation(*, entity_id: UUID, amount: Money) -> list[Leg]:
    """Money in suspense that turns out to pay an invoice."""
    return [_between(AccountKind.SUSPENSE, AccountKind.BUYER, entity_id, amount)]


def refund_decided(*, entity_id: UUID, amount: Money) -> list[Leg]:
    """Money in suspense that is to go back."""
    return [_between(AccountKind.SUSPENSE, AccountKind.REFUND, entity_id, amount)]


def refund_sent(*, entity_id: UUID, amount: Money) -> list[Leg]:
    """Money that the bank has sent back."""
    return [_between(AccountKind.REFUND, AccountKind.BANK, entity_id, amount)]


def written_off(*, entity_id: UUID, loss: Money) -> list[Leg]:
    """What buyers owed and is given up."""
    return [] if loss.is_zero else [_between(AccountKind.LOSS, AccountKind.BUYER, entity_id, loss)]


def came_after_all(*, entity_id: UUID, amount: Money) -> list[Leg]:
    """What was given up and was paid all the same."""
    return [] if amount.is_zero else [_between(AccountKind.BUYER, AccountKind.LOSS, entity_id, amount)]


def _between(debit: AccountKind, credit: AccountKind, entity_id: UUID, amount: Money) -> Leg:
    return Leg(entity_account(debit, entity_id).id, entity_account(credit, entity_id).id, amount)
