"""Open an activity: a budget of its own in the cooperative."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from invoicing.domain import activity as activities
from invoicing.domain.books import budget_of
from invoicing.domain.errors import NotAdmitted
from invoicing.events.published import ActivityOpened
from invoicing.rows import ActivityRow
from invoicing.sql import SQL
from invoicing.store import check_admitted, open_accounts


@capability
async def open_activity(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    name: Annotated[str, Text(max=100, min=1)],
) -> ActivityRow:
    """Open an activity of one's own. Whoever opens it is its first administrator."""
    today = await ctx.today(entity_id)
    member_id = ctx.who.member_id
    await check_admitted(ctx.db, member_id, entity_id)
    if member_id is None:
        raise NotAdmitted(entity=entity_id)
    opened = activities.open_activity(
        id=uuid7(), entity_id=entity_id, member_id=member_id, name=name, today=today
    )
    await ctx.db.execute(SQL["insert_activity"], opened.id, entity_id, member_id, opened.name, today)
    for each in opened.participations:
        await ctx.db.execute(SQL["insert_participation"], opened.id, each.member_id, each.role.value)
    await open_accounts(ctx.db, [budget_of(opened.id)], ctx.country.currency)
    await ctx.announce(
        ActivityOpened(activity_id=opened.id, entity_id=entity_id, member_id=member_id, opened_on=today)
    )
    [row] = await ctx.db.fetch(SQL["activities_by_key"], [opened.id])
    return ActivityRow(*row)
