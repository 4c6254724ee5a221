"""What payroll must know of a person, and how much of it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from payroll.domain.belgium.situation import BelgianSituation, Spouse
from payroll.domain.errors import FamilySituationContradicts

VISIBLE_END: Final = 4


@dataclass(frozen=True, slots=True)
class FamilySituation:
    """The household on the day of payment, as tax law sees it."""

    spouse: Spouse
    children: int
    is_single_parent: bool

    @property
    def situation(self) -> BelgianSituation:
        """The situation that wages are computed from."""
        return BelgianSituation(
            spouse=self.spouse, children=self.children, is_single_parent=self.is_single_parent
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A worker's identity and account in compact form: never logged, never in an event."""

    national_number: str
    iban: str
    holder_name: str
    family: FamilySituation

    def __repr__(self) -> str:
        return "Person(…)"  # a repr ends up in logs


def check_family(family: FamilySituation) -> None:
    """Refuse a household that cannot be: the reduction for a single parent needs a child and no spouse.

    Raises FamilySituationContradicts.
    """
    if family.is_single_parent and (family.spouse is not Spouse.NONE or family.children == 0):
        raise FamilySituationContradicts().at("familySituation")


def masked(number: str, *, visible_start: int = 0, visible_end: int = VISIBLE_END) -> str:
    """A number of which only the ends can be read."""
    hidden = len(number) - visible_start - visible_end
    return number[:visible_start] + "•" * hidden + number[len(number) - visible_end :]
