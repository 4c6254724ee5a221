"""What Hungarian payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from commons.period import Month
from payroll.domain.earlier import Counted, total_of
from payroll.domain.errors import SituationContradicts
from payroll.domain.integers import RATE_UNIT
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage


class Regime(StrEnum):
    """The kind of employment."""

    EMPLOYEE = "employee"
    SKILLED = "skilled"


class MothersRelief(StrEnum):
    """Which exemption of mothers the worker declared; each frees the whole wage of income tax."""

    NONE = "none"
    UNDER_30 = "under_30"
    FOUR_CHILDREN = "four_children"
    THREE_CHILDREN = "three_children"
    TWO_CHILDREN = "two_children"


@dataclass(frozen=True, slots=True)
class HungarianSituation(Situation):
    """The reliefs that the worker declared in writing; `disabled_children` are among `children`."""

    mothers_relief: MothersRelief = MothersRelief.NONE
    is_under_25: bool = False
    has_personal_allowance: bool = False
    is_newly_married: bool = False
    children: int = 0
    disabled_children: int = 0

    def check(self) -> None:
        """Raises SituationContradicts where there are more disabled children than children."""
        if self.disabled_children > self.children:
            raise SituationContradicts(facts=["disabled_children", "children"])


@dataclass(frozen=True, slots=True)
class HungarianEarlier(Earlier):
    """What earlier payments of the month counted, in hundredths of a forint: reliefs are of the month."""

    gross_month: int = 0
    exempt_month: int = 0
    relief_month: int = 0
    family_contribution_month: int = 0
    contribution_base_month: int = 0
    social_tax_base_month: int = 0
    time_month_millionths: int = 0


ORDINARY: Final = HungarianSituation()
NOTHING_EARLIER: Final = HungarianEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "gross": payslip.gross_wage.minor,
        "exempt": -payslip.amount("szja.under_25").minor,
        "relief": -sum(
            payslip.amount(code).minor for code in ("szja.personal", "szja.marriage", "szja.family")
        ),
        "family_contribution": payslip.amount("tb.family").minor,
        "contribution_base": payslip.amount("tb.base").minor,
        "social_tax_base": payslip.amount("szocho.base").minor,
        "time_millionths": wage.time.month_millionths,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> HungarianEarlier:
    """The sums of the month of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    return HungarianEarlier(
        gross_month=total_of("gross", month),
        exempt_month=total_of("exempt", month),
        relief_month=total_of("relief", month),
        family_contribution_month=total_of("family_contribution", month),
        contribution_base_month=total_of("contribution_base", month),
        social_tax_base_month=total_of("social_tax_base", month),
        time_month_millionths=min(RATE_UNIT, total_of("time_millionths", month)),
    )
