"""The envelope of an event on Kafka: CloudEvents 1.0 in binary mode, attributes as headers, JSON as body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import UUID

import orjson

from commons.kafka import Message, Received

OWN_HEADERS: Final = ("traceparent", "tracestate", "causation", "actor", "country", "request_id")
HEADER_LENGTH_MAX: Final = 2_000
VERSION_MAX: Final = 2**31 - 1  # an integer of the database
_VERSION: Final = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_NO_CHARACTER: Final = b"\\u0000"  # as JSON writes it; PostgreSQL refuses it in jsonb and text
_PREFIXED: Final = frozenset({"causation", "actor", "country", "request_id"})


class UnreadableMessage(Exception):
    """A message that is not one of our events; the sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with what is known about it.

    `headers` are the trace context, `causation` (id of the event that led to it), `actor` (who caused it),
    `country` and `request_id`, each where it is known.
    """

    id: UUID
    topic: str
    type: str
    agg_type: str
    agg_id: UUID
    agg_version: int
    created: datetime
    data: Mapping[str, Any]
    headers: Mapping[str, str]

    def to_message(self) -> Message:
        """The message for the broker, keyed by the aggregate so that its events stay in order."""
        service = self.type.partition(".")[0]
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": str(self.id),
            "ce_source": f"/{self.topic.partition('.')[0]}/{service}",
            "ce_type": self.type,
            "ce_subject": f"{self.agg_type}/{self.agg_id}",
            "ce_time": _instant(self.created),
            "ce_partitionkey": str(self.agg_id),
            "ce_aggversion": str(self.agg_version),
            "content-type": "application/json",
        }
        for name in OWN_HEADERS:
            if name in self.headers:
                attributes[_wire_name(name)] = self.headers[name]
        return Message(
            topic=self.topic,
            key=str(self.agg_id).encode(),
            value=orjson.dumps(dict(self.data)),
            headers=tuple((name, value.encode()) for name, value in attributes.items()),
        )

    @classmethod
    def of(cls, message: Received) -> Self:
        """The event in a message. Raises UnreadableMessage."""
        try:
            found = {name: _text(name, value) for name, value in message.headers}
            if found["ce_specversion"] != "1.0":
                raise ValueError(f"specversion {found['ce_specversion']}")
            agg_type, _, agg_id = found["ce_subject"].partition("/")
            body = message.value or b""
            if _NO_CHARACTER in body:
                raise ValueError("the body holds a character that no database keeps")
            data = orjson.loads(body)
            if not isinstance(data, dict):
                raise TypeError("the body is not an object")
            return cls(
                id=UUID(found["ce_id"]),
                topic=message.topic,
                type=found["ce_type"],
                agg_type=agg_type,
                agg_id=UUID(agg_id),
                agg_version=_version(found["ce_aggversion"]),
                created=_moment(found["ce_time"]),
                data=data,
                headers={name: found[_wire_name(name)] for name in OWN_HEADERS if _wire_name(name) in found},
            )
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            place = f"{message.topic}/{message.partition}@{message.offset}"
            raise UnreadableMessage(f"{place}: {type(error).__name__} {error}") from error

    def to_json(self) -> dict[str, Any]:
        """The form in which a parked event is kept."""
        return {
            "id": str(self.id),
            "topic": self.topic,
            "type": self.type,
            "agg_type": self.agg_type,
            "agg_id": str(self.agg_id),
            "agg_version": self.agg_version,
            "created": _instant(self.created),
            "data": dict(self.data),
            "headers": dict(self.headers),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """A parked event as it came."""
        return cls(
            **{
                **kept,
                "id": UUID(kept["id"]),
                "agg_id": UUID(kept["agg_id"]),
                "created": datetime.fromisoformat(kept["created"]),
            }
        )


def _text(name: str, value: bytes | None) -> str:
    # The broker lets a header have no value, and a text hold what no database column can.
    text = (value or b"").decode()
    if "\x00" in text or len(text) > HEADER_LENGTH_MAX:
        raise ValueError(f"the header {name[:40]} is not plain")
    return text


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text) or int(text) > VERSION_MAX:
        raise ValueError(f"version {text[:20]}")
    return int(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset")
    return moment.astimezone(UTC)


def _wire_name(name: str) -> str:
    # Trace headers go by their own names; an attribute's name may hold lower-case letters and digits only.
    return f"ce_{name.replace('_', '')}" if name in _PREFIXED else name


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
