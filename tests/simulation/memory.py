"""PostgreSQL in memory, as far as delivery needs it: row locks, isolation, unique keys, and a death at any step.

The statements are those of `shared/commons/sql`, answered by name: what runs above them is the production code.
Reads see what is committed and one's own; a row that another transaction changed is waited for, or skipped
where the statement says so; sequences are not transactional, so a lower number may commit later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import asyncpg

from commons.database import COMMONS_SQL
from tests.simulation.world import Process, World

Key = tuple[Any, ...]
Row = dict[str, Any]
Place = tuple[str, Key]

_LOOKED_AT: Final = {
    "outbox": ("relay",),
    "parked": ("parked",),
    "effect": ("effects 1", "effects 2"),
    "deadline": ("deadlines",),
    "business_day": ("deadlines",),
}
"""Which part of a worker looks for something in a table."""

NAMES: Final = {text: name for name, text in COMMONS_SQL.items()}


class Blocked(Exception):
    """A row belongs to a transaction that has not ended."""

    def __init__(self, holder: Transaction) -> None:
        super().__init__()
        self.holder = holder


@dataclass(eq=False)
class Database:
    """The tables of one service: rows by their keys. It survives every process."""

    name: str
    world: World
    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    locks: dict[Place, Transaction] = field(default_factory=dict)
    sequence: int = 0
    leader: Connection | None = None
    failing: Callable[[], Exception | None] = lambda: None
    """Asked before every statement: the error with which the server answers instead, if any."""

    def table(self, name: str) -> dict[Key, Row]:
        """What is committed of a table."""
        return self.rows.setdefault(name, {})

    def now(self) -> datetime:
        """The time of the server."""
        return self.world.clock.now()

    def pool(self, process: Process) -> Any:
        """Connections for a process; they end with it."""
        return Pool(self, process)

    def due(self) -> datetime | None:
        """When the next parked event, effect or deadline may be tried."""
        heads: dict[Key, Row] = {}
        for key, row in sorted(self.table("parked").items(), key=lambda each: str(each[0][:-1])):
            head = heads.get(key[:-1])
            if head is None or row["agg_version"] < head["agg_version"]:
                heads[key[:-1]] = row
        times = [row["retry_at"] for row in heads.values()]
        times += [row["next_at"] for row in self.table("effect").values() if row["state"] in _OPEN_EFFECT]
        days = self.table("business_day")
        times += [
            row["next_at"]
            for row in self.table("deadline").values()
            if row["done_at"] is None and row["due_date"] <= days[(row["entity_id"],)]["day"]
        ]
        times = [each for each in times if each.year < 9999]
        return min(times) if times else None

    def digest(self, *tables: str) -> str:
        """Everything that is in some tables, to compare it with another time."""
        return json.dumps(
            {name: sorted((str(key), str(row)) for key, row in self.table(name).items()) for name in tables}
        )


class Pool:
    """The pool's half that `commons.database.transaction` uses."""

    def __init__(self, database: Database, process: Process) -> None:
        self._database = database
        self._process = process
        self._free: list[Connection] = []

    async def acquire(self, *, timeout: float | None = None) -> Connection:
        """A connection. Pools here are never empty."""
        return self._free.pop() if self._free else Connection(self._database, self._process)

    async def release(self, connection: Connection) -> None:
        """For the next one."""
        self._free.append(connection)


