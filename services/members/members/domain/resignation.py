"""Leaving: a dated letter ends a membership, and all its shares are asked back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from members.domain.errors import AlreadyResigned, LetterBeforeAdmission, LetterInTheFuture, NeverAdmitted
from members.domain.register import RegisterEntry, holding, request_redemption


@dataclass(frozen=True, slots=True)
class Resignation:
    """A membership that was resigned, with the entry of the register that asks its shares back."""

    id: UUID
    letter_date: date
    resigned_on: date
    redemption: RegisterEntry


def check_may_resign(
    *, admitted_on: date | None, resigned_on: date | None, letter_date: date, today: date
) -> None:
    """Whoever was admitted may leave, without giving a reason, once.

    Raises NeverAdmitted, AlreadyResigned, LetterInTheFuture, LetterBeforeAdmission.
    """
    if admitted_on is None:
        raise NeverAdmitted()
    if resigned_on is not None:
        raise AlreadyResigned(resigned_on=resigned_on)
    if letter_date > today:
        raise LetterInTheFuture(letter_date=letter_date, today=today).at("letterDate")
    if letter_date < admitted_on:
        raise LetterBeforeAdmission(letter_date=letter_date, admitted_on=admitted_on).at("letterDate")


def resign(
    entries: Sequence[RegisterEntry], *, id: UUID, number: int, letter_date: date, today: date
) -> Resignation:
    """The resignation with the entry, under the register's next number, that asks back every share held.

    It takes effect on the day the letter is received, not on the letter's own: what was done in between
    stands. Raises NotEnoughShares where the register holds none.
    """
    shares = holding(entries, today, entries[0].amount.currency).shares if entries else 0
    redemption = request_redemption(entries, number=number, quantity=shares, today=today)
    return Resignation(id, letter_date, today, redemption)
