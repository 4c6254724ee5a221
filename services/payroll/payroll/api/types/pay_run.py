"""A pay run and what it could not pay."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from commons.graphql import WithParent, batched, node_id, record, ref
from payroll.api.loaders import contracts_by_key, failures_by_pay_run
from payroll.api.types.entity import Entity
from payroll.domain.pay_run import PayRunState
from payroll.rows import EntityRef, PayRunFailureRow, PayRunRow

if TYPE_CHECKING:
    from payroll.api.types.contract import Contract


@record(PayRunFailureRow)
class PayRunFailure:
    """A contract without a payslip, and why: the code of the refusal and its sentence."""

    contract: Annotated[Contract, strawberry.lazy("payroll.api.types.contract")] | None = batched(
        contracts_by_key, key="contract_id", rule=WithParent(), description="The contract that is not paid."
    )
    code: str
    sentence: str


@record(PayRunRow)
class PayRun:
    """The payslips of a month, computed in batches: of `total`, `done` have one and `failed` were refused."""

    id: ID = node_id("PayRun")
    entity: Entity = ref(EntityRef, "entity_id")
    period_start: date
    started_by: str
    started_on: date
    finished_on: date | None
    state: PayRunState
    total: int
    done: int
    failed: int
    failures: list[PayRunFailure] = batched(failures_by_pay_run, key="key", rule=WithParent())
