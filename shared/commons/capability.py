"""One decorator for everything one can ask for: a span, a duration, an outcome, a log line."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from opentelemetry.trace import Span, Status, StatusCode

from commons.context import Ctx
from commons.refusal import Refusal
from commons.telemetry import CAPABILITY_SECONDS, tracer

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Ctx[Any])

log = logging.getLogger("capability")


def capability(
    function: Callable[Concatenate[C, P], Awaitable[R]],
) -> Callable[Concatenate[C, P], Coroutine[Any, Any, R]]:
    """Make a function a capability: `async def issue_invoice(ctx: Ctx, *, invoice_id: UUID) -> InvoiceRow`.

    Its span has the function's name. A refusal is an outcome, not an error: it is an attribute of the span
    and never sets it to failed. Arguments are not recorded: they may be personal data.
    """
    name = getattr(function, "__name__", "capability")

    @functools.wraps(function)
    async def measured(ctx: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        started = time.perf_counter()
        with tracer().start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            outcome = "ok"
            code: str | None = None
            try:
                return await function(ctx, *args, **kwargs)
            except Refusal as refusal:
                outcome, code = "refused", refusal.code
                span.set_attribute("refusal", code)
                raise
            except BaseException as error:
                outcome = "failed"
                _fail(span, error)
                raise
            finally:
                seconds = time.perf_counter() - started
                CAPABILITY_SECONDS.labels(name, outcome).observe(seconds)
                span.set_attribute("outcome", outcome)
                log.info(
                    name,
                    extra={
                        "capability": name,
                        "outcome": outcome,
                        "code": code,
                        "milliseconds": round(seconds * 1000, 2),
                        "request_id": ctx.request_id,
                        "country": ctx.country.code,
                    },
                )

    return measured


def _fail(span: Span, error: BaseException) -> None:
    # the class only: messages of database errors quote values
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
