"""Traces, metrics and the access log."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from typing import Protocol, TextIO

import orjson
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TRACEPARENT_LENGTH = 55
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Metrics(Collector):
    """The gateway's counters, in a registry of their own.

    They are plain numbers that the event loop alone touches; Prometheus' own objects take a lock for each of
    four counts a request, which was an eleventh of its time.
    """

    def __init__(self, build_commit: str = "unknown") -> None:
        self._build_commit = build_commit
        self._counts: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in _COUNTERS}
        self._seconds = 0.0
        self._buckets = [0] * (len(SECONDS_BUCKETS) + 1)
        self._planner_running = 0
        self._planner_starts = 0
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def request(self, kind: str, outcome: str, seconds: float) -> None:
        """Counts one GraphQL request."""
        self._inc("gateway_requests", (kind, outcome))
        self._seconds += seconds
        self._buckets[bisect_left(SECONDS_BUCKETS, seconds)] += 1

    def call(self, service: str, outcome: str) -> None:
        """Counts one call to a service."""
        self._inc("gateway_subgraph_calls", (service, outcome))

    def executed(self, executor: str) -> None:
        """Counts one executed plan."""
        self._inc("gateway_executions", (executor,))

    def not_compiled(self, reason: str) -> None:
        """Counts a plan that the compiler refused."""
        self._inc("gateway_plans_not_compiled", (reason,))

    def fell_back(self, reason: str) -> None:
        """Counts an answer that did not fit a compiled plan."""
        self._inc("gateway_fallbacks", (reason,))

    def document(self, outcome: str) -> None:
        """Counts a look-up in the document cache."""
        self._inc("gateway_documents", (outcome,))

    def planner(self, *, is_running: bool, starts: int) -> None:
        """Notes the state of the planner, which has no door of its own."""
        self._planner_running, self._planner_starts = int(is_running), starts

    def value(self, name: str, **labels: str) -> float:
        """The present value of a sample; 0 if it was never counted."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def exposed(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus' registry asks for."""
        for name, (says, labels) in _COUNTERS.items():
            counter = CounterMetricFamily(name, says, labels=labels)
            for values, count in self._counts[name].items():
                counter.add_metric(values, count)
            yield counter
        limits = [*(repr(limit) for limit in SECONDS_BUCKETS), "+Inf"]
        buckets = list(zip(limits, accumulate(self._buckets), strict=True))
        seconds = HistogramMetricFamily("gateway_request_seconds", "Duration of GraphQL requests")
        seconds.add_metric([], buckets, self._seconds)
        yield seconds
        says = "Whether the planner's side process is alive"
        yield GaugeMetricFamily("gateway_planner_running", says, self._planner_running)
        yield GaugeMetricFamily("gateway_planner_starts", "How often it was started", self._planner_starts)
        build = GaugeMetricFamily("build_info", _BUILD_INFO, labels=["commit"])
        build.add_metric([self._build_commit], 1)
        yield build

    def _inc(self, name: str, labels: tuple[str, ...]) -> None:
        counts = self._counts[name]
        counts[labels] = counts.get(labels, 0) + 1


_BUILD_INFO = "Always 1: the commit that this program was built from"
_COUNTERS = {
    "gateway_requests": (
        "GraphQL requests: ok, refused (the asker must change something) or failed (we must)",
        ["kind", "outcome"],
    ),
    "gateway_subgraph_calls": ("Calls to services", ["subgraph", "outcome"]),
    "gateway_executions": ("Executed plans by executor", ["executor"]),
    "gateway_plans_not_compiled": ("Plans left to the general executor", ["reason"]),
    "gateway_fallbacks": ("Answers that a compiled plan handed over", ["reason"]),
    "gateway_documents": ("Documents looked up in the cache", ["outcome"]),
}

LABELS = {
    "build_info": ("commit",),
    **{f"{name}_total": tuple(labels) for name, (_, labels) in _COUNTERS.items()},
}


