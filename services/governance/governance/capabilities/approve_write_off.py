"""Give up a claim of the guarantee fund."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from governance.domain.errors import UnknownWriteOff
from governance.domain.write_off import GROUNDS_LENGTH_MAX, WriteOff, approve
from governance.events.published import WriteOffApproved
from governance.rows import WriteOffRow
from governance.sql import SQL


@capability
async def approve_write_off(
    ctx: Ctx,
    *,
    write_off_id: Annotated[UUID, Node("WriteOff")],
    grounds: Annotated[str, Text(max=GROUNDS_LENGTH_MAX, min=1, lines=True)],
) -> WriteOffRow:
    """Approve that what is still open on an order is written off, on grounds that stay with the decision.

    The fund carries the loss and the member keeps the wage. What the client pays later is taken all the same.
    """
    row = await ctx.db.fetchrow(SQL["lock_write_off"], write_off_id)
    if row is None:
        raise UnknownWriteOff(write_off=write_off_id).at("writeOffId")
    proposed = WriteOff(
        id=row["id"],
        order_id=row["order_id"],
        entity_id=row["entity_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        proposed_on=row["proposed_on"],
        approved_on=row["approved_on"],
    )
    today = await ctx.today(proposed.entity_id)
    approve(proposed, today=today)
    await ctx.db.execute(SQL["mark_write_off_approved"], proposed.id, today, ctx.who.subject, grounds)
    await ctx.announce(
        WriteOffApproved(
            write_off_id=proposed.id,
            order_id=proposed.order_id,
            entity_id=proposed.entity_id,
            amount=proposed.amount,
            approved_on=today,
        )
    )
    [answer] = await ctx.db.fetch(SQL["write_offs_by_key"], [proposed.id])
    return WriteOffRow(*answer)
