"""One activity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownActivity
from invoicing.rows import ActivityRow
from invoicing.sql import SQL


@capability
async def get_activity(ctx: Ctx, *, id: Annotated[UUID, Node("Activity")]) -> ActivityRow:
    """One activity, by id."""
    row = await ctx.read.fetchrow(SQL["activities_by_key"], [id])
    if row is None:
        raise UnknownActivity(activity=id)
    return ActivityRow(*row)
