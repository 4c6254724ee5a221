"""Payments for shares that a person must look at."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from members.rows import UnmatchedPaymentRow
from members.sql import SQL


@capability
async def find_unmatched_payments(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[UnmatchedPaymentRow]:
    """Payments that carry a share reference and pay no shares, with the reason."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["unmatched_payments"], entity_id, start, first + 1)
    return page([UnmatchedPaymentRow(*row) for row in rows], first, key=lambda row: (row.key,))
