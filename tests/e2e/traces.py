"""A collector of traces: keeps what the programs of a stack export, so that a test can search it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

HOST = "127.0.0.1"
EXPORT_BYTES_MAX = 16_777_216
FILE = "traces.otlp"


@contextmanager
def collected_traces(run_dir: Path) -> Iterator[dict[str, str]]:
    """The environment of programs that export their traces here, for as long as the collector runs."""
    file, lock = run_dir / FILE, threading.Lock()
    file.parent.mkdir(parents=True, exist_ok=True)

    class Collector(BaseHTTPRequestHandler):
        """Answers OTLP over HTTP. Nothing is decoded: a text lies in a protobuf as it is."""

        def do_POST(self) -> None:
            """Keep an export."""
            size = int(self.headers["content-length"])
            assert size <= EXPORT_BYTES_MAX, "one export is a few hundred spans"
            body = self.rfile.read(size)
            with lock, file.open("ab") as kept:
                kept.write(body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not a word."""

    server = ThreadingHTTPServer((HOST, 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{HOST}:{server.server_address[1]}",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
            "NO_PROXY": HOST,
            "no_proxy": HOST,
        }
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True, slots=True)
class ExportedSpan:
    """One span of a program; `links` are the traces that it names without being of them."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    links: tuple[str, ...]


def spans_of(run_dir: Path) -> list[ExportedSpan]:
    """Every span that the programs of a stack have exported. Exports lie one behind the other: one message."""
    exported = ExportTraceServiceRequest.FromString((run_dir / FILE).read_bytes())
    return [
        ExportedSpan(
            service=next(
                each.value.string_value for each in of.resource.attributes if each.key == "service.name"
            ),
            name=span.name,
            trace=span.trace_id.hex(),
            span=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            links=tuple(link.trace_id.hex() for link in span.links),
        )
        for of in exported.resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]


def traces_with(run_dir: Path, words: Collection[str]) -> list[str]:
    """Those of the words that are in an exported trace."""
    exported = (run_dir / FILE).read_bytes()
    return [word for word in words if word.encode() in exported]
