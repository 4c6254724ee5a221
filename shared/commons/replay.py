"""Ask a producer to publish again, and publish again: the repair of every loss on the way."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import ClassVar, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection
from commons.kafka import Message, Producer, Received
from commons.outbox import control_topic_of
from commons.uuid7 import uuid7

log = logging.getLogger(__name__)


class ControlMessage(BaseModel):
    """What services tell each other on the control topic, outside the inbox: lost ones are said again."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]


C = TypeVar("C", bound=ControlMessage)


class ReplayRequested(ControlMessage):
    """Publish again what the conditions match, all of those that are given: `since` and `until` half-open."""

    type: ClassVar[str] = "control.ReplayRequested.v1"

    topic: str
    agg_type: str | None = None
    agg_id: UUID | None = None
    first_version: int | None = None
    last_version: int | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    requested_by: str
    reason: str


async def replay(db: Connection, request: ReplayRequested) -> int:
    """Mark what the request matches as unpublished; how many events. The relay then publishes them again.

    Safe at any time and any number of times: inboxes know what they handled. Who asked and why is kept.
    """
    wanted = (
        request.topic,
        request.agg_type,
        request.agg_id,
        request.first_version,
        request.last_version,
        request.event_type,
        request.since,
        request.until,
    )
    rows = await db.fetch(SQL["replay"], *wanted)
    if rows:  # a repeated request finds its events still waiting for the relay
        await db.execute(
            SQL["record_replay_decision"], *wanted, len(rows), request.requested_by, request.reason
        )
    log.info(
        "events are published again",
        extra={
            "topic": request.topic,
            "events": len(rows),
            "by": request.requested_by,
            "reason": request.reason,
        },
    )
    return len(rows)


async def say(producer: Producer, country: str, *messages: ControlMessage) -> None:
    """Put messages on the control topic of a country."""
    if messages:
        await producer.send_batch([_to_message(country, message) for message in messages])


def heard(message: Received, model: type[C]) -> C | None:
    """The message read as `model`, or None where it is of another type or cannot be read."""
    if (_TYPE_HEADER, model.type.encode()) not in message.headers:
        return None
    try:
        return model.model_validate_json(message.value or b"")
    except ValidationError as error:
        # What it asked for will be asked for again; stopping here would stop every repair.
        log.error(
            "a control message cannot be read", extra={"type": model.type, "faults": error.error_count()}
        )
        return None


_TYPE_HEADER: Final = "ce_type"


def _to_message(country: str, message: ControlMessage) -> Message:
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid7()),
        "ce_source": f"/{country.lower()}/control",
        _TYPE_HEADER: message.type,
        "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    return Message(
        topic=control_topic_of(country),
        key=str(getattr(message, "topic", "")).encode(),
        value=message.model_dump_json(exclude_none=True).encode(),
        headers=tuple((name, value.encode()) for name, value in attributes.items()),
    )
