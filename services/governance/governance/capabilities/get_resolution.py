"""One resolution."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from governance.domain.errors import UnknownResolution
from governance.rows import ResolutionRow
from governance.sql import SQL
from governance.store import resolution_row


@capability
async def get_resolution(ctx: Ctx, *, id: Annotated[UUID, Node("Resolution")]) -> ResolutionRow:
    """One resolution, by id. Turnout is live; the counts are there once the ballot is closed."""
    row = await ctx.read.fetchrow(SQL["resolutions_by_key"], [id])
    if row is None:
        raise UnknownResolution(resolution=id)
    return resolution_row(row)
