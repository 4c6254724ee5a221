"""One client."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownParty
from invoicing.rows import PartyRow
from invoicing.sql import SQL


@capability
async def get_party(ctx: Ctx, *, id: Annotated[UUID, Node("Party")]) -> PartyRow:
    """One client, by id."""
    row = await ctx.read.fetchrow(SQL["parties_by_key"], [id])
    if row is None:
        raise UnknownParty(party=id)
    return PartyRow(*row)
