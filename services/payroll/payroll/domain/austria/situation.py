"""What Austrian payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from commons.period import Month
from payroll.domain.earlier import Counted, total_of
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage, whole


class Regime(StrEnum):
    """The kind of employment."""

    EMPLOYEE = "employee"


class Land(StrEnum):
    """The Land of the place of work: housing contribution and surcharge of the chamber differ."""

    VIENNA = "vienna"
    LOWER_AUSTRIA = "lower_austria"
    BURGENLAND = "burgenland"
    UPPER_AUSTRIA = "upper_austria"
    SALZBURG = "salzburg"
    TYROL = "tyrol"
    VORARLBERG = "vorarlberg"
    STYRIA = "styria"
    CARINTHIA = "carinthia"


@dataclass(frozen=True, slots=True)
class AustrianSituation(Situation):
    """The place of work, and the credits that the worker asked for in writing.

    `earner_children` are the children of a single earner or single parent (none: no such credit); the family
    bonus is for children under 18 and from 18; `commuter_km` is the way to work of who has the allowance.
    """

    land: Land = Land.VIENNA
    earner_children: int = 0
    family_bonus_minors: int = 0
    family_bonus_adults: int = 0
    commuter_km: int = whole(0, most=999)


@dataclass(frozen=True, slots=True)
class AustrianEarlier(Earlier):
    """What earlier payments of the month counted, in cents; the severance fund begins in the second one."""

    gross_month: int = 0
    worker_month: int = 0
    employer_month: int = 0
    has_earlier_month: bool = False


ORDINARY: Final = AustrianSituation()
NOTHING_EARLIER: Final = AustrianEarlier()


def counts_of(payslip: Payslip, _wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "gross": payslip.gross_wage.minor,
        "worker": -payslip.amount("sv.worker").minor,
        "employer": payslip.amount("sv.employer").minor,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> AustrianEarlier:
    """The sums of the month of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    return AustrianEarlier(
        gross_month=total_of("gross", month),
        worker_month=total_of("worker", month),
        employer_month=total_of("employer", month),
        has_earlier_month=any(Month.of(payment.day) < Month.of(day) for payment in payments),
    )
