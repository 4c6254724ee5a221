"""Keep what the end of a return's period changes for each worker, until a wage settles it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.money import total
from payroll.archive import deltas_from, keep_delta
from payroll.capabilities.pay_correction import wait_for_wages
from payroll.domain.correction import NET_PAYABLE, corrected_lines, difference, differences
from payroll.domain.keys import difference_key
from payroll.domain.regularization import Difference, Settling
from payroll.domain.return_filing import Filing
from payroll.domain.sheet import Line
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def keep_differences(
    ctx: Ctx[Payroll], *, filing: Filing, found: Sequence[Difference], settling: Settling
) -> None:
    """Keep the difference of each worker that a return declares, less what returns before it declared.

    The next wage takes it up as it takes up a correction, once; what is owed to a worker for whom no wage
    comes is paid alone, and what such a worker owes stays open. A return filed again adds what changed. The
    return's row is locked.
    """
    assert settling is Settling.NEXT_WAGE, "there is no other way"
    assert filing.filed_on is not None, "the domain filed it"
    before: dict[UUID, list[Record]] = defaultdict(list)
    for row in await ctx.db.fetch(SQL["differences_of_period"], filing.entity_id, filing.period.start):
        before[row["member_id"]].append(row)
    currency = ctx.country.currency
    rows: list[tuple[object, ...]] = []
    owed: dict[UUID, UUID] = {}
    for each in found:
        declared: tuple[Line, ...] = ()
        for row in before[each.worker_id]:
            declared = corrected_lines(declared, deltas_from(row))
        deltas = differences(declared, each.lines)
        change = difference(deltas, NET_PAYABLE, currency)
        if not change.minor:
            continue
        key = difference_key(filing.id, each.worker_id)
        rows.append(
            (
                key,
                filing.id,
                filing.entity_id,
                each.worker_id,
                each.contract_id,
                filing.period.start,
                filing.period.last,
                len(before[each.worker_id]) + 1,
                currency,
                [keep_delta(delta) for delta in deltas],
                total([line.amount for line in each.lines], currency).minor,
                change.minor,
                filing.filed_on,
            )
        )
        if change.minor > 0:
            owed[key] = each.worker_id
    if rows:
        await ctx.db.executemany(SQL["insert_difference"], rows)
    if owed:
        await wait_for_wages(ctx, filing.entity_id, owed)
