"""The payments that wait for a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.rows import PaymentRow
from invoicing.sql import SQL


@capability
async def find_unallocated_payments(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    is_kept: bool | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[PaymentRow]:
    """The payments of a legal entity of which something is in suspense, the oldest first.

    `isKept: false` are those on which nobody has decided, `isKept: true` the credits of clients.
    """
    day, key = decode_cursor(after, tuple[date, UUID]) or (None, None)
    rows = await ctx.read.fetch(SQL["unallocated_payments"], entity_id, day, key, first + 1, is_kept)
    return page([PaymentRow(*row) for row in rows], first, key=lambda row: (row.received_on, row.key))
