"""The payment files of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from payroll.rows import PaymentFileRow
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_payment_files(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[PaymentFileRow]:
    """The payment files of a legal entity, oldest first."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["find_payment_files"], entity_id, start, first + 1)
    return page([PaymentFileRow(*row) for row in rows], first, key=lambda row: (row.key,))
