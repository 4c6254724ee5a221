"""What Italian payroll asks of a worker, and what earlier payments leave to the next one."""

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

YEAR_MILLIONTHS: Final = 12_000_000  # twelve months


class Regime(StrEnum):
    """The contract: a fixed term is settled at its end, an open-ended one over the year."""

    FIXED_TERM = "fixed_term"
    OPEN_ENDED = "open_ended"


class Region(StrEnum):
    """The region of the tax domicile, whose surtax is owed."""

    LOMBARDIA = "lombardia"
    ABRUZZO = "abruzzo"
    BASILICATA = "basilicata"
    BOLZANO = "bolzano"
    CALABRIA = "calabria"
    CAMPANIA = "campania"
    EMILIA_ROMAGNA = "emilia_romagna"
    FRIULI_VENEZIA_GIULIA = "friuli_venezia_giulia"
    LAZIO = "lazio"
    LIGURIA = "liguria"
    MARCHE = "marche"
    MOLISE = "molise"
    PIEMONTE = "piemonte"
    PUGLIA = "puglia"
    SARDEGNA = "sardegna"
    SICILIA = "sicilia"
    TOSCANA = "toscana"
    TRENTO = "trento"
    UMBRIA = "umbria"
    VALLE_D_AOSTA = "valle_d_aosta"
    VENETO = "veneto"


class Municipality(StrEnum):
    """The municipality of the tax domicile by its cadastral code, where its surtax is in the data."""

    OTHER = "other"
    MILANO = "F205"
    ROMA = "H501"


@dataclass(frozen=True, slots=True)
class ItalianSituation(Situation):
    """The tax domicile, and what the worker told of other income of the year and of the credits for work.

    Without a request the credits are granted, as the law has it (DPR 600/1973, art. 23).
    """

    region: Region = Region.LOMBARDIA
    municipality: Municipality = Municipality.OTHER
    other_income_euros: int = whole(0, most=10_000_000)
    waives_bonus: bool = False

    @property
    def group(self) -> tuple[Hashable, ...]:
        """The domicile chooses the rules of the surtaxes."""
        return (self.region, self.municipality)


@dataclass(frozen=True, slots=True)
class ItalianEarlier(Earlier):
    """What earlier payments counted, in cents: taxes are of the year, one threshold of the month."""

    gross_month: int = 0
    gross_year: int = 0
    taxable_year: int = 0
    tax_year: int = 0
    regional_year: int = 0
    municipal_year: int = 0
    bonus_year: int = 0
    free_sum_year: int = 0
    time_year_millionths: int = 0


ORDINARY: Final = ItalianSituation()
NOTHING_EARLIER: Final = ItalianEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "gross": payslip.gross_wage.minor,
        "taxable": payslip.amount("taxable").minor,
        "tax": -payslip.amount("irpef").minor,
        "regional": -payslip.amount("surtax.regional").minor,
        "municipal": -payslip.amount("surtax.municipal").minor,
        "bonus": payslip.amount("bonus").minor,
        "free_sum": payslip.amount("free_sum").minor,
        "time_millionths": wage.time.month_millionths,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> ItalianEarlier:
    """The sums of month and year of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    year = [payment for payment in payments if payment.day.year == day.year]
    return ItalianEarlier(
        gross_month=total_of("gross", month),
        gross_year=total_of("gross", year),
        taxable_year=total_of("taxable", year),
        tax_year=total_of("tax", year),
        regional_year=total_of("regional", year),
        municipal_year=total_of("municipal", year),
        bonus_year=total_of("bonus", year),
        free_sum_year=total_of("free_sum", year),
        time_year_millionths=min(YEAR_MILLIONTHS, total_of("time_millionths", year)),
    )
