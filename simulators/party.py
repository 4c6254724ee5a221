"""The house every simulated party lives in: its manners, its probes, its controls and its front door."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, generate_latest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.behavior import Behavior, Operation, Rule, TooManyRules, UnusableRule
from simulators.clock import Clock, instant_text
from simulators.store import Store

body_bytes_max = 16 * 1024 * 1024
silence_seconds = 60.0
PROBES = ("/livez", "/startz", "/readyz", "/metrics")
SIMULATED_HEADER = (b"x-simulated", b"true")
Answer = TypeVar("Answer")


class Problem(Exception):
    """An answer other than success, sent as RFC 9457 problem details."""

    def __init__(
        self,
        status: int,
        title: str,
        *,
        detail: str = "",
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors or []
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Manner:
    """How this request is to be treated, once the waiting is over."""

    outcome: str | None
    processing_ms: int | None
    reason: str | None
    is_answer_lost: bool

    def give(self, answer: Answer) -> Answer:
        """The answer, unless it is to be lost on its way after the work was done."""
        if self.is_answer_lost:
            raise Problem(504, "The answer was lost", detail="The request was carried out.")
        return answer


class Party:
    """One simulated outside party: its FastAPI app with probes, metrics and `/simulate/behavior`."""

    def __init__(
        self,
        *,
        name: str,
        title: str,
        explanation: str,
        store: Store,
        clock: Clock,
        operations: tuple[Operation, ...],
    ) -> None:
        self.name = name
        self.store = store
        self.clock = clock
        self.behavior = Behavior(store, operations)
        # The pages that FastAPI draws load scripts from elsewhere; /openapi.json says the same offline.
        self.app = FastAPI(
            title=f"{title} (simulated)", description=explanation, docs_url=None, redoc_url=None
        )
        self._about: dict[str, Any] = {
            "simulated": True,
            "party": name,
            "title": title,
            "explanation": explanation,
            "operations": [
                {
                    "operation": operation.name,
                    "match": sorted(operation.facts),
                    "outcomes": sorted(operation.outcomes),
                }
                for operation in operations
            ],
            "controls": "POST, GET and DELETE /simulate/behavior",
            "documentation": "/openapi.json",
        }
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "simulator_requests",
            "Requests answered by a simulated party",
            ["party", "route", "status"],
            registry=self._registry,
        )
        self._add_handlers()
        self._add_probes()
        self._add_controls()
        self.asgi: ASGIApp = _FrontDoor(self.app, name, self._requests)

    async def meet(self, operation: str, **facts: str) -> Manner:
        """Finds the rule for this request, waits as long as it says and breaks if it says so."""
        rule = self.behavior.toward(operation, **facts)
        if rule.latency_ms:
            await self.clock.sleep(rule.latency_ms / 1000)
        if rule.fault == "error":
            raise Problem(500, "The party broke down")
        if rule.fault == "busy":
            raise Problem(503, "The party is too busy", headers={"Retry-After": "1"})
        if rule.fault == "silence":
            await self.clock.sleep(silence_seconds)
            raise Problem(504, "The party kept silent")
        return Manner(
            outcome=rule.outcome,
            processing_ms=rule.processing_ms,
            reason=rule.reason,
            is_answer_lost=rule.fault == "lost_answer",
        )

    def _add_handlers(self) -> None:
        @self.app.exception_handler(Problem)
        async def on_problem(_request: Request, problem: Problem) -> Response:
            return _problem_response(problem)

        @self.app.exception_handler(RequestValidationError)
        async def on_malformed_request(_request: Request, error: RequestValidationError) -> Response:
            return _problem_response(
                Problem(422, "The request is malformed", errors=validation_errors(error.errors()))
            )

        @self.app.exception_handler(HTTPException)
        async def on_refused_by_the_framework(_request: Request, error: HTTPException) -> Response:
            return _problem_response(Problem(error.status_code, str(error.detail), headers=error.headers))

    def _add_probes(self) -> None:
        @self.app.get("/", tags=["about"])
        async def about() -> dict[str, Any]:
            return self._about

        @self.app.get("/livez", tags=["probes"])
        @self.app.get("/startz", tags=["probes"])
        async def is_running() -> dict[str, Any]:
            return {"status": "ok", "simulated": True}

        @self.app.get("/readyz", tags=["probes"])
        async def is_ready() -> dict[str, Any]:
            if not self.store.is_alive():
                raise Problem(503, "The store does not answer")
            return {"status": "ok", "simulated": True}

        @self.app.get("/metrics", tags=["probes"])
        async def metrics() -> Response:
            return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4")

    def _add_controls(self) -> None:
        @self.app.post("/simulate/behavior", status_code=201, tags=["simulate"])
        async def behave(rule: Rule) -> dict[str, Any]:
            try:
                return {"id": self.behavior.add(rule), "simulated": True}
            except UnusableRule as error:
                raise Problem(
                    422,
                    "No operation of this party could obey this rule",
                    detail=f"Known operations, facts and outcomes: {json.dumps(self._about['operations'])}",
                ) from error
            except TooManyRules as error:
                raise Problem(409, "Too many rules; delete some first") from error

        @self.app.get("/simulate/behavior", tags=["simulate"])
        async def list_behavior() -> dict[str, Any]:
            return {"rules": self.behavior.rules(), "simulated": True}

        @self.app.delete("/simulate/behavior", tags=["simulate"])
        async def behave_well() -> dict[str, Any]:
            return {"deleted": self.behavior.forget(), "simulated": True}

        @self.app.delete("/simulate/behavior/{rule_id}", tags=["simulate"])
        async def forget_rule(rule_id: int) -> dict[str, Any]:
            return {"deleted": self.behavior.forget(rule_id), "simulated": True}


def validation_errors(errors: Any) -> list[dict[str, str]]:
    """Where and why a body is malformed, without repeating what it said."""
    return [
        {"path": ".".join(str(part) for part in error["loc"]), "message": str(error["msg"])}
        for error in list(errors)[:50]
    ]


def _problem_response(problem: Problem) -> JSONResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "simulated": True,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    return JSONResponse(
        body,
        status_code=problem.status,
        media_type="application/problem+json",
        headers=dict(problem.headers or {}),
    )


class _FrontDoor:
    """Stamps every answer as simulated, refuses oversized bodies, counts and logs."""

    def __init__(self, app: ASGIApp, party: str, requests: Counter) -> None:
        self._app = app
        self._party = party
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        received_bytes = 0
        begun = time.monotonic()

        async def receive_at_most() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > body_bytes_max:
                raise HTTPException(413, f"The body is larger than {body_bytes_max} bytes")
            return message

        async def send_stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), SIMULATED_HEADER]
            await send(message)

        try:
            await self._app(scope, receive_at_most, send_stamped)
        finally:
            # The route, never the path: a path may hold an account number.
            route = getattr(scope.get("route"), "path", "unmatched")
            self._requests.labels(self._party, route, str(status)).inc()
            if route not in PROBES or status != 200:
                log(
                    self._party,
                    "request answered",
                    method=scope["method"],
                    route=route,
                    status=status,
                    duration_ms=round((time.monotonic() - begun) * 1000),
                    request_id=_header(scope, b"x-request-id"),
                )


def log(party: str, message: str, **facts: object) -> None:
    """One JSON object on one line of stderr; never personal data."""
    line = {
        "ts": instant_text(Clock().now()),
        "level": "info",
        "service": "simulators",
        "process": party,
        "msg": message,
    }
    print(json.dumps(line | facts), file=sys.stderr, flush=True)  # noqa: T201  the log is stderr


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value[:100], "latin-1")
    return None
