"""One recomputation of payslips."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.domain.errors import UnknownRecomputation
from payroll.rows import RecomputationRow, recomputation_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def get_recomputation(
    ctx: Ctx[Payroll], *, id: Annotated[UUID, Node("Recomputation")]
) -> RecomputationRow:
    """One recomputation and how far it has come: ask again while it runs."""
    for row in await ctx.read.fetch(SQL["recomputations_by_key"], [id]):
        return recomputation_row(row)
    raise UnknownRecomputation(recomputation=id)
