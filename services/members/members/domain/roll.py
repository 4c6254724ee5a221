"""The electoral roll of a day: who may vote, in one order and with one hash, made from the register alone."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from members.domain.register import RegisterEntry, capabilities_on, holding
from members.domain.rules import MembershipRules


@dataclass(frozen=True, slots=True)
class RollLine:
    """One member with the right to vote."""

    member_id: UUID
    category: str
    votes: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Who may vote in an entity, by the register as it stood up to the entry `through`."""

    entity_id: UUID
    day: date
    through: int
    lines: tuple[RollLine, ...]

    @property
    def size(self) -> int:
        """How many members may vote."""
        return len(self.lines)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text: a first line with entity and day, then one line per member.

        Fields are separated by a tab, lines end with a line feed, members are in the order of their ids.
        """
        text = "".join(
            (
                f"roll/1\t{self.entity_id}\t{self.day.isoformat()}\n",
                *(f"{line.member_id}\t{line.category}\t{line.votes}\n" for line in self.lines),
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()


def roll(
    entries: Iterable[RegisterEntry],
    day: date,
    rules: MembershipRules,
    *,
    entity_id: UUID,
    through: int | None = None,
) -> Roll:
    """The roll of an entity on a day, from the entries up to a register number (all of them by default).

    With the same `through` it stays the same for ever, byte for byte: entries written later, even with an
    earlier day, do not reach it.
    """
    by_member: dict[UUID, list[RegisterEntry]] = defaultdict(list)
    last = 0
    for entry in entries:
        if entry.entity_id == entity_id and (through is None or entry.number <= through):
            by_member[entry.member_id].append(entry)
            last = max(last, entry.number)
    lines = [
        RollLine(member_id, holding(own, day, rules.share_value.currency).category or "", rules.votes)
        for member_id, own in by_member.items()
        if capabilities_on(own, day, rules).may_vote
    ]
    return Roll(
        entity_id=entity_id,
        day=day,
        through=last if through is None else through,
        lines=tuple(sorted(lines, key=lambda line: str(line.member_id))),
    )
