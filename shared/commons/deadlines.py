"""What falls due on a day: kept until the business day of its entity reaches it, then done once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from commons import telemetry
from commons.clock import REAL_CLOCK, Clock
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Pool, is_transient, transaction
from commons.events import NotYet
from commons.uuid7 import uuid7
from commons.wake import Wake

if TYPE_CHECKING:
    from commons.context import Ctx, MakeCtx

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.2
NOT_YET_RETRY_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 1.0
RETRY_MAX_SECONDS: Final = 300.0
ERROR_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that falls due for an entity on `due_date`; `data` is what its handler needs to know."""

    id: UUID
    kind: str
    key: str
    entity_id: UUID
    due_date: date
    data: Mapping[str, Any]
    headers: Mapping[str, str]
    attempts: int


DeadlineHandler = Callable[["Ctx[Any]", Deadline], Awaitable[None]]
"""Runs in the transaction that ends the deadline; may raise NotYet to be tried again soon."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What meets the deadlines of one service."""

    pool: Pool
    handlers: Mapping[str, DeadlineHandler]
    make_ctx: MakeCtx
    clock: Clock = REAL_CLOCK


async def schedule(
    db: Connection,
    *,
    kind: str,
    key: str,
    entity_id: UUID,
    due: date,
    data: Mapping[str, object] | None = None,
) -> bool:
    """Have `kind` handled once when the entity's day reaches `due`; False where the key is known already."""
    added = await db.fetchval(
        SQL["schedule_deadline"], uuid7(), kind, key, entity_id, due, dict(data or {}), telemetry.inject()
    )
    return added is not None


async def cancel(db: Connection, key: str) -> bool:
    """Let a deadline pass unhandled; False where it is met already or was never scheduled."""
    return await db.fetchval(SQL["cancel_deadline"], key) is not None


async def meet(deadlines: Deadlines, wake: Wake, on_met: Callable[[], None]) -> None:
    """Meet what is due until told to stop; `on_met` is rung after each."""
    while not wake.stopping:
        if await meet_one(deadlines):
            on_met()
        else:
            await wake.wait(POLL_SECONDS)


async def meet_one(deadlines: Deadlines) -> bool:
    """Meet the earliest deadline that is due; whether there was one.

    Handler and end of the deadline are one transaction. A handler that fails is tried again, ever more
    slowly: what the law wants on a day is never given up, and the metric `deadlines_failing` shows it.
    """
    deadline: Deadline | None = None
    try:
        async with transaction(deadlines.pool) as db:
            row = await db.fetchrow(SQL["take_deadline"], deadlines.clock.now(), list(deadlines.handlers))
            if row is None:
                return False
            deadline = Deadline(**dict(row))
            # Weeks may have passed: a trace of its own, with a link to the one that scheduled it.
            with telemetry.batch(f"deadline {deadline.kind}", [deadline.headers]):
                ctx = deadlines.make_ctx(db, str(deadline.id))
                await deadlines.handlers[deadline.kind](ctx, deadline)
            await db.fetchval(SQL["end_deadline"], deadline.id, "done")
    except Exception as error:
        if deadline is None:
            raise
        await _postpone(deadlines, deadline, error)
    return True


async def _postpone(deadlines: Deadlines, deadline: Deadline, error: Exception) -> None:
    waits = isinstance(error, NotYet) or is_transient(error)
    if waits:
        delay_seconds = NOT_YET_RETRY_SECONDS
    else:
        log.exception("a deadline was not met", extra={"deadline": str(deadline.id), "kind": deadline.kind})
        delay_seconds = min(RETRY_SECONDS * 2 ** min(deadline.attempts, 16), RETRY_MAX_SECONDS)
    next_at = deadlines.clock.now() + timedelta(seconds=delay_seconds)
    why = f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX]
    async with transaction(deadlines.pool) as db:
        await db.execute(SQL["postpone_deadline"], deadline.id, 0 if waits else 1, next_at, why)


async def measure(pool: Pool) -> None:
    """Bring the gauge of failing deadlines up to date."""
    async with transaction(pool) as db:
        telemetry.DEADLINES_FAILING.set(await db.fetchval(SQL["count_failing_deadlines"]))
