"""The books of the fund: its accounts, and the lines that each command writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from commons.money import Money
from guarantee.domain.wage_promise import (
    Advance,
    CarryLoss,
    Command,
    Hold,
    PostHold,
    Recover,
    RecoverLoss,
    VoidHold,
)


class AccountName(StrEnum):
    """The accounts of one entity's fund. A balance is what an account received less what it gave."""

    FUND = "fund"  # the money there is; may fall to the floor that working capital allows
    ADVANCES_RECEIVABLE = "advances_receivable"  # what clients owe the fund
    CONTRIBUTIONS_INCOME = "contributions_income"  # below zero by what all contributions brought
    LOSSES = "losses"  # what was given up
    MUTUAL_POOL = "mutual_pool"  # what prices of contracts left over of their costs, or lacked, below zero
    LABOR_COSTS = "labor_costs"  # the other side: below zero by what was left over


@dataclass(frozen=True, slots=True)
class Account:
    """An account to be opened in the ledger; `floor` is the lowest balance it may have, None for any."""

    code: str
    kind: str
    currency: str
    floor: Money | None


class LineKind(StrEnum):
    """What a line does: moves at once, or holds, or ends a hold in one of two ways."""

    PLAIN = "plain"
    HOLD = "hold"
    POST = "post"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer: `debit` gives, `credit` receives."""

    debit: str
    credit: str
    amount: Money
    kind: LineKind = LineKind.PLAIN


@dataclass(frozen=True, slots=True)
class Journal:
    """Lines that are written together or not at all; `code` and `ref` together are written once."""

    code: str
    ref: str
    lines: tuple[Line, ...]


def account_code(entity_id: UUID, name: AccountName) -> str:
    """The code of an account in the ledger."""
    return f"{entity_id}:{name.value}"


def accounts_of(entity_id: UUID, currency: str, fund_floor: Money) -> tuple[Account, ...]:
    """The accounts of an entity's fund, to be opened with the entity."""
    nothing = Money.zero(currency)
    return (
        Account(account_code(entity_id, AccountName.FUND), "fund", currency, fund_floor),
        Account(account_code(entity_id, AccountName.ADVANCES_RECEIVABLE), "client", currency, nothing),
        Account(account_code(entity_id, AccountName.CONTRIBUTIONS_INCOME), "fund", currency, None),
        Account(account_code(entity_id, AccountName.LOSSES), "fund", currency, nothing),
        Account(account_code(entity_id, AccountName.MUTUAL_POOL), "fund", currency, None),
        Account(account_code(entity_id, AccountName.LABOR_COSTS), "fund", currency, None),
    )


def journal_of(command: Command, *, entity_id: UUID, payslip_id: UUID) -> Journal | None:
    """What a command writes; None for the commands that only tell somebody something."""
    match command:
        case Hold(amount):
            return _journal("wage_hold", f"{payslip_id}", entity_id, _TO_CLIENTS, amount, LineKind.HOLD)
        case VoidHold(amount):
            return _journal("wage_hold_void", f"{payslip_id}", entity_id, _TO_CLIENTS, amount, LineKind.VOID)
        case PostHold(amount):
            return _journal("advance", f"{payslip_id}", entity_id, _TO_CLIENTS, amount, LineKind.POST)
        case Advance(amount):
            return _journal("advance", f"{payslip_id}", entity_id, _TO_CLIENTS, amount)
        case Recover(amount, ref):
            return _journal("recovery", f"{payslip_id}:{ref}", entity_id, _FROM_CLIENTS, amount)
        case CarryLoss(amount):
            return _journal("loss", f"{payslip_id}", entity_id, _TO_LOSSES, amount)
        case RecoverLoss(amount, ref):
            return _journal("loss_recovery", f"{payslip_id}:{ref}", entity_id, _FROM_LOSSES, amount)
        case _:
            return None


def contribution_journal(entity_id: UUID, invoice_id: UUID, amount: Money) -> Journal:
    """The fund's part of the contribution levied on an invoice."""
    return _journal("contribution", f"{invoice_id}", entity_id, _CONTRIBUTION, amount)


def contribution_reversal_journal(entity_id: UUID, invoice_id: UUID, amount: Money) -> Journal:
    """The fund's part of a contribution goes back, because its invoice was taken back."""
    return _journal("contribution_reversal", f"{invoice_id}", entity_id, _CONTRIBUTION_BACK, amount)


def variance_journal(entity_id: UUID, contract_id: UUID, number: int, change: Money) -> Journal:
    """A step of a contract's variance: above zero the price left it over, below zero it lacked."""
    ref = f"{contract_id}:{number}"
    if change.is_negative:
        return _journal("variance", ref, entity_id, _FROM_POOL, -change)
    return _journal("variance", ref, entity_id, _TO_POOL, change)


_TO_CLIENTS = (AccountName.FUND, AccountName.ADVANCES_RECEIVABLE)
_FROM_CLIENTS = (AccountName.ADVANCES_RECEIVABLE, AccountName.FUND)
_TO_LOSSES = (AccountName.ADVANCES_RECEIVABLE, AccountName.LOSSES)
_FROM_LOSSES = (AccountName.LOSSES, AccountName.FUND)
_CONTRIBUTION = (AccountName.CONTRIBUTIONS_INCOME, AccountName.FUND)
_CONTRIBUTION_BACK = (AccountName.FUND, AccountName.CONTRIBUTIONS_INCOME)
_TO_POOL = (AccountName.LABOR_COSTS, AccountName.MUTUAL_POOL)
_FROM_POOL = (AccountName.MUTUAL_POOL, AccountName.LABOR_COSTS)


def _journal(
    code: str,
    ref: str,
    entity_id: UUID,
    sides: tuple[AccountName, AccountName],
    amount: Money,
    kind: LineKind = LineKind.PLAIN,
) -> Journal:
    debit, credit = (account_code(entity_id, side) for side in sides)
    return Journal(code, ref, (Line(debit, credit, amount, kind),))
