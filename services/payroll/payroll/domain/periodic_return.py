"""A periodic return to an authority: who declares, for which period, whom it paid, every line summed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from commons.money import Money, total
from commons.period import DateRange, Month, Quarter
from payroll.domain.errors import (
    PaidOutsidePeriod,
    PayslipReturnedTwice,
    ReturnLineWithoutPlace,
    ReturnTooLarge,
)
from payroll.domain.facts import Facts
from payroll.domain.integers import Rounding, Spread
from payroll.domain.law import PayrollLaw, Rule
from payroll.domain.sheet import Kind, Payslip

WORKS_MAX: Final = 100_000  # a larger return is cut by the authority's own rules, not by ours
ELSEWHERE: Final = "elsewhere"  # the block of lines that another return or a bill declares
_COUNTED: Final = (Kind.EARNING, Kind.DEDUCTION, Kind.CHARGE)

PERIODS: Final[Mapping[str, Callable[[date], DateRange]]] = {
    "month": lambda day: Month.of(day).range,
    "quarter": lambda day: Quarter.of(day).range,
}


@dataclass(frozen=True, slots=True)
class Declarant:
    """The employer: its company number, its number at the authority, and whom the authority may ask."""

    name: str
    enterprise_number: str
    authority_number: str
    contact_name: str
    contact_phone: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Who was paid, as the authority knows the person: never logged, never in an event.

    `birth_date` is known where the country's national number tells it.
    """

    worker_id: UUID
    national_number: str
    family_name: str
    given_name: str
    birth_date: date | None

    def __repr__(self) -> str:
        return "WorkerIdentity(…)"  # a repr ends up in logs


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of one line, or its sum over some payslips, signed as it counts on them."""

    code: str
    kind: Kind
    amount: Money

    @property
    def declared(self) -> Money:
        """As an authority counts: pay and what is owed are positive, a relief is negative."""
        return -self.amount if self.kind is Kind.DEDUCTION else self.amount


@dataclass(frozen=True, slots=True)
class PaidWork:
    """The work that one payslip pays: days and hours are in hundredths.

    `counts` are what the payslip counted, `facts` what was told of the worker when it was computed. `closing`
    are the differences that the end of the period makes: they are declared, and stand on no payslip.
    """

    payslip_id: UUID
    contract_id: UUID
    worker: WorkerIdentity
    regime: str
    committee: str
    first_day: date
    last_day: date
    days_hundredths: int
    hours_hundredths: int
    counts: Mapping[str, int]
    facts: Facts = field(repr=False)
    payslip: Payslip
    closing: tuple[Figure, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Everything that is declared of it: the lines of the payslip, then the differences."""
        lines = (Figure(line.code, line.kind, line.amount) for line in self.payslip.lines)
        return (*lines, *self.closing)

    @property
    def closing_cost(self) -> Money:
        """What the end of the period changes of what the work costs the employer."""
        costs = [figure.amount for figure in self.closing if figure.kind in (Kind.EARNING, Kind.CHARGE)]
        return total(costs, self.payslip.labor_cost.currency)


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """What a period is closed with: its last day, how amounts are spread, the region of the employer."""

    last_day: date
    spread: Spread
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What one worker did and was paid in one regime (and, where it is asked so, under one contract)."""

    regime: str
    works: tuple[PaidWork, ...]
    currency: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The sum of every line and of every difference, in the order of the payslips."""
        sums: dict[str, tuple[Kind, Money]] = {}
        for work in self.works:
            for figure in work.figures:
                _, before = sums.get(figure.code, (figure.kind, Money.zero(self.currency)))
                sums[figure.code] = (figure.kind, before + figure.amount)
        return tuple(Figure(code, kind, amount) for code, (kind, amount) in sums.items())

    def amount(self, code: str) -> Money:
        """The sum of one line over the payslips, signed as it counts on them."""
        return total([work.payslip.amount(code) for work in self.works], self.currency)

    @property
    def gross_wage(self) -> Money:
        """The gross wages."""
        return total([work.payslip.gross_wage for work in self.works], self.currency)

    @property
    def net_payable(self) -> Money:
        """What the work is worth to the worker, without what a payslip settles of another."""
        return total([work.payslip.net_payable for work in self.works], self.currency)

    @property
    def days_hundredths(self) -> int:
        """The days worked."""
        return sum(work.days_hundredths for work in self.works)

    @property
    def hours_hundredths(self) -> int:
        """The hours worked."""
        return sum(work.hours_hundredths for work in self.works)

    @property
    def first_day(self) -> date:
        """The first day of the work that was paid."""
        return min(work.first_day for work in self.works)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return max(work.last_day for work in self.works)

    def by_contract(self) -> tuple[Record, ...]:
        """The same, contract by contract."""
        groups: dict[UUID, list[PaidWork]] = {}
        for work in self.works:
            groups.setdefault(work.contract_id, []).append(work)
        return tuple(Record(self.regime, tuple(works), self.currency) for works in groups.values())


@dataclass(frozen=True, slots=True)
class PaidWorker:
    """One worker with a record for each regime."""

    identity: WorkerIdentity
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class PeriodicReturn:
    """Everything that a return of a period says; each country's document is written from it alone.

    `replaces` is the authority's reference of the accepted return of the same period that it stands in for.
    """

    reference: str
    created_at: datetime
    declarant: Declarant
    period: DateRange
    currency: str
    workers: tuple[PaidWorker, ...]
    replaces: str | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of all workers."""
        return tuple(record for worker in self.workers for record in worker.records)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a return shows a line: the block, and the authority's code in it."""

    block: str
    code: str


