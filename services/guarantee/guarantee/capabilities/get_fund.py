"""The fund of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from guarantee.rows import FundRow
from guarantee.sql import SQL


@capability
async def get_fund(ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")]) -> FundRow | None:
    """The fund of a legal entity; nothing where none was opened."""
    row = await ctx.read.fetchrow(SQL["funds_by_key"], [entity_id])
    return FundRow(*row) if row else None
