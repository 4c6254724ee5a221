"""The payslips of many contracts at once, each as it would be alone: one that fails stops no other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from commons.country import Country
from commons.period import DateRange, Month
from payroll.domain.contract import Contract, only_pay_period, require_payable, wage_due_date, wage_of
from payroll.domain.earlier import Counted
from payroll.domain.engines import Engine
from payroll.domain.errors import PayPeriodNotBegun, PeriodReversed
from payroll.domain.facts import Facts, assumed, situation_of
from payroll.domain.sheet import Payslip, payslips_of
from payroll.domain.traced import traced
from payroll.domain.wage import Wage


class PayRunState(StrEnum):
    """Where a pay run stands."""

    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What a payslip is computed from: a contract, who worked, and what was told of the worker.

    `principal_id` is for whom the work was, where the law counts by that; `year_end_premium` is paid besides
    the wage, in minor units.
    """

    contract: Contract
    worker_id: UUID
    answers: Facts
    principal_id: UUID | None = None
    year_end_premium: int = 0


@dataclass(frozen=True, slots=True)
class Computed:
    """A payslip with its pay period, what it leaves to the next ones, and the day the wage is due."""

    work: WorkDone
    period: DateRange
    payslip: Payslip
    counts: Mapping[str, int]
    due_date: date


Outcome = Computed | Exception
"""What became of one contract: its payslip, or why there is none (a refusal, or what broke)."""


def pay_period(day: date, today: date) -> DateRange:
    """The month of a pay run. Raises PayPeriodNotBegun."""
    month = Month.of(day).range
    if today < month.start:
        raise PayPeriodNotBegun(first_day=month.start, today=today)
    return month


def pay_periods(first: date, last: date, today: date) -> DateRange:
    """From the month of one day to that of another. Raises PayPeriodNotBegun, PeriodReversed."""
    start, end = pay_period(first, today), pay_period(last, today)
    if end.start < start.start:
        raise PeriodReversed(first_day=start.start, last_day=end.last)
    return DateRange.inclusive(start.start, end.last)


def compute_all(
    works: Sequence[WorkDone],
    *,
    engine: Engine,
    country: Country,
    earlier: Mapping[UUID, Sequence[Counted]],
    must_be_confirmed: bool,
    for_principals: Mapping[UUID, Sequence[Counted]] = MappingProxyType({}),
) -> list[Outcome]:
    """The payslips of works at one employer, in their order; `earlier` are each worker's payments so far.

    `for_principals` are the payments so far to all who worked for one principal. Several works of one worker
    or for one principal count one after another, in the order given; the others are computed together,
    grouped by law day, regime, situation, whether it is a month and whether it has a premium: a payslip
    names the figures of the law that it rests on itself, and none that only its neighbour needs.
    """
    counted = {worker: list(payments) for worker, payments in earlier.items()}
    for principal, payments in for_principals.items():
        counted[principal] = [payment.for_principal() for payment in payments]
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(works)))
    while waiting:
        seen: set[UUID] = set()
        later: list[int] = []
        turn: list[int] = []
        for place in waiting:
            own = counts_with(works[place])
            (later if own & seen else turn).append(place)
            seen |= own
        found = _compute_turn([works[place] for place in turn], engine, country, counted)
        for place, outcome in zip(turn, found, strict=True):
            outcomes[place] = _confirmed(outcome) if must_be_confirmed else outcome
            kept = outcomes[place]
            if isinstance(kept, Computed):
                payment = Counted(kept.period.last, kept.counts)
                counted.setdefault(kept.work.worker_id, []).append(payment)
                if kept.work.principal_id is not None:
                    counted.setdefault(kept.work.principal_id, []).append(payment.for_principal())
        waiting = later
    return [outcomes[place] for place in range(len(works))]


def counts_with(work: WorkDone) -> set[UUID]:
    """By whom the payments are counted that bind this one."""
    return {work.worker_id} if work.principal_id is None else {work.worker_id, work.principal_id}


def _compute_turn(
    works: Sequence[WorkDone], engine: Engine, country: Country, counted: Mapping[UUID, Sequence[Counted]]
) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    groups: dict[Hashable, list[tuple[int, Wage]]] = {}
    for place, work in enumerate(works):
        try:
            wage = _wage(work, engine, [one for by in counts_with(work) for one in counted.get(by, ())])
        except Exception as error:  # whatever is wrong with this one stops no other
            outcomes[place] = error
        else:
            # A payment that is not of a month rests on the rule that brings it to a year.
            alike = (
                wage.day,
                wage.regime,
                wage.situation,
                wage.time.is_full_month,
                wage.year_end_premium > 0,
            )
            groups.setdefault(alike, []).append((place, wage))
    for group in groups.values():
        wages = [wage for _, wage in group]
        for (place, wage), payslip in zip(group, _payslips(engine, wages), strict=True):
            try:
                outcomes[place] = (
                    payslip
                    if isinstance(payslip, Exception)
                    else _computed(works[place], wage, payslip, engine, country)
                )
            except Exception as error:
                outcomes[place] = error
    return [outcomes[place] for place in range(len(works))]


def _wage(work: WorkDone, engine: Engine, payments: Sequence[Counted]) -> Wage:
    require_payable(work.contract)
    period = only_pay_period(work.contract.terms)
    of_year = [payment for payment in payments if payment.day.year == period.last.year]
    wage = wage_of(
        work.contract.terms,
        period,
        situation_of(engine.situation_type, work.answers),
        engine.law,
        engine.earlier(of_year, period.last),
    )
    return replace(wage, year_end_premium=work.year_end_premium)


def _payslips(engine: Engine, wages: Sequence[Wage]) -> Sequence[Payslip | Exception]:
    """Together; where the group is refused, each half by itself, until the one that fails is alone."""
    try:
        return payslips_of(engine.compute(traced(engine.batch(wages))), len(wages), engine.version)
    except Exception as error:
        if len(wages) == 1:
            return [error]
        half = len(wages) // 2
        return [*_payslips(engine, wages[:half]), *_payslips(engine, wages[half:])]


def _computed(work: WorkDone, wage: Wage, payslip: Payslip, engine: Engine, country: Country) -> Computed:
    remark = assumed(engine.situation_type, work.answers, engine.law)
    if remark is not None:
        payslip = replace(payslip, remarks=(*payslip.remarks, remark))
    period = only_pay_period(work.contract.terms)
    return Computed(
        work=work,
        period=period,
        payslip=payslip,
        counts=engine.counts(payslip, wage),
        due_date=wage_due_date(engine.law, country, period.last),
    )


def _confirmed(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Computed):
        try:
            outcome.payslip.require_confirmed()
        except Exception as refusal:
            return refusal
    return outcome
