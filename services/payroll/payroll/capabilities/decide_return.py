"""Write down what became of a periodic return."""

from __future__ import annotations

import logging
from uuid import UUID

import orjson

from commons.capability import capability
from commons.context import Ctx
from commons.set_back import told_day
from payroll.capabilities.declare_labor_cost import declare_labor_cost
from payroll.documents.return_package import unpack, worker_at
from payroll.domain import return_filing as filings
from payroll.domain.errors import ReturnCannotMove
from payroll.domain.return_filing import Filing, ReturnAnswer
from payroll.events.published import ReturnAccepted, ReturnRefused
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import filing_from, open_person, return_owner

log = logging.getLogger(__name__)


@capability
async def decide_return(ctx: Ctx[Payroll], *, return_id: UUID, answer: ReturnAnswer) -> None:
    """Keep the decision with every field that the authority names, and whom each is about where it tells.

    An accepted return that names the employer's contributions declares what its contracts cost.

    What was decided stays decided: a second answer changes nothing, and another one is told in the log.
    """
    row = await ctx.db.fetchrow(SQL["return_for_update"], return_id)
    assert row is not None, "returns are never deleted"
    before = filing_from(row)
    event = ReturnAccepted if answer.is_accepted else ReturnRefused
    told_on = await told_day(ctx.db, event, return_id, "decided_on")
    today = told_on or await ctx.today(before.entity_id)
    try:
        filing = filings.decide_return(before, answer, today)
    except ReturnCannotMove:
        log.error("the authority contradicts itself about a return", extra={"return": str(return_id)})
        return
    if filing == before:
        return
    fields = await _fields(ctx, filing, row["request"], answer)
    await ctx.db.execute(SQL["keep_return_decision"], return_id, filing.decided_on, filing.result, fields)
    if filing.is_accepted and filings.declares_cost(ctx.service.law, filing.kind, filing.period.last):
        await declare_labor_cost(ctx, return_id=return_id, today=today)
    await ctx.announce(
        event(
            periodic_return_id=return_id,
            entity_id=filing.entity_id,
            result=answer.result,
            codes=[field.code for field in answer.fields],
            decided_on=today,
        )
    )


async def _fields(ctx: Ctx[Payroll], filing: Filing, request: bytes, answer: ReturnAnswer) -> bytes | None:
    """What the authority named, encrypted: its words may repeat what they are about."""
    if not answer.fields:
        return None
    owner = return_owner(filing.id)
    files = unpack(ctx.service.sealer.open(request, of=owner))
    entity = await ctx.db.fetchrow(SQL["entity"], filing.entity_id)
    assert entity is not None, "a return references its entity"
    numbers = await _numbers(ctx, filing)
    kept = [
        {
            "code": field.code,
            "file": field.file,
            "path": field.path,
            "label": field.label,
            "member": worker_at(files, field.file, field.path, numbers, entity["enterprise_number"]),
        }
        for field in answer.fields
    ]
    return ctx.service.sealer.seal(orjson.dumps(kept), of=owner)


async def _numbers(ctx: Ctx[Payroll], filing: Filing) -> dict[str, str]:
    rows = await ctx.db.fetch(SQL["members_of_returns"], [filing.id])
    members = [member for row in rows for member in row["members"]]
    return {
        row["member_id"]: open_person(ctx.service.sealer, row["member_id"], row["person"]).national_number
        for row in await ctx.db.fetch(SQL["payroll_profiles_by_member"], members)
    }