@dataclass(frozen=True, slots=True)
class Form:
    """How a country wants a return written on a day: the format, and where each payslip line goes.

    `codes` maps our line codes to places (`"contribution 856"`); a key with a regime
    (`employer.awf@permanent`) stands before the one without.
    """

    rule: Rule
    codes: Rule
    places: Mapping[str, Place]

    @property
    def format(self) -> str:
        """The name of the format."""
        return self.rule.text("format")

    @property
    def regularization(self) -> str | None:
        """The name of the way in which the end of the period changes what its payslips say, if it does."""
        return self.rule.text("regularization") if self.rule.has("regularization") else None

    @property
    def regimes_elsewhere(self) -> frozenset[str]:
        """The regimes whose work another return declares."""
        return frozenset(self.codes.texts("elsewhere")) if self.codes.has("elsewhere") else frozenset()

    @property
    def rounding(self) -> Rounding:
        """How the authority wants amounts rounded; the source stands beside it in the data."""
        return Rounding(self.codes.text("rounding"))

    def period(self, day: date) -> DateRange:
        """The period of the return that a day falls in."""
        return PERIODS[self.rule.text("period")](day)


def names_of(holder_name: str) -> tuple[str, str]:
    """Family name and given name of the holder of an account: the first word is the given name.

    Whoever has one word alone has it as both. Payroll knows people by their account, and asks no more.
    """
    given, _, family = holder_name.strip().partition(" ")
    return family.strip() or given, given


def form_of(law: PayrollLaw, day: date, parameter: str = "return") -> Form:
    """The form of a return in force on a day: `return`, or `return_social` where contributions have their
    own.

    Raises ValueNotInForce.
    """
    codes = law.rule(f"{parameter}_codes", day)
    places = {line: _place(text) for line, text in codes.texts("lines").items()}
    return Form(law.rule(parameter, day), codes, MappingProxyType(places))


def periodic_return(
    declarant: Declarant,
    period: DateRange,
    works: Sequence[PaidWork],
    *,
    currency: str,
    reference: str,
    created_at: datetime,
    replaces: str | None = None,
) -> PeriodicReturn:
    """The return of what was paid in a period; one of nothing is a return too, and some authorities want it.

    Workers stand in the order of their national numbers, so that the same payslips give the same bytes.
    Raises PaidOutsidePeriod, PayslipReturnedTwice, ReturnTooLarge, CurrencyMismatch.
    """
    if len(works) > WORKS_MAX:
        raise ReturnTooLarge(payslips=len(works), payslips_max=WORKS_MAX)
    seen: set[UUID] = set()
    for work in works:
        if work.payslip.day not in period:
            raise PaidOutsidePeriod(payslip=work.payslip_id, day=work.payslip.day)
        if work.payslip_id in seen:
            raise PayslipReturnedTwice(payslip=work.payslip_id)
        seen.add(work.payslip_id)
    groups: dict[WorkerIdentity, dict[str, list[PaidWork]]] = {}
    for work in sorted(works, key=_order):
        groups.setdefault(work.worker, {}).setdefault(work.regime, []).append(work)
    return PeriodicReturn(
        reference=reference,
        created_at=created_at,
        declarant=declarant,
        period=period,
        currency=currency,
        workers=tuple(
            PaidWorker(
                identity,
                tuple(Record(regime, tuple(of_regime), currency) for regime, of_regime in regimes.items()),
            )
            for identity, regimes in groups.items()
        ),
        replaces=replaces,
    )


def declared_by_place(records: Iterable[Record], form: Form) -> dict[Place, Money]:
    """What each place of the return says of some records: what is owed is positive, a relief negative.

    No line that counts is dropped in silence. Raises ReturnLineWithoutPlace.
    """
    declared: dict[Place, Money] = {}
    for record in records:
        for figure in record.figures:
            place = form.places.get(f"{figure.code}@{record.regime}") or form.places.get(figure.code)
            if place is None:
                if figure.kind in _COUNTED:
                    raise ReturnLineWithoutPlace(line=figure.code, format=form.format)
                continue
            declared[place] = declared.get(place, Money.zero(record.currency)) + figure.declared
    return declared


def declared_at(declared: Mapping[Place, Money], block: str) -> dict[str, Money]:
    """The codes of one block with their amounts, in the order of the codes."""
    return {place.code: declared[place] for place in sorted(declared) if place.block == block}


def whole_units(amount: Money, rounding: Rounding) -> int:
    """An amount in whole euros, kronor or forints, rounded as the authority says.

    `down_unit` drops what is behind the point, towards nothing.
    """
    unit: int = 10**amount.exponent
    sign = -1 if amount.minor < 0 else 1
    if rounding is Rounding.DOWN_UNIT:
        return sign * (abs(amount.minor) // unit)
    assert rounding is Rounding.HALF_UP_UNIT, "the country's data names a rounding to the unit"
    return sign * ((2 * abs(amount.minor) + unit) // (2 * unit))


def _place(text: str) -> Place:
    block, _, code = text.partition(" ")
    return Place(block, code)


def _order(work: PaidWork) -> tuple[str, str, date, UUID]:
    return (work.worker.national_number, work.regime, work.first_day, work.payslip_id)
