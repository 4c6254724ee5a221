"""What the end of a return's period changes of what its payslips say, as the country's data names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from commons.country import CountryDataWrong
from commons.period import DateRange
from payroll.domain.belgium.quarter import close_quarter
from payroll.domain.correction import NET_PAYABLE
from payroll.domain.engines import Engine
from payroll.domain.integers import Spread
from payroll.domain.periodic_return import Figure, Form, PaidWork, PeriodEnd
from payroll.domain.sheet import Line, Payslip

Name = TypeVar("Name", bound=StrEnum)
Closed = tuple[Payslip, Sequence[tuple[Figure, ...]]]
"""The lines of difference of one worker's period, and the part of each work in them."""

Close = Callable[[Engine, Sequence[PaidWork], PeriodEnd], Closed]
REGULARIZATIONS: Final[Mapping[str, Close]] = MappingProxyType({"belgian_quarter": close_quarter})


class Settling(StrEnum):
    """How the difference of a period is settled with the worker.

    `next_wage`: as a correction is, by the next wage. What is owed to a worker for whom no wage comes is paid
    alone; what a worker owes for whom none comes is withheld from nothing.
    """

    NEXT_WAGE = "next_wage"


class Bearer(StrEnum):
    """Who pays the authority what no wage was there to be withheld from."""

    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a period's end changes of one worker's pay: the lines, below nothing where the worker owes it."""

    worker_id: UUID
    contract_id: UUID
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """The works of a period with what its end changes of each, and the difference for each worker."""

    works: tuple[PaidWork, ...]
    differences: tuple[Difference, ...] = ()


def regularize_period(
    works: Sequence[PaidWork],
    period: DateRange,
    form: Form,
    engine: Engine,
    *,
    must_be_confirmed: bool,
    region: str | None = None,
) -> ClosedPeriod:
    """The works of a period with the differences that its end makes, in their order; no payslip is touched.

    A worker's works at the employer count together, whatever their regime; what another return declares is
    left as it is. `region` is where the employer is established. Raises ParametersNotConfirmed,
    ValueNotInForce, and what a situation refuses.
    """
    if form.regularization is None:
        return ClosedPeriod(tuple(works))
    if form.regularization not in REGULARIZATIONS:
        raise CountryDataWrong(f"payroll: return: there is no regularization {form.regularization}")
    close = REGULARIZATIONS[form.regularization]
    end = PeriodEnd(period.last, _named(Spread, form, "spread"), region)
    groups: dict[UUID, list[PaidWork]] = {}
    for work in sorted(works, key=lambda work: (work.last_day, work.payslip_id)):
        if work.regime not in form.regimes_elsewhere:
            groups.setdefault(work.worker.worker_id, []).append(work)
    closing: dict[UUID, tuple[Figure, ...]] = {}
    differences: list[Difference] = []
    for worker_id, of_worker in groups.items():
        closed, parts = close(engine, of_worker, end)
        if must_be_confirmed:
            closed.require_confirmed()
        closing |= {work.payslip_id: part for work, part in zip(of_worker, parts, strict=True)}
        lines = tuple(line for line in closed.lines if line.kind in NET_PAYABLE)
        differences.append(Difference(worker_id, of_worker[-1].contract_id, lines))
    return ClosedPeriod(
        tuple(replace(work, closing=closing.get(work.payslip_id, ())) for work in works), tuple(differences)
    )


def settling(form: Form) -> Settling:
    """How the difference of a period is settled. Raises CountryDataWrong."""
    return _named(Settling, form, "difference_settled_by")


def bearer(form: Form) -> Bearer:
    """Who pays what is never withheld. Raises CountryDataWrong."""
    return _named(Bearer, form, "not_withheld_borne_by")


def _named(names: type[Name], form: Form, field: str) -> Name:
    try:
        return names(form.rule.text(field))
    except ValueError:
        raise CountryDataWrong(f"payroll: return: there is no {field} {form.rule.text(field)}") from None
