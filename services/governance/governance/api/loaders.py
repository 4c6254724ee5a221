"""Batch loaders: results in the order of the keys."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from enum import Enum
from typing import Annotated

from commons.arguments import Text
from commons.context import Ctx
from governance.documents.minutes import html_minutes, language_of, pdf_minutes
from governance.domain.minutes import Minutes
from governance.rows import MeetingRow, MinutesDocumentRow, MinutesRow, ResolutionRow, WriteOffRow
from governance.sql import SQL
from governance.store import meeting_row, resolution_row


class MinutesFormat(Enum):
    """A page for the screen, or a document to sign and keep; both are accessible."""

    HTML = "text/html"
    PDF = "application/pdf"


async def write_offs_by_key(ctx: Ctx, keys: list[str]) -> Sequence[WriteOffRow | None]:
    """Write-offs."""
    rows = {row["id"]: WriteOffRow(*row) for row in await ctx.read.fetch(SQL["write_offs_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def meetings_by_key(ctx: Ctx, keys: list[str]) -> Sequence[MeetingRow | None]:
    """General meetings."""
    rows = {row["id"]: meeting_row(row) for row in await ctx.read.fetch(SQL["meetings_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def resolutions_by_key(ctx: Ctx, keys: list[str]) -> Sequence[ResolutionRow | None]:
    """Resolutions."""
    rows = {row["id"]: resolution_row(row) for row in await ctx.read.fetch(SQL["resolutions_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def resolutions_by_meeting(ctx: Ctx, keys: list[str]) -> list[list[ResolutionRow]]:
    """The agenda, in its order."""
    found: dict[str, list[ResolutionRow]] = {key: [] for key in keys}
    for row in await ctx.read.fetch(SQL["resolutions_by_meeting"], keys):
        found[row["meeting_id"]].append(resolution_row(row))
    return [found[key] for key in keys]


async def minutes_by_meeting(ctx: Ctx, keys: list[str]) -> Sequence[MinutesRow | None]:
    """The minutes, once the meeting is closed."""
    rows = {row[0]: MinutesRow(*row) for row in await ctx.read.fetch(SQL["minutes_by_meeting"], keys)}
    return [rows.get(key) for key in keys]


async def minutes_documents(
    ctx: Ctx,
    keys: list[str],
    *,
    format: MinutesFormat = MinutesFormat.HTML,
    language: Annotated[str, Text(max=3, min=2)] | None = None,
) -> list[MinutesDocumentRow]:
    """The minutes as a document. Without a language in the first one of the country; one without words in it
    falls back to English."""
    wanted = language_of(language or ctx.country.languages[0])
    rows = {row["meeting_id"]: row for row in await ctx.read.fetch(SQL["minutes_by_meeting"], keys)}
    return [await _document(rows[key]["text"], format, wanted) for key in keys]


async def _document(text: str, format: MinutesFormat, language: str) -> MinutesDocumentRow:
    minutes = Minutes.from_text(text)
    if format is MinutesFormat.PDF:
        content = await asyncio.to_thread(
            pdf_minutes, minutes, language
        )  # typesetting would hold up the others
    else:
        content = html_minutes(minutes, language).encode()
    return MinutesDocumentRow(format.value, language, base64.b64encode(content).decode())
