"""The share register: numbered entries that are only ever added, and what follows from them on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money, total
from members.domain.errors import (
    CategoryUnchanged,
    EntryInTheFuture,
    EntryNotReversible,
    InstalmentExceedsRedemption,
    InstalmentInOtherCurrency,
    InstalmentNotPositive,
    NotEnoughShares,
    RedemptionUnknown,
    TransferToOneself,
)
from members.domain.rules import MembershipRules
from members.domain.subscription import ShareSubscription


class EntryKind(StrEnum):
    """What an entry of the register says."""

    PAID = "paid"
    REVERSED = "reversed"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_IN = "transferred_in"
    CONVERTED = "converted"
    REDEMPTION_REQUESTED = "redemption_requested"
    REDEMPTION_PAID = "redemption_paid"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line of the register of an entity, about one member.

    `number` counts per entity and is never used twice. `effective_on` is the day it holds from, `recorded_on`
    the day it was written. `amount` is the nominal value of the shares, for an instalment what was repaid.
    `of` names the entry that is reversed, or the redemption request that is repaid.
    """

    number: int
    entity_id: UUID
    member_id: UUID
    kind: EntryKind
    quantity: int
    amount: Money
    category: str
    effective_on: date
    recorded_on: date
    counterpart_id: UUID | None = None
    subscription_id: UUID | None = None
    of: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares of one nominal value."""

    quantity: int
    share_value: Money

    @property
    def amount(self) -> Money:
        """Their value together."""
        return self.share_value.times(self.quantity)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one member holds on a day.

    `paid` counts what came in for shares (bought, or taken over from another member), `redeemable` what was
    asked back, `repaid` what was given back of it. Always repaid <= redeemable <= paid.
    """

    lots: tuple[Lot, ...]
    category: str | None
    since: date | None
    shares_under_redemption: int
    paid: Money
    redeemable: Money
    repaid: Money

    @property
    def shares(self) -> int:
        """Paid shares that are not asked back."""
        return sum(lot.quantity for lot in self.lots)

    @property
    def value(self) -> Money:
        """Their nominal value."""
        return total([lot.amount for lot in self.lots], self.paid.currency)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a member may do on a day. `entitled_until` is the last day of the last paid year."""

    may_bring_new_money: bool
    may_spend: bool
    may_vote: bool
    entitled_until: date | None


# --- what follows from the entries -------------------------------------------------------------------------


def holding(entries: Iterable[RegisterEntry], day: date, currency: str) -> Holding:
    """What the entries of one member make of that member's shares on a day, oldest shares leaving first.

    `currency` is that of the share value, for the amounts of who holds nothing.
    """
    known = _in_force(entries, day)
    assert len({entry.member_id for entry in known}) <= 1, "a holding is that of one member"
    nothing = Money.zero(currency)
    lots: list[Lot] = []
    category: str | None = None
    since: date | None = None
    asked_shares, paid, redeemable, repaid = 0, nothing, nothing, nothing
    for entry in known:
        match entry.kind:
            case EntryKind.PAID | EntryKind.TRANSFERRED_IN:
                since = entry.effective_on if not lots else since
                category = entry.category
                lots.append(Lot(entry.quantity, _value_of_one(entry)))
                paid = paid + entry.amount
            case EntryKind.TRANSFERRED_OUT:
                _, lots = _take(lots, entry.quantity)
                paid = paid - entry.amount
            case EntryKind.CONVERTED:
                category = entry.category
            case EntryKind.REDEMPTION_REQUESTED:
                _, lots = _take(lots, entry.quantity)
                asked_shares += entry.quantity
                redeemable = redeemable + entry.amount
            case EntryKind.REDEMPTION_PAID:
                repaid = repaid + entry.amount
            case EntryKind.REVERSED:
                raise AssertionError("a reversal was taken out together with what it reverses")
        since = since if lots else None
    return Holding(tuple(lots), category, since, asked_shares, paid, redeemable, repaid)


def entitled_until(entries: Iterable[RegisterEntry], day: date = date.max) -> date | None:
    """The last day on which new money may come in, from what is known on a day: n shares of a year Y last
    until the end of Y + n - 1, further shares add years to those still running.

    Shares that leave (asked back or transferred) take years away that have not begun, never a past year.
    """
    year: int | None = None
    for entry in _in_force(entries, day):
        this_year = entry.effective_on.year
        if entry.kind in (EntryKind.PAID, EntryKind.TRANSFERRED_IN):
            year = max(year or 0, this_year - 1) + entry.quantity
        elif entry.kind in (EntryKind.REDEMPTION_REQUESTED, EntryKind.TRANSFERRED_OUT):
            assert year is not None, "only who held shares can give them"
            year = max(year - entry.quantity, min(year, this_year - 1))
    return None if year is None else date(min(year, date.max.year), 12, 31)


# The country's data names the rule; a country that counts otherwise adds a line here.
ENTITLEMENT: Final[dict[str, Callable[[Iterable[RegisterEntry], date], date | None]]] = {
    "one_share_per_calendar_year": entitled_until,
}


def capabilities_on(entries: Sequence[RegisterEntry], day: date, rules: MembershipRules) -> Capabilities:
    """What the entries of one member allow on a day.

    A year that is not paid blocks what the rules name, by default only new money: the budget that is there
    may be spent. A shareholder keeps the vote unless the rules ask for the paid year too.
    """
    held = holding(entries, day, rules.share_value.currency)
    until = ENTITLEMENT[rules.entitlement_rule](entries, day)
    is_paid_year = until is not None and day <= until
    was_member = any(
        entry.kind in (EntryKind.PAID, EntryKind.TRANSFERRED_IN) for entry in _in_force(entries, day)
    )
    days_on_register = -1 if held.since is None else (day - held.since).days
    return Capabilities(
        may_bring_new_money=held.shares > 0
        and (is_paid_year or "new_money" not in rules.blocked_when_unpaid),
        may_spend=was_member and (is_paid_year or "spending" not in rules.blocked_when_unpaid),
        may_vote=held.shares >= max(rules.voting_paid_shares, 1)
        and days_on_register >= rules.voting_days_on_register
        and (is_paid_year or not rules.voting_needs_paid_year),
        entitled_until=until,
    )


@dataclass(frozen=True, slots=True)
class Redemption:
    """Shares that were asked back, and what was repaid of them."""

    request: RegisterEntry
    repaid: Money

    @property
    def open(self) -> Money:
        """What is still to be repaid."""
        return self.request.amount - self.repaid


def redemptions(entries: Iterable[RegisterEntry]) -> list[Redemption]:
    """What a member asked back, oldest first, with the instalments so far."""
    known = sorted(entries, key=lambda entry: entry.number)
    return [
        Redemption(
            request,
            total(
                [
                    entry.amount
                    for entry in known
                    if entry.kind is EntryKind.REDEMPTION_PAID and entry.of == request.number
                ],
                request.amount.currency,
            ),
        )
        for request in known
        if request.kind is EntryKind.REDEMPTION_REQUESTED
    ]


def repay_by(request: RegisterEntry, rules: MembershipRules) -> date:
    """The last day by which the board repays a redemption."""
    asked = request.effective_on
    year = asked.year + rules.redemption_delay_years
    return date(year, 2, 28) if (asked.month, asked.day) == (2, 29) else asked.replace(year=year)


# --- what may be added -------------------------------------------------------------------------------------


def enter_payment(
    subscription: ShareSubscription, *, number: int, paid_on: date, today: date
) -> RegisterEntry:
    """The entry of shares that were paid. Raises EntryInTheFuture."""
    _must_not_be_future(paid_on, today)
    return RegisterEntry(
        number=number,
        entity_id=subscription.entity_id,
        member_id=subscription.member_id,
        kind=EntryKind.PAID,
        quantity=subscription.quantity,
        amount=subscription.amount,
        category=subscription.category,
        effective_on=paid_on,
        recorded_on=today,
        subscription_id=subscription.id,
    )


def reverse_payment(
    entries: Sequence[RegisterEntry], *, number: int, of: int, reason: str, today: date
) -> RegisterEntry:
    """The entry that takes back a payment which the bank recalled or which was somebody else's.

    Raises EntryNotReversible where the entry is no payment, was reversed, or its shares have left since.
    """
    paid = next((entry for entry in entries if entry.number == of and entry.kind is EntryKind.PAID), None)
    if paid is None or any(entry.kind is EntryKind.REVERSED and entry.of == of for entry in entries):
        raise EntryNotReversible(number=of)
    reversal = RegisterEntry(
        number=number,
        entity_id=paid.entity_id,
        member_id=paid.member_id,
        kind=EntryKind.REVERSED,
        quantity=paid.quantity,
        amount=paid.amount,
        category=paid.category,
        effective_on=today,
        recorded_on=today,
        of=of,
        reason=reason,
    )
    # Shares that were moved since cannot be taken back: the later entries would stand on nothing.
    if any(entry.kind in _LEAVING and entry.number > of for entry in entries):
        raise EntryNotReversible(number=of)
    return reversal


def transfer_shares(
    giver: Sequence[RegisterEntry],
    *,
    receiver_id: UUID,
    receiver_category: str,
    quantity: int,
    numbers: Iterable[int],
    today: date,
) -> list[RegisterEntry]:
    """The entries of a transfer at nominal value: one pair, out and in, for each nominal value that moves.

    `numbers` yields register numbers, two per pair. Raises NotEnoughShares, TransferToOneself.
    """
    held = _held(giver, quantity, today)
    moved, _ = _take(list(held.lots), quantity)
    first, counter = giver[0], iter(numbers)
    if receiver_id == first.member_id:
        raise TransferToOneself()
    entries: list[RegisterEntry] = []
    for lot in moved:
        sides = (
            (EntryKind.TRANSFERRED_OUT, first.member_id, receiver_id, held.category or receiver_category),
            (EntryKind.TRANSFERRED_IN, receiver_id, first.member_id, receiver_category),
        )
        entries += [
            RegisterEntry(
                number=next(counter),
                entity_id=first.entity_id,
                member_id=member,
                kind=kind,
                quantity=lot.quantity,
                amount=lot.amount,
                category=category,
                effective_on=today,
                recorded_on=today,
                counterpart_id=other,
            )
            for kind, member, other, category in sides
        ]
    return entries


def convert_shares(
    entries: Sequence[RegisterEntry], *, number: int, category: str, today: date
) -> RegisterEntry:
    """The entry by which all shares of a member change category.

    Raises NotEnoughShares, CategoryUnchanged.
    """
    held = _held(entries, 1, today)
    if held.category == category:
        raise CategoryUnchanged(category=category)
    return _about(entries[0], number, EntryKind.CONVERTED, held.shares, held.value, category, today)


def request_redemption(
    entries: Sequence[RegisterEntry], *, number: int, quantity: int, today: date
) -> RegisterEntry:
    """The entry by which shares are asked back, at the nominal value paid for them, oldest first.

    At most the nominal value actually paid is given back (conditions of the recognition as social enterprise,
    art. 8:5 of the Code of companies and associations). Raises NotEnoughShares.
    """
    held = _held(entries, quantity, today)
    leaving, _ = _take(list(held.lots), quantity)
    amount = total([lot.amount for lot in leaving], held.paid.currency)
    return _about(
        entries[0], number, EntryKind.REDEMPTION_REQUESTED, quantity, amount, held.category or "", today
    )


def pay_redemption(
    entries: Sequence[RegisterEntry], *, number: int, of: int, amount: Money, today: date
) -> RegisterEntry:
    """The entry of one instalment of a redemption.

    Raises RedemptionUnknown, InstalmentInOtherCurrency, InstalmentNotPositive, InstalmentExceedsRedemption.
    """
    request = next(
        (entry for entry in entries if entry.number == of and entry.kind is EntryKind.REDEMPTION_REQUESTED),
        None,
    )
    if request is None:
        raise RedemptionUnknown(number=of)
    if amount.currency != request.amount.currency:
        raise InstalmentInOtherCurrency(currency=request.amount.currency).at("amount")
    if amount.minor <= 0:
        raise InstalmentNotPositive(amount=amount)
    earlier = [
        entry.amount for entry in entries if entry.kind is EntryKind.REDEMPTION_PAID and entry.of == of
    ]
    open_amount = request.amount - total(earlier, request.amount.currency)
    if open_amount < amount:
        raise InstalmentExceedsRedemption(amount=amount, open=open_amount)
    return RegisterEntry(
        number=number,
        entity_id=request.entity_id,
        member_id=request.member_id,
        kind=EntryKind.REDEMPTION_PAID,
        quantity=0,
        amount=amount,
        category=request.category,
        effective_on=today,
        recorded_on=today,
        of=of,
    )


_LEAVING: Final = (EntryKind.TRANSFERRED_OUT, EntryKind.REDEMPTION_REQUESTED, EntryKind.CONVERTED)


def _in_force(entries: Iterable[RegisterEntry], day: date) -> list[RegisterEntry]:
    """The entries that hold on a day, in order, without payments that were reversed by then."""
    known = sorted(
        (entry for entry in entries if entry.effective_on <= day),
        key=lambda entry: (entry.effective_on, entry.number),
    )
    reversed_numbers = {entry.of for entry in known if entry.kind is EntryKind.REVERSED}
    return [
        entry
        for entry in known
        if entry.kind is not EntryKind.REVERSED and entry.number not in reversed_numbers
    ]


def _take(lots: Sequence[Lot], quantity: int) -> tuple[list[Lot], list[Lot]]:
    """The oldest shares up to a quantity, and what is left."""
    taken: list[Lot] = []
    left: list[Lot] = []
    for lot in lots:
        part = min(lot.quantity, quantity)
        quantity -= part
        if part:
            taken.append(Lot(part, lot.share_value))
        if lot.quantity > part:
            left.append(Lot(lot.quantity - part, lot.share_value))
    assert quantity == 0, "the register lets nobody give more shares than are held"
    return taken, left


def _value_of_one(entry: RegisterEntry) -> Money:
    minor, rest = divmod(entry.amount.minor, entry.quantity)
    assert rest == 0, "the amount of an entry is a whole number of nominal values"
    return Money(minor, entry.amount.currency)


def _about(
    first: RegisterEntry,
    number: int,
    kind: EntryKind,
    quantity: int,
    amount: Money,
    category: str,
    today: date,
) -> RegisterEntry:
    return RegisterEntry(
        number=number,
        entity_id=first.entity_id,
        member_id=first.member_id,
        kind=kind,
        quantity=quantity,
        amount=amount,
        category=category,
        effective_on=today,
        recorded_on=today,
    )


def _held(entries: Sequence[RegisterEntry], quantity: int, day: date) -> Holding:
    if not entries:
        raise NotEnoughShares(held=0, asked=quantity)
    held = holding(entries, day, entries[0].amount.currency)
    if quantity < 1 or held.shares < quantity:
        raise NotEnoughShares(held=held.shares, asked=quantity)
    return held


def _must_not_be_future(effective_on: date, today: date) -> None:
    if effective_on > today:
        raise EntryInTheFuture(effective_on=effective_on, today=today)
