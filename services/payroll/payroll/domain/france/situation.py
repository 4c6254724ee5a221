"""What French payroll asks of a worker and of the establishment, and what earlier payments leave behind."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from payroll.domain.earlier import Counted, total_of
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage


class Regime(StrEnum):
    """The kind of employment; an entrepreneur of an activity cooperative (CESA) is an ordinary employee."""

    EMPLOYEE = "employee"
    CADRE = "cadre"
    CESA = "cesa"


class TaxRate(StrEnum):
    """Where the rate of the tax at source comes from."""

    NEUTRAL = "neutral"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class FrenchSituation(Situation):
    """The rate that the tax office sent; without one the neutral grid holds.

    `is_short_contract`: the contract is of two months at the most, from date to date, which cuts the base of
    the neutral rate once for each payment.
    """

    tax_rate: TaxRate = TaxRate.NEUTRAL
    personal_rate: Decimal = Decimal(0)
    is_short_contract: bool = False

    @property
    def group(self) -> tuple[Hashable, ...]:
        """Where the rate comes from chooses the rules."""
        return (self.tax_rate,)


@dataclass(frozen=True, slots=True)
class Establishment:
    """What is notified to or true of the establishment, and not of the law: rates in millionths.

    `workforce` is the number of employees; `health_insurance` the employer's part of complementary health
    insurance for a month, in cents.
    """

    workforce: int
    accident_rate: int
    mobility_rate: int
    health_insurance: int

    @classmethod
    def on(cls, law: PayrollLaw, day: date) -> Establishment:
        """The establishment as the country's file tells it. Raises ValueNotInForce."""
        rule = law.rule("establishment", day)
        return cls(
            rule.count("workforce"),
            rule.rate("accident_rate"),
            rule.rate("mobility_rate"),
            rule.amount("health_insurance"),
        )


@dataclass(frozen=True, slots=True)
class FrenchEarlier(Earlier):
    """What earlier payments of the year counted, in cents and twelfths of a cent: the reduction is yearly."""

    gross_year: int = 0
    minimum_wage_12ths_year: int = 0
    reduction_year: int = 0


ORDINARY: Final = FrenchSituation()
NOTHING_EARLIER: Final = FrenchEarlier()


def counts_of(payslip: Payslip, _wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "gross": payslip.gross_wage.minor,
        "minimum_wage_12ths": sum(
            line.base.minor for line in payslip.lines if line.code == "reduction.minimum_wage" and line.base
        ),
        "reduction": -payslip.amount("reduction").minor,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> FrenchEarlier:
    """The sums of the year of a payment, over payments of the same employer to the same worker."""
    year = [payment for payment in payments if payment.day.year == day.year]
    return FrenchEarlier(
        gross_year=total_of("gross", year),
        minimum_wage_12ths_year=total_of("minimum_wage_12ths", year),
        reduction_year=total_of("reduction", year),
    )
