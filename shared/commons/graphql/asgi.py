"""POST /graphql as a bare ASGI callable; every other path goes to the application beside it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeGuard, cast

import orjson
from graphql import ExecutionResult, execute
from opentelemetry import propagate
from opentelemetry.trace import SpanKind
from strawberry.execution import optimized_is_awaitable

from commons.auth import KeysUnavailable, Rejected, Verifier, WrongCell
from commons.claims import Claims
from commons.clock import REAL_CLOCK, Clock
from commons.context import Ctx
from commons.country import Country
from commons.database import Pools
from commons.graphql import errors
from commons.graphql.documents import Documents, Limits
from commons.graphql.errors import Fault, public_errors
from commons.graphql.hiding import without_values
from commons.graphql.request import Request
from commons.graphql.schema import Schema
from commons.telemetry import tracer
from commons.uuid7 import uuid7

PATH: Final = "/graphql"
BODY_BYTES_MAX: Final = 1_048_576
BODY_TIMEOUT_SECONDS: Final = 10.0
REQUEST_TIMEOUT_SECONDS: Final = 30.0

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_GRAPHQL = b"application/graphql-response+json"
_JSON = b"application/json"
_IS_AWAITABLE: Final = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)

log = logging.getLogger("access")


class GraphQL:
    """Answers POST /graphql for one service of one country's cell."""

    def __init__(
        self,
        schema: Schema,
        *,
        name: str,
        country: Country,
        verifier: Verifier,
        pools: Pools,
        service: object = None,
        wake: Callable[[], None] | None = None,
        clock: Clock = REAL_CLOCK,
        limits: Limits | None = None,
    ) -> None:
        self._schema = schema
        self._documents = Documents(schema.graphql, limits or Limits())
        self._name = name
        self._country = country
        self._cell = country.upper.encode()
        self._verifier = verifier
        self._pools = pools
        self._service = service
        self._wake = wake
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
        started = time.perf_counter()
        with tracer().start_as_current_span(
            "POST /graphql", context=propagate.extract(_texts(headers)), kind=SpanKind.SERVER
        ):
            status, answer = await self._answer(scope, headers, receive, request_id)
        body = orjson.dumps(answer)
        content_type = _GRAPHQL if _GRAPHQL in headers.get(b"accept", b"") else _JSON
        response_headers = [
            (b"content-type", content_type),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id.encode()),
        ]
        if status == 405:
            response_headers.append((b"allow", b"POST"))
        await send({"type": "http.response.start", "status": status, "headers": response_headers})
        await send({"type": "http.response.body", "body": body})
        codes = sorted({error["extensions"]["code"] for error in answer.get("errors", ())})
        log.info(
            "POST /graphql",
            extra={
                "status": status,
                "milliseconds": round((time.perf_counter() - started) * 1000, 2),
                "request_id": request_id,
                "country": self._country.code,
                "errors": codes,
            },
        )

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: str
    ) -> tuple[int, dict[str, Any]]:
        try:
            if scope["method"] != "POST":
                raise Fault(errors.BAD_USER_INPUT, "Ask with POST.", 405)
            body = await _body(headers, receive)
            self._check_country(headers)
            who = await self._who(headers)
            async with asyncio.timeout(REQUEST_TIMEOUT_SECONDS):
                return await self._execute(body, headers, who, request_id)
        except Fault as fault:
            return fault.status, self._failure(fault, request_id)
        except TimeoutError:
            return 503, self._failure(Fault(errors.TIMEOUT, "This took too long."), request_id)
        except Exception:
            logging.getLogger(__name__).exception(
                "unexpected error in a request", extra={"request_id": request_id}
            )
            return 500, self._failure(Fault(errors.INTERNAL, "Unexpected error"), request_id)

    async def _execute(
        self, body: bytes, headers: dict[bytes, bytes], who: Claims, request_id: str
    ) -> tuple[int, dict[str, Any]]:
        text, variables, operation_name = _read(body, headers)
        try:
            document = self._documents.get(text)
        except Fault as fault:
            raise Fault(fault.code, without_values(fault.message, text, variables), fault.status) from None
        ctx = Ctx(
            country=self._country,
            who=who,
            request_id=request_id,
            service=self._service,
            read=self._pools.read,
            clock=self._clock,
            wake=self._wake,
        )
        executed = execute(
            self._schema.graphql,
            document,
            context_value=Request(ctx, self._pools.write),
            variable_values=variables,
            operation_name=operation_name,
            executor_class=self._schema.execution_context_class,
            is_awaitable=_IS_AWAITABLE,
            hide_suggestions=True,
            operation_extensions=None,
        )
        result = executed if isinstance(executed, ExecutionResult) else await executed
        if not result.errors:
            return 200, {"data": result.data}
        shown = public_errors(
            result.errors, service=self._name, country=self._country.upper, request_id=request_id
        )
        if result.data is None and not any(error.path for error in result.errors):
            for error in shown:
                error["message"] = without_values(error["message"], text, variables)
            return 400, {"errors": shown}  # a request error: nothing was executed
        return 200, {"data": result.data, "errors": shown}

    def _check_country(self, headers: dict[bytes, bytes]) -> None:
        asked = headers.get(b"x-country")
        if asked is None:
            raise Fault(errors.COUNTRY_REQUIRED, "Say which country is asked: X-Country.")
        if asked.upper() != self._cell:
            raise Fault(errors.COUNTRY_MISMATCH, "This is the cell of another country.", 403)

    async def _who(self, headers: dict[bytes, bytes]) -> Claims:
        try:
            return await self._verifier.claims(headers.get(b"authorization"))
        except WrongCell:
            raise Fault(errors.COUNTRY_MISMATCH, "The token is not for this country.", 403) from None
        except Rejected as rejected:
            log.info("token rejected", extra={"reason": str(rejected)})
            raise Fault(errors.UNAUTHENTICATED, "The token is not accepted.", 401) from None
        except KeysUnavailable:
            raise Fault(errors.SUBGRAPH_UNAVAILABLE, "Tokens cannot be verified now.", 503) from None

    def _failure(self, fault: Fault, request_id: str) -> dict[str, Any]:
        marks = {"service": self._name, "country": self._country.upper, "requestId": request_id}
        return {"errors": [{"message": fault.message, "extensions": {"code": fault.code, **marks}}]}


