"""What can be seen from outside: the metrics of every service, and traces that cross the outbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.trace import Link, Span, SpanKind, Tracer
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

# A second series for each counter and histogram, saying when it was made, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

WORK: Final = CollectorRegistry()
"""What only a worker counts: an api that showed it too would say of what it never sees that all is well."""

SECONDS_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
AGE_BUCKETS: Final = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0)

CAPABILITY_SECONDS: Final = Histogram(
    "capability_seconds", "How long a capability took", ["capability", "outcome"], buckets=SECONDS_BUCKETS
)
OUTBOX_OLDEST_UNPUBLISHED_SECONDS: Final = Gauge(
    "outbox_oldest_unpublished_seconds",
    "Age of the oldest event that is committed but not published",
    registry=WORK,
)
EVENTS_PUBLISHED: Final = Counter(
    "events_published_total", "Events that the broker acknowledged", registry=WORK
)
EVENTS_HANDLED: Final = Counter(
    "events_handled_total", "Events taken from a topic", ["outcome"], registry=WORK
)
EVENT_AGE_SECONDS: Final = Histogram(
    "event_age_seconds",
    "Age of an event when it was handled, counted once whenever that was",
    ["topic"],
    buckets=AGE_BUCKETS,
    registry=WORK,
)
CONSUMER_LAG_SECONDS: Final = Gauge(
    "consumer_lag_seconds",
    "Age of the last event handled, nothing where there is none left",
    ["topic"],
    registry=WORK,
)
PARKED_KEYS: Final = Gauge("parked_keys", "Aggregates whose events wait", ["kind"], registry=WORK)
RECONCILIATION_DIFFERENCES: Final = Gauge(
    "reconciliation_differences",
    "Closed hours of a topic whose events are not those received",
    ["topic"],
    registry=WORK,
)
EFFECTS_WAITING: Final = Gauge(
    "effects_waiting", "Effects that are not done", ["kind", "state"], registry=WORK
)
EFFECTS_OLDEST_SECONDS: Final = Gauge(
    "effects_oldest_seconds", "Age of the oldest effect that is not done", ["kind", "state"], registry=WORK
)
DEADLINES_FAILING: Final = Gauge(
    "deadlines_failing", "Deadlines that were tried without success", registry=WORK
)
LEDGER_FAILURES: Final = Gauge(
    "ledger_failures", "Broken invariants of the ledger: page someone", registry=WORK
)
WATCHDOG_EXITS: Final = Counter(
    "watchdog_exits_total",
    "Times the consumer was found stuck, ever: every worker of a service shows all",
    registry=WORK,
)
MIGRATIONS_MISSING: Final = Gauge(
    "migrations_missing", "Migrations this program was built for that its database lacks"
)
SCHEMA_INFO: Final = Gauge(
    "schema_info", "Always 1: the last migration of its own that this program was built for", ["migration"]
)
BUILD_INFO: Final = Gauge("build_info", "Always 1: the commit that this program was built from", ["commit"])

ADDRESS_ATTRIBUTES: Final = frozenset({"url.path", "url.query", "url.full"})
HIDDEN: Final = "hidden"

METRICS_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def metrics(*, of_work: bool = False) -> bytes:
    """All metrics of this process in the Prometheus text format; those of `WORK` only where it works."""
    return generate_latest(REGISTRY) + (generate_latest(WORK) if of_work else b"")


def set_up(service: str, process: str, endpoint: str | None) -> None:
    """Send spans to an OTLP endpoint. Without one nothing is recorded and spans cost next to nothing."""
    if endpoint is None:
        return
    # Loaded only here: most processes run without a collector.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class WithoutAddresses(SpanProcessor):
        """Hides the address of a request: a link in it may be a permission. Its route is kept."""

        def on_start(self, span: Any, parent_context: otel_context.Context | None = None) -> None:
            for name in ADDRESS_ATTRIBUTES.intersection(span.attributes or ()):
                span.set_attribute(name, HIDDEN)

    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.instance.id": process})
    )
    provider.add_span_processor(WithoutAddresses())
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
    )
    trace.set_tracer_provider(provider)


def tracer() -> Tracer:
    """The tracer of this library."""
    return trace.get_tracer("commons")


def inject() -> dict[str, str]:
    """The current trace context as headers; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier


@contextmanager
def continued(name: str, headers: Mapping[str, str], attributes: Mapping[str, str | int]) -> Iterator[Span]:
    """A span that continues the trace in the headers and links to it, as for a message."""
    stored = propagate.extract(dict(headers))
    with tracer().start_as_current_span(
        name, context=stored, kind=SpanKind.CONSUMER, attributes=dict(attributes), links=_links([headers])
    ) as span:
        yield span


@contextmanager
def batch(name: str, headers: list[Mapping[str, str]]) -> Iterator[Span]:
    """A span of its own trace with a link to each message's trace."""
    with tracer().start_as_current_span(
        name, context=otel_context.Context(), kind=SpanKind.PRODUCER, links=_links(headers)
    ) as span:
        yield span


def _links(headers: list[Mapping[str, str]]) -> list[Link]:
    contexts = (trace.get_current_span(propagate.extract(dict(each))).get_span_context() for each in headers)
    return [Link(context) for context in contexts if context.is_valid]
