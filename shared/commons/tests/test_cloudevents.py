"""The envelope on Kafka is a CloudEvent in binary mode, which an independent reader understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

from commons.cloudevents import Envelope, UnreadableMessage
from commons.kafka import Message, Received
from commons.uuid7 import uuid7


def an_envelope() -> Envelope:
    return Envelope(
        id=uuid7(),
        topic="be.invoicing.v1",
        type="invoicing.InvoiceIssued.v1",
        agg_type="Invoice",
        agg_id=uuid7(),
        agg_version=3,
        created=datetime(2026, 6, 15, 9, 30, 0, 123456, tzinfo=UTC),
        data={"number": "2026-1", "total": {"minor": "93500", "currency": "EUR"}},
        headers={
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "actor": "ann",
            "country": "BE",
            "request_id": "r1",
            "causation": str(uuid7()),
        },
    )


def received(message: Message) -> Received:
    return Received(message.topic, 0, 7, message.key, message.value, message.headers)


def test_what_is_sent_is_what_is_received() -> None:
    envelope = an_envelope()
    assert Envelope.of(received(envelope.to_message())) == envelope


def test_what_is_parked_comes_back_unchanged() -> None:
    envelope = an_envelope()
    assert Envelope.from_json(envelope.to_json()) == envelope


def test_the_key_is_the_aggregate_so_that_its_events_stay_in_order() -> None:
    envelope = an_envelope()
    assert envelope.to_message().key == str(envelope.agg_id).encode()


def test_an_independent_reader_understands_it() -> None:
    envelope = an_envelope()
    message = envelope.to_message()
    event = from_binary_event(
        KafkaMessage(headers=dict(message.headers), key=message.key, value=message.value)
    )
    assert event.get_id() == str(envelope.id)
    assert event.get_type() == envelope.type
    assert event.get_source() == "/be/invoicing"
    assert event.get_subject() == f"Invoice/{envelope.agg_id}"
    assert event.get_time() == envelope.created
    assert event.get_extension("aggversion") == "3"
    assert event.get_extension("partitionkey") == str(envelope.agg_id)
    assert event.get_extension("country") == "BE"
    assert event.get_data() == envelope.data
    assert ("traceparent", envelope.headers["traceparent"].encode()) in message.headers


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_id", b"1"),
        ("ce_aggversion", b"x"),
        ("ce_subject", b"Invoice"),
        ("ce_time", b"noon"),
        ("ce_specversion", b"2.0"),
    ],
)
def test_a_message_that_is_not_ours_is_told_with_its_place(header: str, value: bytes) -> None:
    message = an_envelope().to_message()
    spoiled = replace(
        message, headers=tuple((name, value if name == header else was) for name, was in message.headers)
    )
    with pytest.raises(UnreadableMessage, match=r"be\.invoicing\.v1/0@7"):
        Envelope.of(received(spoiled))


@pytest.mark.parametrize("value", [b"", b"[]", b"{"])
def test_a_body_that_is_no_object_is_unreadable(value: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        Envelope.of(received(replace(an_envelope().to_message(), value=value)))
