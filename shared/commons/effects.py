"""Work in the outside world: asked for in a transaction, done once, and never repeated blindly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from commons import telemetry
from commons.clock import REAL_CLOCK, Clock
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Pool, Record, in_transaction, transaction
from commons.uuid7 import uuid7
from commons.wake import Wake

if TYPE_CHECKING:
    from commons.context import Ctx, MakeCtx

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.25
SEND_TIMEOUT_SECONDS: Final = 30.0
LEASE_MARGIN_SECONDS: Final = 10.0  # after the send's timeout: then its worker is taken for dead
RETRY_SECONDS: Final = 0.5
RETRY_MAX_SECONDS: Final = 300.0
ATTEMPTS_MAX: Final = 20
ASKED_MAX: Final = 1_000
ERROR_LENGTH_MAX: Final = 500
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

Result = Mapping[str, Any]


class NotSent(Exception):
    """Raised by `send` where the other side certainly has nothing: it is sent again later."""


class Rejected(Exception):
    """Raised by `send` or `ask` where the other side will never do it: the effect has failed."""


class StillWaiting(Exception):
    """Raised by `send` or `ask` where the other side has it and has not decided: it is asked again later."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One piece of outside work. `key` names it on both sides; `attempts` counts sends, `asked` questions."""

    id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str]
    state: str
    attempts: int
    asked: int
    created: datetime


@dataclass(frozen=True, slots=True)
class EffectHandler:
    """How effects of a kind are done.

    `send(effect)` does it and returns the result. It may raise NotSent, Rejected or StillWaiting; anything
    else, a timeout too, leaves it unknown whether it happened. `ask(effect)` finds out: the result where it
    happened, None where the other side has never heard of `key`. `settled(ctx, effect, result)` and
    `gave_up(ctx, effect, reason)` write the outcome down, in one transaction.
    """

    send: Callable[[Effect], Awaitable[Result]]
    ask: Callable[[Effect], Awaitable[Result | None]]
    settled: Callable[[Ctx[Any], Effect, Result], Awaitable[None]] | None = None
    gave_up: Callable[[Ctx[Any], Effect, str], Awaitable[None]] | None = None
    timeout_seconds: float = SEND_TIMEOUT_SECONDS
    attempts_max: int = ATTEMPTS_MAX


@dataclass(frozen=True, slots=True)
class Effects:
    """What executes the effects of one service."""

    pool: Pool
    handlers: Mapping[str, EffectHandler]
    make_ctx: MakeCtx
    clock: Clock = REAL_CLOCK
    lease_margin_seconds: float = LEASE_MARGIN_SECONDS
    retry_seconds: float = RETRY_SECONDS


async def ask_for(
    db: Connection, kind: str, key: str, payload: Mapping[str, object], headers: Mapping[str, str]
) -> bool:
    """Write the effect beside the change that wants it; False where this key was asked for before."""
    added = await db.fetchval(
        SQL["ask_for_effect"], uuid7(), kind, key, dict(payload), {**headers, **telemetry.inject()}
    )
    return added is not None


async def ask_again(db: Connection, kind: str, key: str) -> bool:
    """Have the outcome of an unknown effect asked for now, from the start; False where it is not unknown."""
    return await db.fetchval(SQL["ask_again"], kind, key) is not None


async def execute(effects: Effects, wake: Wake, on_settled: Callable[[], None]) -> None:
    """Execute what is due until told to stop; `on_settled` is rung after each."""
    while not wake.stopping:
        if await execute_one(effects):
            on_settled()
        else:
            await wake.wait(POLL_SECONDS)


async def execute_one(effects: Effects) -> bool:
    """Execute the effect that has been due longest; whether there was one.

    "Sending" is committed before anything is sent. What is found in that state later was cut short: it is
    asked about, never sent again before the other side says that it has never heard of it.
    """
    effect = await _take(effects)
    if effect is None:
        return False
    # What its outcome causes belongs to the same trace: a declaration is accepted, a hire is announced.
    with telemetry.continued(f"effect {effect.kind}", effect.headers, {"effect.key": effect.key}):
        await _do(effects, effects.handlers[effect.kind], effect)
    return True


