"""The invoices of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.domain.transmission import TransmissionState
from invoicing.rows import InvoiceRow
from invoicing.sql import SQL

SEES_ALL = ("adviser", "accountant", "credit_controller", "board", "auditor")


@capability
async def find_invoices(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    transmission: TransmissionState | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[InvoiceRow]:
    """The invoices of a legal entity, oldest first; a member's own ones for a member.

    Those that could not be sent have `transmission: FAILED`.
    """
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    owner = None if ctx.who.has_role(*SEES_ALL) else ctx.who.member_id
    rows = await ctx.read.fetch(
        SQL["invoices_of_entity"], entity_id, start, first + 1, owner, transmission and transmission.value
    )
    return page([InvoiceRow(*row) for row in rows], first, key=lambda row: (row.key,))