def beside(graphql: Callable[[], Asgi | None], other: Asgi) -> Asgi:
    """The GraphQL path in front of another application, once there is something to answer it."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        found = graphql() if scope["type"] == "http" and scope["path"] == PATH else None
        await (found or other)(scope, receive, send)

    return application


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    too_large = Fault(errors.BAD_USER_INPUT, f"A request has at most {BODY_BYTES_MAX} bytes.", 413)
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > BODY_BYTES_MAX:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Fault(errors.BAD_USER_INPUT, "The request ended early.")
                part = message.get("body", b"")
                size += len(part)
                if size > BODY_BYTES_MAX:
                    raise too_large
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise Fault(errors.TIMEOUT, "The request came too slowly.", 408) from None


def _read(body: bytes, headers: dict[bytes, bytes]) -> tuple[str, dict[str, Any] | None, str | None]:
    if not headers.get(b"content-type", b"").lower().startswith(_JSON):
        raise Fault(errors.BAD_USER_INPUT, "Send application/json.", 415)
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Fault(errors.BAD_USER_INPUT, "The body is not JSON.") from None
    if not isinstance(asked, dict):
        raise Fault(errors.BAD_USER_INPUT, "Send one request as an object; there are no batches.")
    text, variables, name = asked.get("query"), asked.get("variables"), asked.get("operationName")
    if not isinstance(text, str):
        raise Fault(errors.BAD_USER_INPUT, "The request has no query.")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Fault(errors.BAD_USER_INPUT, "variables is an object, operationName a text.")
    return text, variables, name


def _texts(headers: dict[bytes, bytes]) -> dict[str, str]:
    return {
        name: headers[raw].decode("latin-1")
        for name, raw in (("traceparent", b"traceparent"), ("tracestate", b"tracestate"))
        if raw in headers
    }
