"""One legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.clock import UnknownEntity
from commons.context import Ctx
from invoicing.rows import EntityRow
from invoicing.sql import SQL


@capability
async def get_entity(ctx: Ctx, *, id: Annotated[UUID, Node("Entity")]) -> EntityRow:
    """One legal entity, by id."""
    row = await ctx.read.fetchrow(SQL["entities_by_key"], [id])
    if row is None:
        raise UnknownEntity(entity=id)
    return EntityRow(*row)