async def _do(effects: Effects, handler: EffectHandler, effect: Effect) -> None:
    try:
        async with asyncio.timeout(handler.timeout_seconds):
            call = handler.send if effect.state == "sending" else handler.ask
            result = await call(effect)
    except NotSent as error:
        await _send_later(effects, handler, effect, str(error))
    except Rejected as error:
        await _end(effects, handler, effect, "failed", None, str(error))
    except StillWaiting as error:
        await _postpone(effects, effect, "unknown", f"waiting: {error}", effect.asked)
    except Exception as error:
        log.warning(
            "the outcome of an effect is unknown", extra={**_facts(effect), "error": type(error).__name__}
        )
        await _postpone(effects, effect, "unknown", f"{type(error).__name__}: {error}", effect.asked)
    else:
        if result is None:
            await _send_later(effects, handler, effect, "the other side has never heard of it")
        else:
            await _end(effects, handler, effect, "done", result, None)


async def _take(effects: Effects) -> Effect | None:
    now = effects.clock.now()
    longest = max((each.timeout_seconds for each in effects.handlers.values()), default=0.0)
    lease_until = now + timedelta(seconds=longest + effects.lease_margin_seconds)

    async def take(db: Connection) -> Record | None:
        return await db.fetchrow(SQL["take_effect"], now, list(effects.handlers), lease_until)

    row = await in_transaction(effects.pool, take)
    return None if row is None else Effect(**dict(row))


async def _send_later(effects: Effects, handler: EffectHandler, effect: Effect, why: str) -> None:
    if effect.attempts >= handler.attempts_max:
        await _end(effects, handler, effect, "failed", None, f"sent {effect.attempts} times: {why}")
    else:
        await _postpone(effects, effect, "pending", why, effect.attempts)


async def _postpone(effects: Effects, effect: Effect, state: str, why: str, count: int) -> None:
    delay_seconds = min(effects.retry_seconds * 2 ** min(count, 16), RETRY_MAX_SECONDS)
    next_at = effects.clock.now() + timedelta(seconds=delay_seconds)
    if effect.asked >= ASKED_MAX:
        # Never repeated blindly and never called failed: a person must find out, effects_waiting shows it.
        log.error("an effect stays unknown", extra=_facts(effect))
        next_at = NEVER

    async def postpone(db: Connection) -> None:
        await db.execute(SQL["postpone_effect"], effect.id, state, why[:ERROR_LENGTH_MAX], next_at)

    await in_transaction(effects.pool, postpone)


async def _end(
    effects: Effects,
    handler: EffectHandler,
    effect: Effect,
    state: str,
    result: Result | None,
    reason: str | None,
) -> None:
    async def end(db: Connection) -> None:
        row = await db.fetchrow(SQL["lock_effect"], effect.id)
        if row is None or row["state"] in ("done", "failed"):
            return  # another worker took it after our lease had run out, and was told the same
        error = None if reason is None else reason[:ERROR_LENGTH_MAX]
        await db.execute(SQL["end_effect"], effect.id, state, None if result is None else dict(result), error)
        ctx = effects.make_ctx(db, effect.headers.get("request_id", str(effect.id)))
        ctx.causation = effect.headers.get("causation")
        if result is not None and handler.settled is not None:
            await handler.settled(ctx, effect, result)
        if reason is not None and handler.gave_up is not None:
            await handler.gave_up(ctx, effect, reason)

    try:
        await in_transaction(effects.pool, end)
    except Exception as error:
        # The other side has done its part, only writing it down failed: asking again will find the result.
        log.exception("the outcome of an effect could not be written down", extra=_facts(effect))
        await _postpone(effects, effect, "unknown", f"{type(error).__name__}: {error}", effect.asked)


async def measure(pool: Pool) -> None:
    """Bring the gauges of waiting effects up to date."""
    async with transaction(pool) as db:
        rows = await db.fetch(SQL["count_effects"])
    telemetry.EFFECTS_WAITING.clear()
    telemetry.EFFECTS_OLDEST_SECONDS.clear()
    for row in rows:
        telemetry.EFFECTS_WAITING.labels(row["kind"], row["state"]).set(row["effects"])
        telemetry.EFFECTS_OLDEST_SECONDS.labels(row["kind"], row["state"]).set(row["oldest_seconds"])


def _facts(effect: Effect) -> dict[str, object]:
    return {"effect": str(effect.id), "kind": effect.kind, "attempts": effect.attempts, "asked": effect.asked}
