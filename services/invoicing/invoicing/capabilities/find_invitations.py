"""The activities into which somebody is invited."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.rows import InvitationRow
from invoicing.sql import SQL


@capability
async def find_invitations(
    ctx: Ctx, *, member_id: Annotated[UUID, Node("Member")], first: int = 20, after: str | None = None
) -> Page[InvitationRow]:
    """The invitations of a person that wait for an answer."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["open_invitations_of_member"], member_id, start, first + 1)
    return page([InvitationRow(*row) for row in rows], first, key=lambda row: (row.activity_id,))
