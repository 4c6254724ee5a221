"""The decorator that every capability has."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY

from commons.capability import capability
from commons.refusal import Refusal


class TooLate(Refusal):
    """It is too late for this."""


@capability
async def arrive(ctx: Any, *, hour: int) -> int:
    """Arrive at an hour."""
    if hour > 12:
        raise TooLate(hour=hour)
    if hour < 0:
        raise RuntimeError("secret")
    return hour


CTX: Any = SimpleNamespace(request_id="r1", country=SimpleNamespace(code="be"))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("commons.capability.tracer", lambda: provider.get_tracer("test"))
    return exporter


def count(outcome: str) -> float:
    return (
        REGISTRY.get_sample_value("capability_seconds_count", {"capability": "arrive", "outcome": outcome})
        or 0.0
    )


async def test_a_capability_is_a_span_a_duration_and_a_log_line(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = count("ok")
    assert await arrive(CTX, hour=9) == 9
    [span] = spans.get_finished_spans()
    assert (span.name, dict(span.attributes or {})) == ("arrive", {"outcome": "ok"})
    assert count("ok") == before + 1
    [record] = caplog.records
    assert (record.message, vars(record)["outcome"], vars(record)["request_id"]) == ("arrive", "ok", "r1")


async def test_a_refusal_is_an_outcome_and_not_an_error(spans: InMemorySpanExporter) -> None:
    with pytest.raises(TooLate):
        await arrive(CTX, hour=13)
    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {}) == {"refusal": "TooLate", "outcome": "refused"}
    assert span.events == ()


async def test_a_bug_fails_the_span_without_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(RuntimeError):
        await arrive(CTX, hour=-1)
    [span] = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "RuntimeError")
    assert "secret" not in str(span.to_json())
    assert trace.get_current_span().get_span_context().is_valid is False
