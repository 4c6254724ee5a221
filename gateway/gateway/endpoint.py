"""GraphQL over HTTP: one bare ASGI callable from the request's bytes to the answer's."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import msgspec
import orjson

from gateway.auth import Claims, Verifier
from gateway.config import Settings
from gateway.countries import Asked, Cell, check_country, check_named_country
from gateway.errors import Code, ErrorBody, Origin, RequestRefused, codes_of, outcome_of
from gateway.executor import Answers, Wave
from gateway.limits import check_variables
from gateway.operations import OPERATION_NAME_LENGTH_MAX, Operation, Operations
from gateway.planner import PlannerDown
from gateway.runner import Result, Runner
from gateway.telemetry import Log, Metrics, Span, Tracing, random_hex
from gateway.visitors import Visitors

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
SendMessage = Callable[[MutableMapping[str, Any]], Awaitable[None]]

RESPONSE_JSON = b"application/graphql-response+json"
LEGACY_JSON = b"application/json"
BODY_SECONDS_MAX = 10.0
RETRY_AFTER_SECONDS = 1
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")


class _Body(msgspec.Struct):
    query: str
    operationName: str | None = None  # the name that GraphQL over HTTP gives it
    variables: msgspec.Raw = msgspec.Raw(b"null")


class _Head(NamedTuple):
    authorization: bytes | None
    accept: bytes
    content_type: bytes
    content_length: int
    is_encoded: bool
    host: str
    country: str | None
    request_id: str
    traceparent: str | None
    forwarded_for: bytes


_read_body = msgspec.json.Decoder(_Body).decode
_NO_VARIABLES = (b"null", b"{}")
_read_variables = msgspec.json.Decoder(dict[str, Any] | None).decode


class Endpoint:
    """Answers POST requests to the GraphQL route. `operations` is replaced when the supergraph changes."""

    def __init__(
        self,
        settings: Settings,
        *,
        verifier: Verifier,
        cell: Cell,
        runner: Runner,
        metrics: Metrics,
        tracing: Tracing,
        log: Log,
    ) -> None:
        self._settings = settings
        self._limits = settings.limits
        self._verifier = verifier
        self._cell = cell
        self._runner = runner
        self._metrics = metrics
        self._tracing = tracing
        self._log = log
        self._visitors = Visitors(settings)
        self._in_flight = 0
        self.operations: Operations | None = None

    async def __call__(
        self, scope: Scope, receive: Receive, send: SendMessage, path_country: str | None
    ) -> None:
        """Answers one request."""
        started = time.perf_counter()
        head = _head(scope)
        span = self._tracing.started(head.traceparent)
        origin = Origin(self._settings.country, head.request_id)
        operation: Operation | None = None
        errors: list[ErrorBody] = []
        outcome, status, retry_after = "ok", 200, None
        self._in_flight += 1
        try:
            if self._in_flight > self._limits.requests_in_flight_max:
                raise RequestRefused(
                    Code.RATE_LIMITED, "Too many requests at once.", retry_after_seconds=RETRY_AFTER_SECONDS
                )
            claims = await self._claims(head, path_country)
            if claims is None:
                self._visitors.admit((scope.get("client") or ("",))[0], head.forwarded_for)
            operation, given = await self._operation(head, receive, is_anonymous=claims is None)
            if (
                claims is None
                and not operation.is_public
                and not (operation.is_introspection and self._settings.is_local)
            ):
                raise RequestRefused(Code.UNAUTHENTICATED, "A token is required.")
            result = await self._result(operation, given, head, origin, span)
            payload, errors = result
            if errors:
                outcome = outcome_of(codes_of(errors))
        except RequestRefused as refusal:
            outcome, retry_after = outcome_of([refusal.code]), refusal.retry_after_seconds
            errors = refusal.errors(head.request_id, self._settings.country)
            payload = orjson.dumps({"errors": errors})
            is_legacy = _content_type(head) is LEGACY_JSON
            status = 200 if is_legacy and not refusal.is_of_transport else refusal.status
        except PlannerDown:
            outcome, status = "failed", 503
            payload, errors = self._failed(origin, "planner_down")
        except Exception as failure:
            outcome, status = "failed", 500
            payload, errors = self._failed(origin, type(failure).__name__)
        finally:
            self._in_flight -= 1
        kind = operation.kind if operation is not None else "unknown"
        seconds = time.perf_counter() - started
        self._metrics.request(kind, outcome, seconds)
        span.end(outcome)
        if self._settings.is_access_log_on:
            self._log.write(
                "info",
                "request",
                request_id=head.request_id,
                operation=operation.name if operation is not None else None,
                kind=kind,
                outcome=outcome,
                status=status,
                duration_ms=round(seconds * 1000, 2),
                codes=codes_of(errors),
            )
        await _answer(send, head, status, payload, retry_after)

    async def _claims(self, head: _Head, path_country: str | None) -> Claims | None:
        asked = Asked(head.host, path_country, head.country)
        if head.authorization is None:
            # A client with a signed link has no token; GraphiQL asks for the schema before it has one.
            check_named_country(self._settings.country, asked)
            return None
        claims = self._verifier.remembered(head.authorization) or await self._verifier.verified(
            head.authorization
        )
        check_country(self._settings.country, asked, claims)
        return claims

    async def _operation(
        self, head: _Head, receive: Receive, *, is_anonymous: bool
    ) -> tuple[Operation, msgspec.Raw]:
        if self.operations is None:
            raise RequestRefused(Code.INTERNAL, "The gateway is starting.", status=503)
        if not head.content_type.startswith(LEGACY_JSON) or head.is_encoded:
            raise RequestRefused(Code.BAD_USER_INPUT, "Send the request as application/json.", status=415)
        body = await self._body(head, receive)
        if body.lstrip()[:1] == b"[":
            raise RequestRefused(Code.BAD_USER_INPUT, "Send one operation a request.", status=400)
        try:
            asked = _read_body(body)
        except UnicodeDecodeError:
            raise RequestRefused(Code.BAD_USER_INPUT, "The request is not UTF-8.", status=400) from None
        except (msgspec.DecodeError, RecursionError):
            raise RequestRefused(
                Code.BAD_USER_INPUT, "The request is not a GraphQL request in JSON.", status=400
            ) from None
        name = asked.operationName or None
        if name is not None and len(name) > OPERATION_NAME_LENGTH_MAX:
            raise RequestRefused(Code.BAD_USER_INPUT, "The operation's name is too long.")
        operation = self.operations.kept(asked.query, name)
        self._metrics.document("kept" if operation is not None else "new")
        if operation is None:
            operation = await self.operations.prepared(asked.query, name, is_anonymous=is_anonymous)
        return operation, asked.variables

    async def _body(self, head: _Head, receive: Receive) -> bytes:
        if head.content_length > self._limits.body_bytes_max:
            raise RequestRefused(Code.BAD_USER_INPUT, "The request is too large.", status=413)
        message = await _received(receive)
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if len(body) > self._limits.body_bytes_max:
                raise RequestRefused(Code.BAD_USER_INPUT, "The request is too large.", status=413)
            return body
        parts = bytearray(body)
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                while message.get("more_body"):
                    message = await _received(receive)
                    parts += message.get("body", b"")
                    if len(parts) > self._limits.body_bytes_max:
                        raise RequestRefused(Code.BAD_USER_INPUT, "The request is too large.", status=413)
        except TimeoutError:
            raise RequestRefused(Code.TIMEOUT, "The request did not arrive in time.", status=408) from None
        return bytes(parts)

    async def _result(
        self, operation: Operation, given: msgspec.Raw, head: _Head, origin: Origin, span: Span
    ) -> Result:
        variables = self._variables(operation, given)
        span.named(f"{operation.kind} {operation.name or 'anonymous'}")
        headers = _subgraph_headers(head, self._settings.country, span.traceparent)
        deadline = asyncio.get_running_loop().time() + self._limits.request_seconds_max

        async def send(wave: Wave) -> Answers:
            return await self._cell.send(wave, headers, deadline, span)

        return await self._runner.run(operation, variables, origin, send)

    def _variables(self, operation: Operation, given: msgspec.Raw) -> dict[str, Any]:
        if not operation.definition.variable_definitions:
            if bytes(given) not in _NO_VARIABLES:
                _read_object(given)
            return {}
        if operation.read_variables is not None:
            fitting = operation.read_variables(bytes(given))
            if fitting is not None:
                return fitting
        values = _read_object(given)
        if values:
            check_variables(values, self._limits)
        return operation.coerced(values or {})

    def _failed(self, origin: Origin, reason: str) -> tuple[bytes, list[ErrorBody]]:
        self._log.write("error", "request failed", request_id=origin.request_id, failure=reason)
        errors = [origin.error(Code.INTERNAL, "The gateway could not answer.", ())]
        return orjson.dumps({"errors": errors}), errors


def _read_object(given: msgspec.Raw) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] | None = _read_variables(given)
        return values
    except UnicodeDecodeError:
        message = "The variables are not UTF-8."
    except msgspec.ValidationError as fault:
        # JSON has no largest number, Python's reader has: 4,300 digits, or 1e308.
        is_number = "out of range" in str(fault)
        message = (
            "The variables hold a number out of range." if is_number else "The variables are not an object."
        )
    except (msgspec.DecodeError, RecursionError):
        message = "The variables are not readable as JSON."
    raise RequestRefused(Code.BAD_USER_INPUT, message, status=400)


def _head(scope: Scope) -> _Head:
    authorization: bytes | None = None
    accept = content_type = host = b""
    country = request_id = traceparent = None
    forwarded_for = b""
    content_length, is_encoded = 0, False
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"content-type":
            content_type = value.lower()
        elif name == b"accept":
            accept = value
        elif name == b"host":
            host = value
        elif name == b"content-length":
            content_length = int(value) if value.isdigit() else 0
        elif name == b"content-encoding":
            is_encoded = value.lower() != b"identity"
        elif name == b"x-country":
            country = value.decode("latin-1")
        elif name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            request_id = value.decode("ascii")
        elif name == b"traceparent":
            traceparent = value.decode("latin-1")
        elif name == b"x-forwarded-for":
            forwarded_for += b"," + value if forwarded_for else value
    return _Head(
        authorization,
        accept,
        content_type,
        content_length,
        is_encoded,
        host.decode("latin-1"),
        country,
        request_id or random_hex(16),
        traceparent,
        forwarded_for,
    )


def _subgraph_headers(head: _Head, country: str, traceparent: str) -> bytes:
    """The headers of every call of the request: the caller's own token, and no word of ours on who it is."""
    token = b"" if head.authorization is None else b"authorization: %s\r\n" % head.authorization
    return token + b"x-request-id: %s\r\nx-country: %s\r\ntraceparent: %s\r\n" % (
        head.request_id.encode("ascii"),
        country.encode("ascii"),
        traceparent.encode("ascii"),
    )


async def _received(receive: Receive) -> MutableMapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise RequestRefused(Code.BAD_USER_INPUT, "The request ended early.", status=400)
    return message


def _content_type(head: _Head) -> bytes:
    is_legacy = LEGACY_JSON in head.accept and RESPONSE_JSON not in head.accept
    return LEGACY_JSON if is_legacy else RESPONSE_JSON


async def _answer(
    send: SendMessage, head: _Head, status: int, payload: bytes, retry_after_seconds: int | None
) -> None:
    headers = [
        (b"content-type", _content_type(head) + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(payload)),
        (b"cache-control", b"no-store"),
        (b"x-request-id", head.request_id.encode("ascii")),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if retry_after_seconds is not None:
        headers.append((b"retry-after", b"%d" % retry_after_seconds))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": payload})
