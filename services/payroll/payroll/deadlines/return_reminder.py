"""Shortly before the legal day of a return that no authority has accepted."""

from __future__ import annotations

import logging
from datetime import date
from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from commons.effects import ask_again
from payroll.capabilities.file_return import try_return
from payroll.domain.return_filing import ReturnKind, ReturnState
from payroll.effects.kinds import RETURN_FILE
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import filing_from

log = logging.getLogger(__name__)


async def return_reminder(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Flag a return without an answer and ask for it now; try once more to file what could not be filed."""
    entity_id, kind = UUID(deadline.data["entity_id"]), ReturnKind(deadline.data["kind"])
    period_start = date.fromisoformat(deadline.data["period_start"])
    row = await ctx.db.fetchrow(SQL["current_return_for_update"], entity_id, kind.value, period_start)
    assert row is not None, "the return and its deadlines were written together"
    state = filing_from(row).state
    if state is ReturnState.DUE:
        await try_return(ctx, entity_id, kind, period_start)
    elif state is ReturnState.FILED:
        await ctx.db.execute(SQL["flag_return_unanswered"], row["id"], await ctx.today(entity_id))
        await ask_again(ctx.db, RETURN_FILE, str(row["id"]))
        log.warning("a return is due soon and not answered", extra={"return": str(row["id"])})
