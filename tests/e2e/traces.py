"""A collector of traces: keeps what the programs of a stack export, so that a test can search it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


def traces_with(run_dir: Path, words: Collection[str]) -> list[str]:
    """Those of the words that are in an exported trace."""
    exported = (run_dir / FILE).read_bytes()
    return [word for word in words if word.encode() in exported]
