"""What Dutch payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from payroll.domain.earlier import Counted, total_of
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage


class Regime(StrEnum):
    """The contract as the unemployment premium sees it: high for temporary and on-call work, else low."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"


class Age(StrEnum):
    """Whether the worker has reached the age of the state pension (AOW), and in which generation."""

    UNDER_AOW = "under_aow"
    BORN_1946_OR_LATER = "born_1946_or_later"
    BORN_1945_OR_EARLIER = "born_1945_or_earlier"


@dataclass(frozen=True, slots=True)
class DutchSituation(Situation):
    """What the worker declared: without a request there is no wage-tax credit.

    Who did not identify himself is anonymous, and taxed at the highest rate.
    """

    has_wage_tax_credit: bool = False
    age: Age = Age.UNDER_AOW
    is_anonymous: bool = False

    @property
    def group(self) -> tuple[Hashable, ...]:
        """Age and anonymity choose the rules."""
        return (self.age, self.is_anonymous)


@dataclass(frozen=True, slots=True)
class DutchEarlier(Earlier):
    """What earlier payments of the year counted, in cents: premiums have a ceiling that is cumulated."""

    wage_year: int = 0
    ceiling_year: int = 0
    base_year: int = 0


ORDINARY: Final = DutchSituation()
NOTHING_EARLIER: Final = DutchEarlier()


def counts_of(payslip: Payslip, _wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "wage": payslip.gross_wage.minor,
        "ceiling": payslip.amount("employer.ceiling").minor,
        "base": payslip.amount("employer.base").minor,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> DutchEarlier:
    """The sums of the year of a payment, over payments of the same employer to the same worker."""
    year = [payment for payment in payments if payment.day.year == day.year]
    return DutchEarlier(
        wage_year=total_of("wage", year),
        ceiling_year=total_of("ceiling", year),
        base_year=total_of("base", year),
    )
