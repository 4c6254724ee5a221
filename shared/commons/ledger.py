"""Double entry: what is debited gives, what is credited receives, and nothing is ever changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from prometheus_client import Gauge

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Record
from commons.money import Money
from commons.refusal import Refusal
from commons.telemetry import WORK
from commons.uuid7 import uuid7

HOLDS_WITHOUT_PROCESS: Final = Gauge(
    "holds_without_process", "Open holds of the ledger that belong to nothing", registry=WORK
)

LEGS_MAX: Final = 1_000


class FloorReached(Refusal):
    """The account does not have that much."""


class UnknownAccount(Refusal):
    """There is no such account."""


class UnknownHold(Refusal):
    """There is no such hold."""


class HoldEnded(Refusal):
    """The hold was posted or voided before; it ends once."""


class MoreThanHeld(Refusal):
    """More cannot be posted than is held."""


class JournalDiffers(Refusal):
    """Something else was booked under this code and reference."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One transfer: the amount goes from the debited to the credited account."""

    debit: UUID
    credit: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Balance:
    """What is booked on an account, what of it is held, and what is left (not less its floor)."""

    posted: Money
    held: Money

    @property
    def available(self) -> Money:
        """Booked and not held."""
        return self.posted - self.held


async def open_account(
    db: Connection,
    id: UUID,
    code: str,
    currency: str,
    kind: str,
    owner: UUID | None = None,
    floor: int | None = 0,
) -> None:
    """Open an account; again with the same facts changes nothing, with others it is an error.

    `floor`, in minor units, is what it never goes below; None: it may go below nothing without limit.
    """
    await db.execute(SQL["ledger_open_account"], id, code, currency, kind, owner, floor)


async def post(
    db: Connection, *, code: str, ref: str, actor: str, effective: date, legs: Sequence[Leg]
) -> UUID:
    """Book all legs or none, in their order; the journal's id.

    (`code`, `ref`) names the journal for ever: with the same legs again it answers with the first one.
    `effective` is the business day. The transaction stays usable after a refusal.
    Raises FloorReached, UnknownAccount, JournalDiffers.
    """
    assert 0 < len(legs) <= LEGS_MAX, f"a journal has 1 to {LEGS_MAX} legs"
    row = await db.fetchrow(
        SQL["ledger_post"],
        uuid7(),
        code,
        ref,
        actor,
        effective,
        [uuid7() for _ in legs],
        [leg.debit for leg in legs],
        [leg.credit for leg in legs],
        [_positive(leg.amount) for leg in legs],
        [leg.amount.currency for leg in legs],
    )
    journal: UUID = _booked(row, code, ref)["booked_journal"]
    return journal


async def hold(
    db: Connection,
    *,
    code: str,
    ref: str,
    actor: str,
    effective: date,
    debit: UUID,
    credit: UUID,
    amount: Money,
) -> UUID:
    """Set an amount of the debited account aside for the credited one; the hold's id.

    Raises FloorReached, UnknownAccount, JournalDiffers.
    """
    row = await db.fetchrow(
        SQL["ledger_hold"],
        uuid7(),
        code,
        ref,
        actor,
        effective,
        uuid7(),
        debit,
        credit,
        _positive(amount),
        amount.currency,
    )
    hold_id: UUID = _booked(row, code, ref)["booked_transfer"]
    return hold_id


async def post_hold(
    db: Connection,
    *,
    code: str,
    ref: str,
    actor: str,
    effective: date,
    hold: UUID,
    amount: Money | None = None,
) -> UUID:
    """End a hold by moving its money, or a smaller amount: then the rest is free again. The journal's id.

    Raises UnknownHold, HoldEnded, MoreThanHeld, JournalDiffers.
    """
    minor = None if amount is None else _positive(amount)
    row = await db.fetchrow(
        SQL["ledger_post_hold"], uuid7(), code, ref, actor, effective, uuid7(), hold, minor
    )
    journal: UUID = _booked(row, code, ref)["booked_journal"]
    return journal


async def void_hold(db: Connection, *, code: str, ref: str, actor: str, effective: date, hold: UUID) -> UUID:
    """End a hold by freeing its money; the journal's id. Raises UnknownHold, HoldEnded, JournalDiffers."""
    row = await db.fetchrow(SQL["ledger_void_hold"], uuid7(), code, ref, actor, effective, uuid7(), hold)
    journal: UUID = _booked(row, code, ref)["booked_journal"]
    return journal


async def balance(db: Connection, account: UUID) -> Balance:
    """What is on an account now. Raises UnknownAccount."""
    row = await db.fetchrow(SQL["ledger_balance"], account)
    if row is None:
        raise UnknownAccount(account=account)
    return Balance(Money(row["posted"], row["currency"]), Money(row["held"], row["currency"]))


async def check_invariants(db: Connection) -> list[str]:
    """A sentence for each broken rule of the whole ledger; none is the only acceptable answer.

    The balances of a currency add up to nothing; a balance is the sum of its entries; what is held is the sum
    of the open holds; the versions of an account have no gap.
    """
    return [row["broken"] for row in await db.fetch(SQL["ledger_broken_invariants"])]


def _positive(amount: Money) -> int:
    assert amount.minor > 0, "a transfer moves something; to move it back, swap the accounts"
    return amount.minor


def _booked(row: Record | None, code: str, ref: str) -> Record:
    assert row is not None, "the functions of the ledger always answer"
    match row["refused"]:
        case None:
            return row
        case "floor_reached":
            raise FloorReached(account=row["at_account"], available_minor=row["available"])
        case "unknown_account":
            raise UnknownAccount(account=row["at_account"])
        case "unknown_hold":
            raise UnknownHold(code=code, ref=ref)
        case "hold_ended":
            raise HoldEnded(code=code, ref=ref)
        case "more_than_held":
            raise MoreThanHeld(code=code, ref=ref)
        case "journal_differs":
            raise JournalDiffers(code=code, ref=ref)
        case other:
            raise AssertionError(f"the ledger answers {other}")
