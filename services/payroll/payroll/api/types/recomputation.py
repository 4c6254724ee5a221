"""Payslips of past months computed again, and what could not be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from commons.graphql import WithParent, batched, node_id, record, ref
from payroll.api.loaders import failures_by_recomputation, payslips_by_key
from payroll.api.types.entity import Entity
from payroll.domain.pay_run import PayRunState
from payroll.rows import EntityRef, RecomputationFailureRow, RecomputationRow

if TYPE_CHECKING:
    from payroll.api.types.payslip import Payslip


@record(RecomputationFailureRow)
class RecomputationFailure:
    """A payslip that could not be computed again, and why: the code of the refusal and its sentence."""

    payslip: Annotated[Payslip, strawberry.lazy("payroll.api.types.payslip")] | None = batched(
        payslips_by_key, key="payslip_id", rule=WithParent(), description="The payslip that stays as it is."
    )
    code: str
    sentence: str


@record(RecomputationRow)
class Recomputation:
    """Payslips of past months computed again: of `total`, so many are corrected, unchanged or failed."""

    id: ID = node_id("Recomputation")
    entity: Entity = ref(EntityRef, "entity_id")
    period_start: date
    period_end: date
    reason: str
    started_by: str
    started_on: date
    finished_on: date | None
    state: PayRunState
    total: int
    corrected: int
    unchanged: int
    failed: int
    failures: list[RecomputationFailure] = batched(failures_by_recomputation, key="key", rule=WithParent())
