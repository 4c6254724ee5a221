"""A month or quarter of payslips that a country's own engine computed, to be declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.engines import engine_of
from payroll.domain.periodic_return import (
    Declarant,
    Form,
    PaidWork,
    PeriodicReturn,
    WorkerIdentity,
    form_of,
    periodic_return,
)
from payroll.domain.regularization import regularize_period
from payroll.domain.wage import Wage, WorkTime

DAY = date(2026, 9, 30)
CREATED = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)

# The numbers of a company and of its account at the authority, and how long that of a person is.
NUMBERS = {
    "at": ("ATU12345678", "1234567890", 10),
    "be": ("0123.456.749", "123456789", 11),
    "de": ("1234567890123", "12345678", 12),
    "es": ("B12345678", "28123456789", 12),
    "fr": ("123456789", "123 456 789 00017", 13),
    "hu": ("12345678-2-42", "12345678-2-42", 10),
    "it": ("12345678901", "1234567890", 16),
    "nl": ("12345678", "123456789L01", 9),
    "se": ("556123-4567", "556123-4567", 12),
}
NAMES = (("D'Été", "Zoë"), ("Kovács & <Nagy>", "Ödön"), ("Łukasz", "Szőke"))


@dataclass(frozen=True, slots=True)
class Declared:
    """The payslips, the form of the country, and the return that is made of both."""

    works: Sequence[PaidWork]
    form: Form
    wages: PeriodicReturn


def a_declarant(code: str) -> Declarant:
    """A cooperative whose name has every difficulty."""
    enterprise, authority, _ = NUMBERS[code]
    return Declarant(
        name="Coöperative Société & Söhne <Ő>",
        enterprise_number=enterprise,
        authority_number=authority,
        contact_name="Anna O'Neill",
        contact_phone="+32 2 123 45 67",
        contact_email="payroll@example.org",
    )


def a_worker(code: str, number: int) -> WorkerIdentity:
    """A person with a number of the right length."""
    family, given = NAMES[number % len(NAMES)]
    birth = date(1990, 1, 1) + timedelta(days=number)
    return WorkerIdentity(UUID(int=number), f"{85 + number:0{NUMBERS[code][2]}}", family, given, birth)


def a_return(
    code: str,
    parameter: str = "return",
    *,
    workers: int = 4,
    regimes: Sequence[str] = (),
    year_end_premium: int = 0,
) -> Declared:
    """Two payments to each worker in the period, each computed with what came before it.

    The workers take turns in the regimes: those given, else all that the return declares. A premium is paid
    with the second.
    """
    engine = engine_of(load_country(code))
    form = form_of(engine.law, DAY, parameter)
    known = engine.law.rule("contract.price", DAY).fields
    regimes = regimes or sorted(regime for regime in known if regime not in form.regimes_elsewhere)
    scale = 40 if engine.law.currency == "HUF" else 1
    works: list[PaidWork] = []
    for number in range(workers):
        before: list[Counted] = []
        for payment, day in enumerate((DAY - timedelta(days=12), DAY)):
            wage = Wage(
                gross=scale * (123_457 + 61_001 * number + 7_013 * payment),
                day=day,
                regime=regimes[number % len(regimes)],
                situation=engine.situation_type(),
                time=WorkTime(9, 260),
                year_end_premium=payment * year_end_premium,
                earlier=engine.earlier(before, day),
            )
            payslip = engine.payslip(wage)
            before.append(Counted(day, engine.counts(payslip, wage)))
            works.append(
                PaidWork(
                    payslip_id=UUID(int=1_000 * number + payment),
                    contract_id=UUID(int=9_000 * (number + 1) + payment),
                    worker=a_worker(code, number),
                    regime=wage.regime,
                    committee="304",
                    first_day=day - timedelta(days=11),
                    last_day=day,
                    days_hundredths=900,
                    hours_hundredths=6_840,
                    counts=before[-1].counts,
                    facts={},
                    payslip=payslip,
                )
            )
    return Declared(closed(code, works, form), form, declare(code, works, form, engine.law.currency))


def closed(code: str, works: Sequence[PaidWork], form: Form) -> list[PaidWork]:
    """The works with what the end of the period changes."""
    engine = engine_of(load_country(code))
    return list(regularize_period(works, form.period(DAY), form, engine, must_be_confirmed=False).works)


def declare(code: str, works: Sequence[PaidWork], form: Form, currency: str = "EUR") -> PeriodicReturn:
    """The return of some work in the period of the form."""
    return periodic_return(
        a_declarant(code),
        form.period(DAY),
        closed(code, works, form),
        currency=currency,
        reference="R2026-09",
        created_at=CREATED,
    )
