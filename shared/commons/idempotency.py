"""Do a thing once per key: the key and the answer are stored in the transaction that does it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import asyncpg
import msgspec
import orjson

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection
from commons.refusal import Refusal

KEPT_DAYS: Final = 30
SWEEP_ROWS_MAX: Final = 1_000  # one short transaction; call again while it answers that many
WAIT_MILLISECONDS: Final = 5_000  # for another request with the same key


class IdempotencyKeyReused(Refusal):
    """This idempotency key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"  # gateway.md 5.5 names it so


class IdempotencyInProgress(Refusal):
    """A request with this idempotency key is still being worked on; ask again."""

    code = "IDEMPOTENCY_IN_PROGRESS"


async def once(
    db: Connection,
    *,
    subject: str,
    operation: str,
    key: str,
    request: Mapping[str, Any],
    work: Callable[[], Awaitable[Any]],
    kinds: Mapping[str, type],
) -> Any:
    """The answer of `work`, or the stored one where the key was used for the same request before.

    Must be called inside the transaction that `work` uses: a rollback frees the key. A second request waits
    for the first at the unique index. `kinds` are the classes an answer can be, by name.
    Raises IdempotencyKeyReused, IdempotencyInProgress.
    """
    digest = request_hash(request)
    await db.execute(SQL["wait_for_idempotency_key"], f"{WAIT_MILLISECONDS}ms")
    try:
        claimed = await db.fetchval(SQL["claim_idempotency_key"], subject, operation, key, digest)
    except asyncpg.LockNotAvailableError:
        raise IdempotencyInProgress(key=key) from None
    if claimed is None:
        stored = await db.fetchrow(SQL["stored_answer"], subject, operation, key)
        assert stored is not None, "the insert met a committed row, and only the sweep deletes old ones"
        if stored["request_hash"] != digest:
            raise IdempotencyKeyReused(key=key)
        return msgspec.json.decode(stored["answer"], type=kinds[stored["kind"]])
    answer = await work()
    await db.execute(
        SQL["store_answer"], subject, operation, key, type(answer).__name__, msgspec.json.encode(answer)
    )
    return answer


def request_hash(request: Mapping[str, Any]) -> bytes:
    """The same for the same arguments, in whatever order they came."""
    return hashlib.sha256(orjson.dumps(request, default=str, option=orjson.OPT_SORT_KEYS)).digest()


async def sweep(db: Connection) -> int:
    """Forget some of the keys that are older than KEPT_DAYS; how many were forgotten."""
    forgotten = await db.fetch(SQL["forget_idempotency_keys"], KEPT_DAYS, SWEEP_ROWS_MAX)
    return len(forgotten)
