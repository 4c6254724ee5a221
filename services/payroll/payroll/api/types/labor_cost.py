"""What contracts cost, from the estimate to the correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from commons.graphql import Money, WithParent, batched, record
from payroll.api.loaders import contracts_by_key
from payroll.api.types.wage import WageAmounts
from payroll.rows import LaborCostRow

if TYPE_CHECKING:
    from payroll.api.types.contract import Contract


@record(LaborCostRow)
class LaborCost:
    """The four amounts of a contract as they become known.

    `variance` is what the price leaves over of the best known cost, `pooled` what of it was announced to the
    mutual pool: once the return is accepted or a payslip corrected all of it, then each change.
    """

    contract: Annotated[Contract, strawberry.lazy("payroll.api.types.contract")] | None = batched(
        contracts_by_key, key="contract_id", rule=WithParent(), description="What is paid for."
    )
    amounts: WageAmounts
    variance: Money
    pooled: Money
