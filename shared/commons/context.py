"""What every capability, consumer, effect and deadline is given first: who, where, when and the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Generic
from uuid import UUID

from typing_extensions import TypeVar

from commons import clock as business_days
from commons import effects, outbox
from commons.claims import SYSTEM, Claims
from commons.clock import REAL_CLOCK, Clock
from commons.country import Country
from commons.database import Connection, Pool
from commons.events import Published

S = TypeVar("S", default=Any)


class Ctx(Generic[S]):
    """The circumstances of one piece of work.

    `db` is the connection inside the open transaction (mutations, consumers, effects, deadlines); `read` is
    the read pool (queries, loaders). `who` is SYSTEM where no person asks. `service` is the service's own
    object of settings and adapters. `causation` is the id of the event that led here, where one did.
    """

    __slots__ = ("_db", "_read", "_wake", "causation", "clock", "country", "request_id", "service", "who")

    def __init__(
        self,
        *,
        country: Country,
        who: Claims,
        request_id: str,
        service: S,
        db: Connection | None = None,
        read: Pool | None = None,
        clock: Clock = REAL_CLOCK,
        wake: Callable[[], None] | None = None,
        causation: str | None = None,
    ) -> None:
        self.country = country
        self.who = who
        self.request_id = request_id
        self.service = service
        self.clock = clock
        self.causation = causation
        self._db = db
        self._read = read
        self._wake = wake

    @property
    def db(self) -> Connection:
        """The connection inside the open transaction."""
        assert self._db is not None, "a query has no transaction; it reads from ctx.read"
        return self._db

    @property
    def read(self) -> Pool:
        """The pool for single reads."""
        assert self._read is not None, "this work has a transaction; it reads from ctx.db"
        return self._read

    def inside(self, db: Connection) -> Ctx[S]:
        """The same circumstances inside an open transaction."""
        return Ctx(
            country=self.country,
            who=self.who,
            request_id=self.request_id,
            service=self.service,
            db=db,
            read=self._read,
            clock=self.clock,
            wake=self._wake,
            causation=self.causation,
        )

    async def today(self, entity_id: UUID) -> date:
        """The business day of an entity. Raises UnknownEntity."""
        if self._db is not None:
            return await business_days.today(self._db, entity_id, self.clock)
        async with self.read.acquire() as db:
            return await business_days.today(db, entity_id, self.clock)

    async def announce(self, event: Published) -> UUID:
        """Say what happened: one outbox row in this transaction; the id of the event."""
        return await outbox.append(self.db, event, country=self.country.code, headers=self._headers())

    async def announce_all(self, events: Sequence[Published]) -> None:
        """Say many things that happened, in their order and in one round trip."""
        await outbox.append_all(self.db, events, country=self.country.code, headers=self._headers())

    async def effect(self, kind: str, key: str, payload: Mapping[str, object]) -> bool:
        """Ask for work in the outside world once this transaction is committed.

        `key` names it for ever, here and on the other side; False where it was asked for before.
        """
        return await effects.ask_for(self.db, kind, key, payload, self._headers())

    def wake(self) -> None:
        """Let the relay look at once instead of at its next poll; for after the commit."""
        if self._wake is not None:
            self._wake()

    def _headers(self) -> dict[str, str]:
        headers = {"actor": self.who.subject, "country": self.country.upper, "request_id": self.request_id}
        if self.causation is not None:
            headers["causation"] = self.causation
        return headers


MakeCtx = Callable[[Connection, str], Ctx[Any]]
"""How consumers, effects and deadlines get theirs: from the open transaction and a request id."""


def ctx_factory(
    *,
    country: Country,
    service: object,
    clock: Clock = REAL_CLOCK,
    read: Pool | None = None,
) -> MakeCtx:
    """The factory that a worker is given: everything it makes acts as SYSTEM."""

    def make_ctx(db: Connection, request_id: str) -> Ctx[Any]:
        return Ctx(
            country=country, who=SYSTEM, request_id=request_id, service=service, db=db, read=read, clock=clock
        )

    return make_ctx
