"""Logs for machines: one JSON object a line on standard error, never with personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

import orjson
from opentelemetry import trace

TEXT_LENGTH_MAX: Final = 8_000

# What a record carries anyway; everything else on it came from `extra`.
_OWN_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One record as one line: when, how grave, which process, what, and the facts given as `extra`."""

    def __init__(self, service: str, process: str, country: str | None) -> None:
        super().__init__()
        self._who = {"service": service, "process": process, "country": country}

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._who,
            "logger": record.name,
            "msg": record.getMessage()[:TEXT_LENGTH_MAX],
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            line["trace_id"] = f"{span.trace_id:032x}"
        line.update({name: value for name, value in vars(record).items() if name not in _OWN_FIELDS})
        if record.exc_info:
            # The places only: the text of an error may quote a row, and rows hold personal data.
            kind, _, at = record.exc_info
            line["exception"] = kind.__name__ if kind else None
            line["at"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(at)
            ][-20:]
        return orjson.dumps({k: v for k, v in line.items() if v is not None}, default=str).decode()


def set_up(service: str, process: str, *, country: str | None = None, level: str = "INFO") -> None:
    """Send all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service, process, country))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiokafka", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
