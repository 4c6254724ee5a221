"""A mail server that keeps every message on this machine, so that its addressee can be played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import Header, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from simulators.behavior import SCHEMA as BEHAVIOR_SCHEMA
from simulators.behavior import Operation
from simulators.clock import Clock, from_milliseconds, instant_text, milliseconds
from simulators.party import Manner, Party, Problem
from simulators.store import Row, Store

message_count_max = 5_000
list_length_max = 200
text_length_max = 500_000
attachment_length_max = 12 * 1024 * 1024

SCHEMA = (
    BEHAVIOR_SCHEMA
    + """
create table if not exists message (
  id integer primary key autoincrement,
  idempotency_key text,
  body text not null,
  is_lost integer not null,
  received_at integer not null
);
create unique index if not exists message_by_key on message (idempotency_key);
create table if not exists addressee (
  message_id integer not null references message,
  address text not null,
  copy integer not null,
  primary key (address, message_id, copy)
) without rowid;
"""
)

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,255}$")]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Attachment(BaseModel):
    """A file sent along; `content` is base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    content: Annotated[str, StringConstraints(max_length=attachment_length_max)]


class NewMessage(BaseModel):
    """A message to one address or several."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[list[Address], Field(min_length=1, max_length=50), BeforeValidator(_as_list)]
    subject: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    text: Annotated[str, StringConstraints(max_length=text_length_max)] = ""
    html: Annotated[str, StringConstraints(max_length=text_length_max)] | None = None
    attachments: list[Attachment] = Field(default_factory=list, max_length=10)
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


def mail_server(state_dir: Path, clock: Clock) -> Party:
    """The mail server; it keeps the newest messages and forgets the oldest."""
    store = Store(state_dir / "mail.sqlite3", SCHEMA)
    party = Party(
        name="mail",
        title="Mail server",
        explanation="Keeps messages so that a test or a story can read them. It sends none.",
        store=store,
        clock=clock,
        operations=(
            Operation(
                "send",
                facts=frozenset({"to"}),
                outcomes=frozenset({"delivered", "lost", "duplicated", "refused"}),
            ),
            Operation("list", facts=frozenset({"to"})),
        ),
    )
    box = _Mailbox(store, clock)

    @party.app.post("/messages", status_code=202, tags=["mail"])
    async def send(
        message: NewMessage, idempotency_key: Annotated[str | None, Header(max_length=200)] = None
    ) -> dict[str, Any]:
        manner = await party.meet("send", to=message.to[0])
        key = message.idempotency_key or idempotency_key
        return manner.give({"id": box.take(message, key, manner), "simulated": True})

    @party.app.get("/messages", tags=["mail"])
    async def read(
        to: Address, limit: Annotated[int, Query(ge=1, le=list_length_max)] = list_length_max
    ) -> dict[str, Any]:
        manner = await party.meet("list", to=to)
        return manner.give({"messages": box.of(to, limit), "simulated": True})

    return party


class _Mailbox:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, message: NewMessage, key: str | None, manner: Manner) -> str:
        """Keeps the message and returns its id; the same key gives the same id and keeps nothing."""
        body = message.model_dump_json(exclude={"idempotency_key"})
        known = key and self._store.one("select * from message where idempotency_key = ?", key)
        if known:
            if known["body"] != body:
                raise Problem(409, "Another message was sent under this idempotency key")
            return str(known["id"])
        if manner.outcome == "refused":
            raise Problem(422, "The address is refused", detail=manner.reason or "")
        with self._store.transaction():
            message_id = self._store.insert(
                "insert into message (idempotency_key, body, is_lost, received_at) values (?, ?, ?, ?)",
                key,
                body,
                1 if manner.outcome == "lost" else 0,
                milliseconds(self._clock.now()),
            )
            for address in dict.fromkeys(address.lower() for address in message.to):
                for copy in range(2 if manner.outcome == "duplicated" else 1):
                    self._store.insert("insert into addressee values (?, ?, ?)", message_id, address, copy)
            self._forget_oldest()
        return str(message_id)

    def of(self, address: str, limit: int) -> list[dict[str, Any]]:
        """The messages to an address, newest first."""
        rows = self._store.many(
            """
            select message.* from addressee
            join message on message.id = addressee.message_id
            where addressee.address = ? and not message.is_lost
            order by message.id desc limit ?
            """,
            address.lower(),
            limit,
        )
        return [_shown(row) for row in rows]

    def _forget_oldest(self) -> None:
        oldest_kept = self._store.number("select max(id) from message") - message_count_max + 1
        self._store.write("delete from message where id < ?", oldest_kept)
        self._store.write("delete from addressee where message_id < ?", oldest_kept)


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "received_at": instant_text(from_milliseconds(row["received_at"])),
        **json.loads(row["body"]),
        "simulated": True,
    }
