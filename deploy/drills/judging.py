"""What a restoration must not have done: the bank's account is compared with the wages that were owed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

NUMBER_LENGTH = 32  # of a payslip in the bank's own words; an attempt after the first follows a dash


@dataclass(frozen=True, slots=True)
class Transfer:
    """A wage as the bank booked it."""

    end_to_end_id: str
    minor: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What a topic was told to hold, or what a reader received of it, in the terms of reconciliation."""

    count: int
    ids: str | None


@dataclass(slots=True)
class Phase:
    """One step of the drill and how long it took; `note` is what it did."""

    name: str
    seconds: float
    note: str = ""


@dataclass(slots=True)
class Findings:
    """What a drill measured and what it found wrong. Figures are of this machine and are never asserted."""

    phases: list[Phase] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def wages_at_the_bank(owed: Mapping[str, int], transfers: Iterable[Transfer]) -> Iterator[str]:
    """A sentence for each wage that was not paid exactly once, and for each transfer that pays none.

    `owed` are the amounts by the number of their payslip. Which attempt it was does not matter: the bank
    booked it, or did not.
    """
    booked: dict[str, list[int]] = {}
    for transfer in transfers:
        booked.setdefault(transfer.end_to_end_id[:NUMBER_LENGTH], []).append(transfer.minor)
    for number, minor in owed.items():
        paid = booked.get(number, [])
        if not paid:
            yield f"the wage {number} of {minor} was never paid"
        elif len(paid) > 1:
            yield f"the wage {number} of {minor} was paid {len(paid)} times"
        elif paid != [minor]:
            yield f"the wage {number} is {minor} and {paid[0]} was paid"
    for number in booked.keys() - owed.keys():
        yield f"the bank paid {number}, which is no wage"


def hours_that_differ(
    published: Mapping[str, Hour], received: Mapping[tuple[str, str], Hour]
) -> Iterator[str]:
    """A sentence for each reader of a topic whose inbox is not what was published, by (reader, topic)."""
    for (reader, topic), got in received.items():
        told = published[topic]
        if got != told:
            yield f"of {topic} {told.count} events were published and {reader} has {got.count}, or other ones"


def table_of(phases: Sequence[Phase]) -> str:
    """The phases, for people."""
    width = max(len(phase.name) for phase in phases)
    return "\n".join(
        f"{phase.name:<{width}}  {phase.seconds:6.1f} s  {phase.note}".rstrip() for phase in phases
    )


def verdict(found: Findings) -> str:
    """The last line."""
    if not found.wrong:
        return "VERDICT: nothing lost, nothing twice."
    kinds = Counter(sentence.partition("]")[0].lstrip("[") for sentence in found.wrong if "]" in sentence)
    named = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"VERDICT: {len(found.wrong)} findings{f' ({named})' if named else ''}."


def told_at(moment: datetime) -> str:
    """A moment as an operator types it."""
    return moment.isoformat(timespec="microseconds")
