"""Who looked at the personal file of a member."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from payroll.rows import FileReadingRow
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_file_readings(
    ctx: Ctx[Payroll],
    *,
    member_id: Annotated[UUID, Node("Member")],
    first: int = 20,
    after: str | None = None,
) -> Page[FileReadingRow]:
    """Who read the profile, a payslip or a payment file of a member, newest first; own readings too."""
    before, start = decode_cursor(after, tuple[datetime, int]) or (None, None)
    rows = await ctx.read.fetch(SQL["find_file_readings"], member_id, before, start, first + 1)
    return page([FileReadingRow(*row) for row in rows], first, key=lambda row: (row.read_at, row.key))
