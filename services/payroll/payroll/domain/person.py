"""What payroll must know of a person, and how much of it may be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from payroll.domain.belgium.situation import BelgianSituation, Spouse
from payroll.domain.errors import FamilySituationContradicts
from payroll.domain.facts import Facts, situation_of

VISIBLE_END: Final = 4


@dataclass(frozen=True, slots=True)
class FamilySituation:
    """The household on the day of payment, as tax law sees it: a shorter way to tell three facts."""

    spouse: Spouse
    children: int
    is_single_parent: bool

    @property
    def facts(self) -> Facts:
        """The facts that it tells."""
        return {
            "spouse": self.spouse.value,
            "children": str(self.children),
            "is_single_parent": str(self.is_single_parent).lower(),
        }


@dataclass(frozen=True, slots=True)
class Person:
    """A worker's identity and account in compact form: never logged, never in an event.

    `facts` are what the country's engine asks; profiles of before it was asked by name tell `family` alone.
    `died_on` is what a payroll officer wrote down.
    """

    national_number: str
    iban: str
    holder_name: str
    family: FamilySituation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    died_on: date | None = None

    @property
    def answers(self) -> Facts:
        """All that was told, by the names of the engine's questions."""
        return self.facts if self.family is None else {**self.family.facts, **self.facts}

    def __repr__(self) -> str:
        return "Person(…)"  # a repr ends up in logs


def check_family(family: FamilySituation) -> None:
    """Refuse a household that cannot be: the reduction for a single parent needs a child and no spouse.

    Raises FamilySituationContradicts.
    """
    try:
        situation_of(BelgianSituation, family.facts)
    except FamilySituationContradicts as refusal:
        raise refusal.at("familySituation") from None


def masked(number: str, *, visible_start: int = 0, visible_end: int = VISIBLE_END) -> str:
    """A number of which only the ends can be read."""
    hidden = len(number) - visible_start - visible_end
    return number[:visible_start] + "•" * hidden + number[len(number) - visible_end :]