@dataclass(eq=False)
class Transaction:
    """What one transaction changed and locked, until it ends."""

    database: Database
    changes: dict[Place, Row | None] = field(default_factory=dict)
    statement: dict[Place, Row | None] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    waits_for: Transaction | None = None
    over: bool = False

    def get(self, table: str, key: Key) -> Row | None:
        """A row as this transaction sees it."""
        for layer in (self.statement, self.changes):
            if (table, key) in layer:
                return layer[table, key]
        return self.database.table(table).get(key)

    def all(self, table: str) -> dict[Key, Row]:
        """All rows of a table as this transaction sees them."""
        seen: dict[Key, Row | None] = dict(self.database.table(table))
        for layer in (self.changes, self.statement):
            seen.update({key: row for (name, key), row in layer.items() if name == table})
        return {key: row for key, row in seen.items() if row is not None}

    def is_free(self, table: str, key: Key) -> bool:
        """Whether nobody else has the row."""
        return self.database.locks.get((table, key), self) is self

    def lock(self, table: str, key: Key) -> None:
        """Have the row until the end. Raises Blocked."""
        if not self.is_free(table, key):
            raise Blocked(self.database.locks[table, key])
        self.database.locks[table, key] = self

    def put(self, table: str, key: Key, row: Row | None) -> None:
        """Change, insert or (None) delete a row. Raises Blocked."""
        self.lock(table, key)
        self.statement[table, key] = row

    def insert(self, table: str, key: Key, row: Row) -> bool:
        """Insert where the key is free; False where it is taken. Raises Blocked while that is undecided."""
        self.lock(table, key)
        if self.get(table, key) is not None:
            return False
        self.put(table, key, row)
        return True

    def commit(self) -> None:
        """Make it true for everybody."""
        for (table, key), row in self.changes.items():
            if row is None:
                self.database.table(table).pop(key, None)
            else:
                self.database.table(table)[key] = row
        if self.changes:
            parts = tuple(part for table, _ in self.changes for part in _LOOKED_AT.get(table, ()))
            if parts:
                self.database.world.progressed(self.database.name, parts)
        self.end()

    def end(self) -> None:
        """Give back every lock."""
        if self.over:
            return
        self.over = True
        for place in [each for each, holder in self.database.locks.items() if holder is self]:
            del self.database.locks[place]
        self.ended.set()


