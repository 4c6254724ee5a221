"""What a seed decides: how each story ends, which days are opened, what is broken and when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

OPENING: Final = date(2026, 6, 29)
# A contract of a day each, so that nobody works twice on one day: Wednesday to the next Wednesday.
WORK_DAYS: Final = tuple(date(2026, 7, day) for day in (1, 2, 3, 6, 7, 8))
# The seventh working day after each, Saturdays counted.
DUE_DAYS: Final = tuple(date(2026, 7, day) for day in (9, 10, 11, 14, 15, 16))
PAYMENT_DAY: Final = date(2026, 7, 8)
LATE_DAY: Final = date(2026, 7, 27)
CLAIM_DAY: Final = LATE_DAY + timedelta(days=70)
STORIES_PER_MEMBER_MAX: Final = len(WORK_DAYS)
LOWEST_PRICE_CENTS, HIGHEST_PRICE_CENTS = 43_000, 61_000
LOWEST_GROSS_CENTS, HIGHEST_GROSS_CENTS = 15_000, 22_000
GROSS_BEYOND_ANY_BUDGET: Final = Decimal("9999.00")


class Ending(StrEnum):
    """How a story ends."""

    PAID_BEFORE = "the client pays before the wage is due"
    PAID_LATE = "the client pays after the wage was advanced"
    PAID_IN_PARTS = "the client pays a part before and the rest after"
    PAID_TWICE = "the client pays late, and twice"
    NEVER_PAID = "the client never pays"
    WAGE_RETURNED = "the bank returns the wage, which is paid again; the client pays late"
    QUOTE_REFUSED = "the client refuses the quote"
    BUDGET_TOO_SMALL = "the contract costs more than the budget has"
    HIRE_REFUSED = "the authority refuses the hire"


WITHOUT_WAGE: Final = frozenset({Ending.QUOTE_REFUSED, Ending.BUDGET_TOO_SMALL, Ending.HIRE_REFUSED})
PAYING_LATE: Final = frozenset(
    {Ending.PAID_LATE, Ending.PAID_TWICE, Ending.PAID_IN_PARTS, Ending.WAGE_RETURNED}
)
_DRAWN: Final = {
    Ending.PAID_BEFORE: 30,
    Ending.PAID_LATE: 30,
    Ending.PAID_IN_PARTS: 8,
    Ending.PAID_TWICE: 6,
    Ending.NEVER_PAID: 14,
    Ending.WAGE_RETURNED: 5,
    Ending.QUOTE_REFUSED: 6,
    Ending.BUDGET_TOO_SMALL: 6,
}


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """One story: a day of work, its price, how it ends. The title names it for ever."""

    title: str
    member: int
    work_day: date
    due_date: date
    price: Decimal
    gross: Decimal
    ending: Ending


@dataclass(frozen=True, slots=True)
class WavePlan:
    """Stories of one legal entity, which share its business days. The last member may be nobody's hire."""

    name: str
    members: int
    stories: tuple[StoryPlan, ...]
    days: tuple[date, ...]
    """The days that are opened from the last day of work to the last due date, with jumps over some."""
    waits_for_cover: bool
    """Whether contracts are asked for only when the cover is decided; else they wait for it in an inbox."""


def waves(seed: int, stories: int, *, stories_per_wave: int) -> Iterator[WavePlan]:
    """The waves of a seed: the same for the same numbers, on any machine."""
    left, number = stories, 0
    while left > 0:
        number += 1
        size = min(left, stories_per_wave)
        yield _wave(random.Random(f"{seed}/{number}"), f"{seed}-{number}", size)  # noqa: S311  (no secret)
        left -= size


def _wave(draw: random.Random, name: str, size: int) -> WavePlan:
    members = -(-size // STORIES_PER_MEMBER_MAX)
    # The authority refuses a person, and so all that this person wants to do.
    refused = members - 1 if members > 1 and draw.random() < 0.5 else None
    stories = []
    for number in range(size):
        member, slot = divmod(number, STORIES_PER_MEMBER_MAX)
        ending = draw.choices(list(_DRAWN), weights=list(_DRAWN.values()))[0]
        if member == refused and ending is not Ending.QUOTE_REFUSED:
            ending = Ending.HIRE_REFUSED
        stories.append(
            StoryPlan(
                title=f"{name}-{number}",
                member=member,
                work_day=WORK_DAYS[slot],
                due_date=DUE_DAYS[slot],
                # Odd cents: a rounding that is forgotten shows.
                price=Decimal(draw.randrange(LOWEST_PRICE_CENTS, HIGHEST_PRICE_CENTS)) / 100,
                gross=GROSS_BEYOND_ANY_BUDGET
                if ending is Ending.BUDGET_TOO_SMALL
                else Decimal(draw.randrange(LOWEST_GROSS_CENTS, HIGHEST_GROSS_CENTS)) / 100,
                ending=ending,
            )
        )
    return WavePlan(name, members, tuple(stories), _days(draw), draw.random() < 0.5)


def _days(draw: random.Random) -> tuple[date, ...]:
    jumped = [day for day in DUE_DAYS if draw.random() < 0.5]
    last = DUE_DAYS[-1] + timedelta(days=draw.choice([0, 0, 1, 3]))
    return (PAYMENT_DAY, *(day for day in jumped if day < last), last)


class Kind(StrEnum):
    """What is done to a victim."""

    KILL = "kill -9"
    PAUSE = "pause"
    SLOW = "slow"
    SILENT = "black hole"
    DEAF = "one way"
    REFUSE = "cut off"


DISTURBANCES: Final = (Kind.SLOW, Kind.SILENT, Kind.DEAF, Kind.REFUSE)
PAUSE_SECONDS: Final = 8.0
"""Longer than the session of a consumer (6 s): what wakes up afterwards is a member that was given up."""
NETWORK_SECONDS: Final = (1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to break, some seconds after the fault before it."""

    after_seconds: float
    kind: Kind
    victim: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Victims:
    """Whom faults meet: programs that are killed, programs that are paused, doors that are disturbed."""

    killed: tuple[str, ...]
    paused: tuple[str, ...]
    doors: tuple[str, ...]


def faults(seed: int, victims: Victims, *, gap_seconds: float) -> Iterator[Fault]:
    """Faults without end, in the order of a seed. Every victim is met before one is met again."""
    draw = random.Random(f"{seed}/faults")  # noqa: S311  (no secret)
    queue: list[tuple[Kind, str]] = []
    while True:
        if not queue:
            queue = [(Kind.KILL, program) for program in victims.killed]
            queue += [(Kind.PAUSE, program) for program in victims.paused]
            queue += [(draw.choice(DISTURBANCES), door) for door in victims.doors]
            draw.shuffle(queue)
        kind, victim = queue.pop()
        seconds = {Kind.KILL: 0.0, Kind.PAUSE: PAUSE_SECONDS}.get(kind, draw.choice(NETWORK_SECONDS))
        yield Fault(gap_seconds * draw.uniform(0.8, 1.2), kind, victim, seconds)
