"""What Spanish payroll asks of a worker (form 145), and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from commons.period import Month
from payroll.domain.earlier import Counted, total_of
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage, whole


class Regime(StrEnum):
    """The contract as contributions and the minimum rate see it: temporary is under a year."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    ARTIST = "artist"


class Family(StrEnum):
    """Situations 1, 2 and 3 of the rules, from the last: without form 145 the third holds."""

    OTHER = "other"
    SINGLE_PARENT = "single_parent"
    DEPENDENT_SPOUSE = "dependent_spouse"


class Age(StrEnum):
    """The age that raises the minimum of the taxpayer."""

    UNDER_65 = "under_65"
    OVER_65 = "over_65"
    OVER_75 = "over_75"


class Disability(StrEnum):
    """A recognised disability of the worker."""

    NONE = "none"
    FROM_33_TO_65 = "from_33_to_65"
    OVER_65_OR_MOBILITY = "over_65_or_mobility"


@dataclass(frozen=True, slots=True)
class SpanishSituation(Situation):
    """What the worker told on form 145, and the pay of the year that is expected at this employer.

    `expected_year_euros` counts what was paid before; where it is less than what is already certain, that
    counts. `children_under_3` are among `children`; shared children count half.
    """

    family: Family = Family.OTHER
    children: int = 0
    children_under_3: int = 0
    has_sole_custody: bool = False
    ascendants: int = 0
    ascendants_over_75: int = 0
    age: Age = Age.UNDER_65
    disability: Disability = Disability.NONE
    moved_for_work: bool = False
    has_mortgage_relief: bool = False
    expected_year_euros: int = whole(0, most=10_000_000)

    @property
    def group(self) -> tuple[Hashable, ...]:
        """Nothing chooses rules but the contract."""
        return ()


@dataclass(frozen=True, slots=True)
class SpanishEarlier(Earlier):
    """What earlier payments counted, in cents: bases are of the month, the rate is of the year."""

    gross_month: int = 0
    base_month: int = 0
    time_month_millionths: int = 0
    gross_year: int = 0
    worker_year: int = 0
    withheld_year: int = 0


ORDINARY: Final = SpanishSituation()
NOTHING_EARLIER: Final = SpanishEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    worker = [line.amount.minor for line in payslip.lines if line.code.endswith(".worker")]
    return {
        "gross": payslip.gross_wage.minor,
        "base": payslip.amount("contributions.base").minor,
        "time_millionths": wage.time.month_millionths,
        "worker": -sum(worker),
        "withheld": -payslip.amount("withholding").minor,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> SpanishEarlier:
    """The sums of month and year of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    year = [payment for payment in payments if payment.day.year == day.year]
    return SpanishEarlier(
        gross_month=total_of("gross", month),
        base_month=total_of("base", month),
        time_month_millionths=min(1_000_000, total_of("time_millionths", month)),
        gross_year=total_of("gross", year),
        worker_year=total_of("worker", year),
        withheld_year=total_of("withheld", year),
    )
