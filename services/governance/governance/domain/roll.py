"""The electoral roll: frozen from the register at the record date, hashed, corrected only in writing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from governance.domain.errors import CorrectionNeedsTwoSignatures, NotOnRoll


@dataclass(frozen=True, slots=True)
class Standing:
    """What this service knows of a member's shares: paid since a day, given up on a day."""

    member_id: UUID
    category: str
    paid_on: date
    left_on: date | None = None

    def has_vote_on(self, day: date) -> bool:
        """Whether the member held a paid share on a day."""
        return self.paid_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class RollLine:
    """One member with the right to vote."""

    member_id: UUID
    category: str
    votes: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Who may vote in an entity by the register of a day."""

    entity_id: UUID
    day: date
    lines: tuple[RollLine, ...]

    @property
    def size(self) -> int:
        """How many members may vote."""
        return len(self.lines)

    @property
    def members(self) -> frozenset[UUID]:
        """Their ids."""
        return frozenset(line.member_id for line in self.lines)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text: a first line with entity and day, then one line per member.

        Fields are separated by a tab, lines end with a line feed, members are in the order of their ids: the
        members service computes the same from its register.
        """
        text = "".join(
            (
                f"roll/1\t{self.entity_id}\t{self.day.isoformat()}\n",
                *(f"{line.member_id}\t{line.category}\t{line.votes}\n" for line in self.lines),
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Correction:
    """A written change of a frozen roll: why, who signed, and the hashes before and after."""

    added: tuple[RollLine, ...]
    removed: tuple[UUID, ...]
    reason: str
    signed_by: tuple[str, str]
    hash_before: str
    hash_after: str


def make_roll(standings: Iterable[Standing], *, entity_id: UUID, day: date, votes_per_member: int) -> Roll:
    """The roll of an entity on a day: every member with a paid share, once, whatever the number of shares."""
    categories = {one.member_id: one.category for one in standings if one.has_vote_on(day)}
    lines = [RollLine(member, category, votes_per_member) for member, category in categories.items()]
    return Roll(entity_id, day, _in_order(lines))


def must_be_on(roll: Roll, member_id: UUID) -> None:
    """Refuse who is not on the roll. Raises NotOnRoll."""
    if member_id not in roll.members:
        raise NotOnRoll(member=member_id)


def correct_roll(
    roll: Roll,
    *,
    added: Iterable[RollLine] = (),
    removed: Iterable[UUID] = (),
    reason: str,
    signed_by: tuple[str, str],
) -> tuple[Roll, Correction]:
    """The roll with lines added and taken out, and the record of it. Raises CorrectionNeedsTwoSignatures."""
    first, second = (name.strip() for name in signed_by)
    if not first or not second or first.casefold() == second.casefold() or not reason.strip():
        raise CorrectionNeedsTwoSignatures()
    new, gone = tuple(added), tuple(removed)
    replaced = {line.member_id for line in new} | set(gone)
    lines = _in_order([*(line for line in roll.lines if line.member_id not in replaced), *new])
    corrected = Roll(roll.entity_id, roll.day, lines)
    return corrected, Correction(new, gone, reason.strip(), (first, second), roll.hash, corrected.hash)


def _in_order(lines: Iterable[RollLine]) -> tuple[RollLine, ...]:
    return tuple(sorted(lines, key=lambda line: str(line.member_id)))
