"""What the end of a return's period changes of what its payslips say, as the country's data names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from commons.country import CountryDataWrong
from commons.period import DateRange
from payroll.domain.belgium.quarter import close_quarter
from payroll.domain.engines import Engine
from payroll.domain.periodic_return import Figure, Form, PaidWork
from payroll.domain.sheet import Payslip

Closed = tuple[Payslip, Sequence[tuple[Figure, ...]]]
"""The lines of difference of one worker's period, and the part of each work in them."""

REGULARIZATIONS: Final[Mapping[str, Callable[[Engine, Sequence[PaidWork], date], Closed]]] = MappingProxyType(
    {"belgian_quarter": close_quarter}
)


def regularize_period(
    works: Sequence[PaidWork], period: DateRange, form: Form, engine: Engine, *, must_be_confirmed: bool
) -> list[PaidWork]:
    """The works of a period with the differences that its end makes, in their order; no payslip is touched.

    A worker's works at the employer count together, whatever their regime; what another return declares is
    left as it is. Raises ParametersNotConfirmed, ValueNotInForce, and what a situation refuses.
    """
    if form.regularization is None:
        return list(works)
    if form.regularization not in REGULARIZATIONS:
        raise CountryDataWrong(f"payroll: return: there is no regularization {form.regularization}")
    close = REGULARIZATIONS[form.regularization]
    groups: dict[UUID, list[PaidWork]] = {}
    for work in sorted(works, key=lambda work: (work.last_day, work.payslip_id)):
        if work.regime not in form.regimes_elsewhere:
            groups.setdefault(work.worker.worker_id, []).append(work)
    closing: dict[UUID, tuple[Figure, ...]] = {}
    for of_worker in groups.values():
        closed, parts = close(engine, of_worker, period.last)
        if must_be_confirmed:
            closed.require_confirmed()
        closing |= {work.payslip_id: part for work, part in zip(of_worker, parts, strict=True)}
    return [replace(work, closing=closing.get(work.payslip_id, ())) for work in works]
