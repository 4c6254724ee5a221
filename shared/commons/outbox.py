"""Announce a fact in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from commons import telemetry
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection
from commons.events import Published
from commons.uuid7 import uuid7


async def append(
    db: Connection, event: Published, *, country: str, headers: Mapping[str, str] | None = None
) -> UUID:
    """Write the event beside the change it tells of, in the same transaction; the event's id.

    In a restored database that had told this fact before, it is the id of the event that was taken back.

    The row gets the next version of its aggregate. That aggregate's counter stays locked until commit.
    """
    assert db.is_in_transaction(), "a fact is announced in the transaction that makes it true"
    carried = {**(headers or {}), **telemetry.inject()}
    event_id: UUID = await db.fetchval(SQL["append_to_outbox"], *_columns(uuid7(), event, country, carried))
    return event_id


async def append_all(
    db: Connection, events: Sequence[Published], *, country: str, headers: Mapping[str, str] | None = None
) -> None:
    """The same for many events, in their order, in one round trip."""
    assert db.is_in_transaction(), "a fact is announced in the transaction that makes it true"
    carried = {**(headers or {}), **telemetry.inject()}
    await db.executemany(
        SQL["append_to_outbox"], [_columns(uuid7(), event, country, carried) for event in events]
    )


def _columns(
    event_id: UUID, event: Published, country: str, headers: Mapping[str, str]
) -> tuple[object, ...]:
    return (
        event_id,
        topic_of(country, event.service),
        event.aggregate,
        event.aggregate_id,
        event.type(),
        event.body(),
        headers,
    )


def topic_of(country: str, service: str) -> str:
    """The topic of all facts of a service in a country: `be.invoicing.v1`."""
    return f"{country.lower()}.{service}.v1"


def control_topic_of(country: str) -> str:
    """The topic of a country on which services ask each other for repetitions."""
    return f"{country.lower()}.control.v1"