class _Random:
    """Random bytes in stock, for the identifiers of requests and spans: each draw would be a system call."""

    def __init__(self) -> None:
        self._stock, self._at = b"", 0

    def hex(self, count: int) -> str:
        """So many random bytes, as hexadecimal digits."""
        if self._at + count > len(self._stock):
            self._stock, self._at = os.urandom(_STOCK_BYTES), 0
        self._at += count
        return self._stock[self._at - count : self._at].hex()


_STOCK_BYTES = 8_192
random_hex = _Random().hex


class Span(Protocol):
    """One traced request."""

    traceparent: str

    def named(self, name: str) -> None:
        """Sets the name once the operation is known."""

    def call(self, service: str) -> contextlib.AbstractContextManager[None]:
        """A span around one call to a service."""

    def end(self, outcome: str) -> None:
        """Ends the span."""


class Tracing:
    """Spans sent to a collector if one is configured; trace ids are passed on in any case."""

    def __init__(self, endpoint: str | None, country: str) -> None:
        self._provider: TracerProvider | None = None
        if endpoint is not None:
            resource = Resource.create({"service.name": "gateway", "country": country})
            self._provider = TracerProvider(resource=resource)
            exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter))

    def started(self, traceparent: str | None) -> Span:
        """The span of a request, below the caller's if it sent one."""
        if self._provider is None:
            return _Passed(traceparent)
        return _Recorded(self._provider.get_tracer("gateway"), traceparent)

    def stop(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()


class _Passed:
    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str | None) -> None:
        valid = (
            traceparent is not None
            and len(traceparent) == _TRACEPARENT_LENGTH
            and traceparent[:3] == "00-"
            and traceparent.isascii()
            and traceparent.replace("-", "").isalnum()
        )
        trace_id = traceparent[3:35] if traceparent is not None and valid else random_hex(16)
        self.traceparent = f"00-{trace_id}-{random_hex(8)}-00"

    def named(self, name: str) -> None:
        return

    def call(self, service: str) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def end(self, outcome: str) -> None:
        return


class _Recorded:
    def __init__(self, tracer: trace.Tracer, traceparent: str | None) -> None:
        self._tracer = tracer
        propagator = TraceContextTextMapPropagator()
        context = propagator.extract({"traceparent": traceparent} if traceparent else {})
        self._span = tracer.start_span("graphql", context=context, kind=trace.SpanKind.SERVER)
        self._context = trace.set_span_in_context(self._span)
        carrier: dict[str, str] = {}
        propagator.inject(carrier, self._context)
        self.traceparent = carrier["traceparent"]

    def named(self, name: str) -> None:
        self._span.update_name(name)

    @contextlib.contextmanager
    def call(self, service: str) -> Iterator[None]:
        span = self._tracer.start_span(service, context=self._context, kind=trace.SpanKind.CLIENT)
        try:
            yield
        finally:
            span.end()

    def end(self, outcome: str) -> None:
        self._span.set_attribute("outcome", outcome)
        self._span.end()


class Log:
    """One JSON object a line on standard error: never a variable, a token or a person."""

    def __init__(self, country: str, level: str, stream: TextIO | None = None) -> None:
        self._country = country
        self._level = _LEVELS.get(level, 20)
        self._stream = stream

    def write(self, level: str, msg: str, **facts: object) -> None:
        """Writes one line if the level is high enough."""
        if _LEVELS[level] < self._level:
            return
        line: Mapping[str, object] = {
            "ts": datetime.now(UTC).isoformat(),
            "level": level,
            "service": "gateway",
            "process": "gateway",
            "country": self._country,
            "msg": msg,
            **facts,
        }
        stream = self._stream or sys.stderr
        stream.write(orjson.dumps(line, default=str).decode() + "\n")
        stream.flush()

    def adopt_library_logs(self) -> None:
        """Sends the warnings of libraries through this log."""
        root = logging.getLogger()
        root.handlers = [_LibraryHandler(self)]
        root.setLevel(logging.WARNING)


class _LibraryHandler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        facts: dict[str, object] = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            facts["failure"] = record.exc_info[0].__name__
        self._log.write(level, record.getMessage(), **facts)
