"""Write down how far an invoice has come."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from prometheus_client import Histogram

from commons.context import Ctx
from commons.database import Connection
from commons.effects import Effect
from commons.telemetry import WORK
from invoicing.domain.transmission import TransmissionState
from invoicing.sql import SQL

log = logging.getLogger(__name__)

INVOICE_SENT_SECONDS: Final = Histogram(
    "invoice_sent_seconds",
    "From the issue of an invoice until the network or the mail service has it",
    buckets=(1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0),
    registry=WORK,
)


async def note(
    db: Connection,
    invoice_id: UUID,
    state: TransmissionState,
    *,
    today: date,
    reference: str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """The invoice is in a state since today; `evidence` is what the other side said about it."""
    await db.execute(
        SQL["mark_transmission"], invoice_id, state.value, reference, dict(evidence or {}), today
    )


async def measure_sent(db: Connection, invoice_id: UUID) -> None:
    """The invoice has just left: how long after it was issued."""
    seconds = await db.fetchval(SQL["invoice_waited_seconds"], str(invoice_id))
    INVOICE_SENT_SECONDS.observe(seconds)


async def give_up(ctx: Ctx[Any], effect: Effect, reason: str) -> None:
    """The invoice is issued and cannot be sent: it is marked, so that a person looks at it."""
    invoice_id = UUID(effect.key)
    today = await today_of(ctx, invoice_id)
    await note(ctx.db, invoice_id, TransmissionState.FAILED, today=today, evidence={"reason": reason})
    log.error("an invoice cannot be sent", extra={"invoice_id": effect.key, "effect_kind": effect.kind})


async def today_of(ctx: Ctx[Any], invoice_id: UUID) -> date:
    """The business day of the invoice's entity."""
    [row] = await ctx.db.fetch(SQL["invoices_by_key"], [invoice_id])
    return await ctx.today(UUID(row["entity_id"]))