class Connection:
    """The part of asyncpg's connection that commons uses, and one step of the schedule for each call."""

    def __init__(self, database: Database, process: Process) -> None:
        self._database = database
        self._process = process
        self._transaction: Transaction | None = None
        process.on_death.append(self._die)

    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._transaction is not None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Committed at the end, in two steps: one may die before the commit and before hearing of it."""
        assert self._transaction is None, "savepoints are not simulated"
        transaction = self._transaction = Transaction(self._database)
        try:
            yield
        except BaseException:
            transaction.end()
            raise
        else:
            if transaction.changes:
                await self._step("commits")
            transaction.commit()
            if transaction.changes:
                await self._step("hears that it is committed")
        finally:
            self._transaction = None

    async def execute(self, statement: str, *arguments: Any) -> str:
        """Run it."""
        await self._run(statement, arguments)
        return ""

    async def fetch(self, statement: str, *arguments: Any) -> list[Row]:
        """All rows of the answer."""
        rows: list[Row] = await self._run(statement, arguments)
        return rows

    async def fetchrow(self, statement: str, *arguments: Any) -> Row | None:
        """The first row of the answer."""
        found = await self._run(statement, arguments)
        if isinstance(found, list):
            return found[0] if found else None
        row: Row | None = found
        return row

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        """The first value of the answer."""
        return await self._run(statement, arguments)

    async def work(self, what: str, statement: Callable[[Transaction], Any]) -> Any:
        """A statement of a simulated service, which has a function where a real one has SQL."""
        return await self._statement(what, statement)

    async def _run(self, text: str, arguments: Iterable[Any]) -> Any:
        name = NAMES[text]
        if name == "try_to_lead_relay":
            return await self._lead()
        return await self._statement(name, lambda tx: STATEMENTS[name](tx, *arguments))

    async def _statement(self, what: str, statement: Callable[[Transaction], Any]) -> Any:
        await self._step(what)
        if (error := self._database.failing()) is not None:
            raise error
        alone = self._transaction is None
        transaction = self._transaction or Transaction(self._database)
        while True:
            transaction.statement = {}
            try:
                answer = statement(transaction)
                break
            except Blocked as blocked:
                await self._wait(transaction, blocked.holder, what)
        transaction.changes.update(transaction.statement)
        transaction.statement = {}
        if alone:
            transaction.commit()
        return answer

    async def _wait(self, transaction: Transaction, holder: Transaction, what: str) -> None:
        other: Transaction | None = holder
        while other is not None:
            if other is transaction:
                raise asyncpg.DeadlockDetectedError("deadlock detected")
            other = other.waits_for
        transaction.waits_for = holder
        try:
            await holder.ended.wait()
        finally:
            transaction.waits_for = None
        await self._step(f"{what}, the row is free")

    async def _lead(self) -> bool:
        await self._step("try_to_lead_relay")
        if self._database.leader is None:
            self._database.leader = self
        return self._database.leader is self

    async def _step(self, what: str) -> None:
        if not self._process.alive:
            raise asyncio.CancelledError
        await self._database.world.step(what)

    def _die(self) -> None:
        if self._transaction is not None:
            self._transaction.end()
        if self._database.leader is self:
            self._database.leader = None


# --- the statements of commons, each as its SQL reads --------------------------------------------------------

_OPEN_EFFECT: Final = ("pending", "sending", "unknown")
_EVENT: Final = ("consumer", "topic", "agg_type", "agg_id", "agg_version")


def _of(rows: Mapping[Key, Row], prefix: Key) -> list[Row]:
    found = [row for key, row in rows.items() if key[: len(prefix)] == prefix]
    return sorted(found, key=lambda row: row["agg_version"])


def _last(tx: Transaction, aggregate: Key) -> int:
    return max((row["agg_version"] for row in _of(tx.all("inbox"), aggregate)), default=0)


def _claim(tx: Transaction, place: Key, event_id: Any, created: datetime) -> bool:
    row = dict(zip(_EVENT, place, strict=True)) | {"event_id": event_id, "created": created}
    return tx.insert("inbox", place, row)


def _claim_event(tx: Transaction, *arguments: Any) -> Row:
    place, event_id, created = arguments[:5], arguments[5], arguments[6]
    last, version = _last(tx, place[:4]), place[4]
    parked_from = min((row["agg_version"] for row in _of(tx.all("parked"), place[:4])), default=None)
    may = version == last + 1 and (parked_from is None or parked_from > version)
    claimed = may and _claim(tx, place, event_id, created)
    return {"last": last, "parked_from": parked_from, "claimed": claimed}


def _take_in_parked(tx: Transaction, *arguments: Any) -> Row:
    place, event_id, created = arguments[:5], arguments[5], arguments[6]
    last = _last(tx, place[:4])
    return {"last": last, "claimed": place[4] == last + 1 and _claim(tx, place, event_id, created)}


def _handled_event_id(tx: Transaction, *place: Any) -> Any:
    row = tx.get("inbox", place)
    return None if row is None else row["event_id"]


def _xor(ids: Iterable[Any]) -> str | None:
    result, count = 0, 0
    for each in ids:
        result, count = result ^ each.int, count + 1
    return f"{result:0128b}" if count else None


def _received_between(tx: Transaction, consumer: str, topic: str, since: datetime, until: datetime) -> Row:
    ids = {
        row["event_id"]
        for table in ("inbox", "parked")
        for key, row in tx.all(table).items()
        if key[:2] == (consumer, topic) and since <= row["created"] < until
    }
    return {"count": len(ids), "ids": _xor(ids)}


def _park(tx: Transaction, *arguments: Any) -> bool | None:
    place, (event_id, created, event, kind, reason, retry_at) = arguments[:5], arguments[5:]
    row = dict(zip(_EVENT, place, strict=True)) | {
        "event_id": event_id,
        "created": created,
        "event": json.loads(json.dumps(event)),
        "kind": kind,
        "reason": reason,
        "retry_at": retry_at,
        "attempts": 0,
        "first_seen": tx.database.now(),
    }
    return True if tx.insert("parked", place, row) else None


def _parked_due(tx: Transaction, consumer: str, now: datetime, limit: int) -> list[Row]:
    rows = tx.all("parked")
    due = [
        row
        for key, row in rows.items()
        if key[0] == consumer and row["retry_at"] <= now and _of(rows, key[:4])[0] is row
    ]
    return sorted(due, key=lambda row: row["retry_at"])[:limit]


def _parked_head(tx: Transaction, *aggregate: Any) -> Row | None:
    for row in _of(tx.all("parked"), aggregate)[:1]:
        key = (*aggregate, row["agg_version"])
        if tx.is_free("parked", key):
            tx.lock("parked", key)
            return row
    return None


def _parked_head_for_a_person(tx: Transaction, *aggregate: Any) -> Row | None:
    for row in _of(tx.all("parked"), aggregate):
        tx.lock("parked", (*aggregate, row["agg_version"]))
        return row
    return None


def _unpark(tx: Transaction, *place: Any) -> None:
    if tx.get("parked", place) is not None:
        tx.put("parked", place, None)


def _change_parked(tx: Transaction, place: Key, **changes: Any) -> None:
    row = tx.get("parked", place)
    if row is not None:
        tx.put("parked", place, row | changes)


def _postpone_parked(tx: Transaction, *arguments: Any) -> None:
    place, (kind, reason, retry_at) = arguments[:5], arguments[5:]
    row = tx.get("parked", place)
    if row is not None:
        _change_parked(tx, place, kind=kind, reason=reason, retry_at=retry_at, attempts=row["attempts"] + 1)


def _hurry_parked(tx: Transaction, *arguments: Any) -> None:
    for row in _of(tx.all("parked"), arguments[:4]):
        if row["kind"] in ("gap", "behind"):
            place = (*arguments[:4], row["agg_version"])
            _change_parked(tx, place, retry_at=min(row["retry_at"], arguments[4]))


def _release_parked(tx: Transaction, *arguments: Any) -> None:
    _change_parked(tx, arguments[:5], attempts=0, retry_at=arguments[5])


def _record_parked_decision(tx: Transaction, *arguments: Any) -> None:
    tx.database.sequence += 1
    tx.put("parked_decision", (tx.database.sequence,), {"decision": arguments[6]})


def _append_to_outbox(tx: Transaction, *arguments: Any) -> Any:
    event_id, topic, agg_type, agg_id, kind, data, headers = arguments
    counter = tx.get("aggregate_version", (agg_type, agg_id)) or {"version": 0}
    version: int = counter["version"] + 1
    # The lock comes before the number: then a lower number of the same aggregate is never committed later.
    tx.put("aggregate_version", (agg_type, agg_id), {"version": version})
    tx.database.sequence += 1
    row = {
        "seq": tx.database.sequence,
        "id": event_id,
        "topic": topic,
        "agg_type": agg_type,
        "agg_id": agg_id,
        "agg_version": version,
        "type": kind,
        "data": json.loads(json.dumps(data)),
        "headers": dict(headers),
        "created": tx.database.now(),
        "published": None,
    }
    tx.put("outbox", (row["seq"],), row)
    return event_id


def _unpublished(tx: Transaction, limit: int) -> list[Row]:
    taken: list[Row] = []
    for key, row in sorted(tx.all("outbox").items()):
        if row["published"] is None and tx.is_free("outbox", key) and len(taken) < limit:
            tx.lock("outbox", key)
            taken.append(row)
    return taken


def _mark_published(tx: Transaction, numbers: list[int]) -> None:
    for number in numbers:
        row = tx.get("outbox", (number,))
        assert row is not None, "an outbox row is never deleted"
        tx.put("outbox", (number,), row | {"published": tx.database.now()})


def _replay(tx: Transaction, *conditions: Any) -> list[Row]:
    topic, agg_type, agg_id, first, last, kind, since, until = conditions
    found = []
    for key, row in tx.all("outbox").items():
        if (
            row["published"] is not None
            and row["topic"] == topic
            and (agg_type is None or row["agg_type"] == agg_type)
            and (agg_id is None or row["agg_id"] == agg_id)
            and (first is None or row["agg_version"] >= first)
            and (last is None or row["agg_version"] <= last)
            and (kind is None or row["type"] == kind)
            and (since is None or row["created"] >= since)
            and (until is None or row["created"] < until)
        ):
            tx.put("outbox", key, row | {"published": None})
            found.append({"seq": row["seq"]})
    return found


def _published_between(tx: Transaction, topic: str, since: datetime, until: datetime) -> Row:
    rows = [
        row for row in tx.all("outbox").values() if row["topic"] == topic and since <= row["created"] < until
    ]
    return {
        "count": len(rows),
        "ids": _xor(row["id"] for row in rows),
        "waits": any(row["published"] is None for row in rows),
    }


def _schedule_deadline(tx: Transaction, *arguments: Any) -> bool | None:
    deadline_id, kind, key, entity_id, due_date, data, headers = arguments
    row = {
        "id": deadline_id,
        "kind": kind,
        "key": key,
        "entity_id": entity_id,
        "due_date": due_date,
        "data": dict(data),
        "headers": dict(headers),
        "attempts": 0,
        "next_at": tx.database.now(),
        "done_at": None,
    }
    return True if tx.insert("deadline", (key,), row) else None


def _deadline(tx: Transaction, deadline_id: Any) -> tuple[Key, Row]:
    return next((key, row) for key, row in tx.all("deadline").items() if row["id"] == deadline_id)


def _take_deadline(tx: Transaction, now: datetime, kinds: list[str]) -> Row | None:
    days = tx.all("business_day")
    for key, row in sorted(tx.all("deadline").items(), key=lambda each: (each[1]["due_date"], each[1]["id"])):
        due = row["due_date"] <= days[(row["entity_id"],)]["day"]
        if row["done_at"] is None and row["next_at"] <= now and due and row["kind"] in kinds:
            if not tx.is_free("deadline", key):
                continue
            tx.lock("deadline", key)
            return {
                name: value
                for name, value in row.items()
                if name not in ("next_at", "done_at", "outcome", "error")
            }
    return None


def _end_deadline(tx: Transaction, deadline_id: Any, outcome: str) -> bool | None:
    key, row = _deadline(tx, deadline_id)
    if row["done_at"] is not None:
        return None
    tx.put("deadline", key, row | {"done_at": tx.database.now(), "outcome": outcome})
    return True


def _postpone_deadline(tx: Transaction, deadline_id: Any, failed: int, next_at: datetime, error: str) -> None:
    key, row = _deadline(tx, deadline_id)
    tx.put("deadline", key, row | {"attempts": row["attempts"] + failed, "next_at": next_at, "error": error})


def _ask_for_effect(tx: Transaction, *arguments: Any) -> bool | None:
    effect_id, kind, key, payload, headers = arguments
    row = {
        "id": effect_id,
        "kind": kind,
        "key": key,
        "payload": dict(payload),
        "headers": dict(headers),
        "state": "pending",
        "attempts": 0,
        "asked": 0,
        "created": tx.database.now(),
        "next_at": tx.database.now(),
    }
    return True if tx.insert("effect", (kind, key), row) else None


def _take_effect(tx: Transaction, now: datetime, kinds: list[str], lease_until: datetime) -> Row | None:
    for key, row in sorted(tx.all("effect").items(), key=lambda each: (each[1]["next_at"], each[1]["id"])):
        due = row["state"] in _OPEN_EFFECT and row["next_at"] <= now and row["kind"] in kinds
        if due and tx.is_free("effect", key):
            fresh = row["state"] == "pending"
            taken = row | {
                "state": "sending" if fresh else "unknown",
                "attempts": row["attempts"] + fresh,
                "asked": row["asked"] + (not fresh),
                "next_at": lease_until,
            }
            tx.put("effect", key, taken)
            return {
                name: value for name, value in taken.items() if name not in ("next_at", "result", "error")
            }
    return None


def _effect(tx: Transaction, effect_id: Any) -> tuple[Key, Row]:
    return next((key, row) for key, row in tx.all("effect").items() if row["id"] == effect_id)


def _lock_effect(tx: Transaction, effect_id: Any) -> Row:
    key, _ = _effect(tx, effect_id)
    tx.lock("effect", key)
    return _effect(tx, effect_id)[1]


def _end_effect(tx: Transaction, effect_id: Any, state: str, result: Row | None, error: str | None) -> None:
    key, row = _effect(tx, effect_id)
    tx.put("effect", key, row | {"state": state, "result": result, "error": error})


def _postpone_effect(tx: Transaction, effect_id: Any, state: str, error: str, next_at: datetime) -> None:
    key, row = _effect(tx, effect_id)
    tx.put("effect", key, row | {"state": state, "error": error, "next_at": next_at})


def _business_day(tx: Transaction, entity_id: Any) -> Row | None:
    return tx.get("business_day", (entity_id,))


def _business_day_for_update(tx: Transaction, entity_id: Any) -> Row | None:
    tx.lock("business_day", (entity_id,))
    return tx.get("business_day", (entity_id,))


def _set_business_day(tx: Transaction, entity_id: Any, day: date) -> None:
    row = tx.get("business_day", (entity_id,))
    if row is not None and row["day"] < day:
        tx.put("business_day", (entity_id,), row | {"day": day})


def _register_entity(tx: Transaction, entity_id: Any, day: date, simulated: bool, time_zone: str) -> None:
    tx.insert("business_day", (entity_id,), {"day": day, "simulated": simulated, "time_zone": time_zone})


def _record_replay_decision(tx: Transaction, *decision: Any) -> None:
    tx.database.sequence += 1
    tx.put("replay_decision", (tx.database.sequence,), {"decision": decision})


def _note_difference(tx: Transaction, *arguments: Any) -> None:
    consumer, topic, start, end, published, ids, received = arguments
    known = tx.get("reconciliation_difference", (consumer, topic, start)) or {"asked": 0}
    row = {"hour_end": end, "published": published, "ids": ids, "received": received}
    tx.put("reconciliation_difference", (consumer, topic, start), row | {"asked": known["asked"] + 1})


def _end_difference(tx: Transaction, *place: Any) -> None:
    if tx.get("reconciliation_difference", place) is not None:
        tx.put("reconciliation_difference", place, None)


def _count_differences(tx: Transaction) -> list[Row]:
    topics = [topic for _, topic, _ in tx.all("reconciliation_difference")]
    return [{"topic": topic, "hours": topics.count(topic)} for topic in sorted(set(topics))]


STATEMENTS: Final[dict[str, Callable[..., Any]]] = {
    "claim_event": _claim_event,
    "take_in_parked": _take_in_parked,
    "handled_event_id": _handled_event_id,
    "received_between": _received_between,
    "park": _park,
    "parked_due": _parked_due,
    "parked_head": _parked_head,
    "parked_head_for_a_person": _parked_head_for_a_person,
    "unpark": _unpark,
    "postpone_parked": _postpone_parked,
    "hurry_parked": _hurry_parked,
    "release_parked": _release_parked,
    "record_parked_decision": _record_parked_decision,
    "append_to_outbox": _append_to_outbox,
    "unpublished": _unpublished,
    "mark_published": _mark_published,
    "replay": _replay,
    "published_between": _published_between,
    "record_replay_decision": _record_replay_decision,
    "note_difference": _note_difference,
    "end_difference": _end_difference,
    "count_differences": _count_differences,
    "schedule_deadline": _schedule_deadline,
    "take_deadline": _take_deadline,
    "end_deadline": _end_deadline,
    "postpone_deadline": _postpone_deadline,
    "ask_for_effect": _ask_for_effect,
    "take_effect": _take_effect,
    "lock_effect": _lock_effect,
    "end_effect": _end_effect,
    "postpone_effect": _postpone_effect,
    "business_day": _business_day,
    "business_day_for_update": _business_day_for_update,
    "set_business_day": _set_business_day,
    "register_entity": _register_entity,
}
