"""Run a mutation: one transaction, once per idempotency key, a refusal as an answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import asyncpg

from commons import idempotency
from commons.arguments import NumberOutOfRange
from commons.database import transaction
from commons.graphql.records import RefusalRow
from commons.graphql.request import Request
from commons.refusal import Refusal

TRANSACTION_ATTEMPTS_MAX: Final = 3
RETRY_DELAY_SECONDS: Final = 0.02
IDEMPOTENCY_KEY_LENGTH_MAX: Final = 200

Constraints = Mapping[str, Callable[[], Refusal]]
"""Which refusal a violated constraint of the database means."""


def refused(refusal: Refusal) -> RefusalRow:
    """The refusal as the answer of a mutation."""
    return RefusalRow(refusal.code, refusal.message, list(refusal.path), refusal.public_facts() or None)


async def perform(
    request: Request,
    schema: Any,
    operation: str,
    capability: Callable[..., Awaitable[Any]],
    raw: Mapping[str, Any],
    arguments: Mapping[str, object],
    key: str | None,
) -> Any:
    """The record that the capability made, or a RefusalRow; the whole transaction again after a conflict."""
    for attempt in range(1, TRANSACTION_ATTEMPTS_MAX + 1):
        try:
            async with transaction(request.write) as db:
                ctx = request.ctx.inside(db)
                if key is None:
                    answer = await capability(ctx, **arguments)
                else:
                    answer = await idempotency.once(
                        db,
                        subject=ctx.who.subject,
                        operation=operation,
                        key=key,
                        request=raw,
                        work=partial(capability, ctx, **arguments),
                        kinds=schema.stored_rows,
                    )
        except Refusal as refusal:
            return refused(refusal)
        except asyncpg.IntegrityConstraintViolationError as error:
            meaning = schema.constraints.get(error.constraint_name)
            if meaning is None:
                raise
            return refused(meaning())
        except (asyncpg.NumericValueOutOfRangeError, asyncpg.DatetimeFieldOverflowError):
            return refused(NumberOutOfRange())
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            if attempt == TRANSACTION_ATTEMPTS_MAX:
                raise
            await asyncio.sleep(RETRY_DELAY_SECONDS * attempt * (1 + random.random()))  # noqa: S311  # spreads retries
        else:
            request.ctx.wake()
            return answer
    raise AssertionError("the last attempt returns or raises")
