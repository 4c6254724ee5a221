"""The application: the only place that builds things and hands them over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.auth import FetchKeys, Verifier, published_keys
from gateway.config import Settings
from gateway.countries import Cell
from gateway.drain import closing
from gateway.edge import Edge
from gateway.endpoint import Endpoint, Receive, Scope, SendMessage
from gateway.errors import Code
from gateway.graphiql import router as graphiql
from gateway.operations import Operations
from gateway.planner import NodePlanner, PlanFailed, Planner, PlannerDown
from gateway.runner import Runner
from gateway.supergraph import PublicSchema, Supergraph
from gateway.telemetry import Log, Metrics, Tracing
from gateway.transport import HttpTransport, Transport

SUPERGRAPH_CHECK_SECONDS = 2.0
REACHABLE_SECONDS_MAX = 1.0


class Gateway:
    """One gateway process: an ASGI application."""

    def __init__(
        self,
        settings: Settings,
        *,
        planner: Planner | None = None,
        transport: Transport | None = None,
        fetch_keys: FetchKeys | None = None,
        log: Log | None = None,
    ) -> None:
        limits = settings.limits
        self.settings = settings
        self.metrics = Metrics(settings.build_commit)
        self._log = log or Log(settings.country, settings.log_level)
        self._tracing = Tracing(settings.otlp_endpoint, settings.country)
        self._planner = planner or NodePlanner(settings.node)
        self._transport = transport or HttpTransport(
            dict(settings.services),
            connections_max=limits.connections_per_service_max,
            waiting_max=limits.waiting_per_service_max,
            answer_bytes_max=limits.answer_bytes_max,
        )
        self._verifier = Verifier(
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            fetch_keys=fetch_keys or published_keys(settings.jwks_url),
            cached_tokens_max=limits.cached_tokens_max,
        )
        self.endpoint = Endpoint(
            settings,
            verifier=self._verifier,
            cell=Cell(
                settings.country,
                self._transport,
                seconds_max=limits.subgraph_seconds_max,
                metrics=self.metrics,
            ),
            runner=Runner(
                self.metrics, is_compiled=settings.is_compiled, variants_max=limits.condition_variants_max
            ),
            metrics=self.metrics,
            tracing=self._tracing,
            log=self._log,
        )
        self._edge = Edge(settings) if settings.is_edge else None
        self.is_draining = False
        self._web = self._web_application()

    async def __call__(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        """Answers GraphQL itself; the rest is FastAPI's. While it drains each answer ends its connection."""
        if self.is_draining and scope["type"] == "http":
            send = closing(send)
        if scope["type"] == "http" and scope["method"] == "POST":
            path: str = scope["path"]
            if path == "/graphql":
                return await self.endpoint(scope, receive, send, None)
            if _is_country_path(path):
                return await self.endpoint(scope, receive, send, path[3:-8])
        return await self._web(scope, receive, send)

    async def load(self) -> None:
        """Serves the supergraph of the file from now on; a bad one raises and the old one stays."""
        supergraph = Supergraph.of(self.settings.supergraph.read_text())
        served = self.endpoint.operations
        if served is not None and served.supergraph.key == supergraph.key:
            return
        schema = PublicSchema.of(await self._planner.load(supergraph))
        self.endpoint.operations = Operations(
            supergraph, schema, self._planner, self.settings.limits, is_local=self.settings.is_local
        )
        self._log.write("info", "supergraph loaded", key=supergraph.key)

    def _web_application(self) -> FastAPI:
        web = FastAPI(
            title="Partage gateway", lifespan=self._lifespan, docs_url=None, redoc_url=None, openapi_url=None
        )
        web.add_api_route("/startz", self._startz)
        web.add_api_route("/livez", self._livez)
        web.add_api_route("/readyz", self._readyz)
        web.add_api_route("/metrics", self._metrics_page)
        web.add_exception_handler(HTTPException, _http_refusal)
        if self.settings.is_local:
            web.include_router(graphiql)
        if self._edge is not None:
            web.include_router(self._edge.router)
        return web

    @contextlib.asynccontextmanager
    async def _lifespan(self, web: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(self._planner, NodePlanner):
                stack.push_async_callback(self._planner.stop)
            stack.callback(self._tracing.stop)
            stack.push_async_callback(self._transport.close)
            await self.load()
            await self._verifier.refresh()
            if self._edge is not None:
                await stack.enter_async_context(self._edge.running(web))
            watching = asyncio.create_task(self._watch())
            stack.push_async_callback(_stopped, watching)
            yield

    async def _watch(self) -> None:
        """Serves a new supergraph as soon as its file changes, and starts a planner that died."""
        seen = _changed_at(self.settings.supergraph)
        while True:
            await asyncio.sleep(SUPERGRAPH_CHECK_SECONDS)
            if not self._verifier.has_keys:
                await self._verifier.refresh()
            await self._revive_planner()
            changed = _changed_at(self.settings.supergraph)
            if changed is None or changed == seen:
                continue
            seen = changed
            try:
                await self.load()
            except (OSError, ValueError, PlanFailed, PlannerDown) as failure:
                self._log.write("error", "supergraph refused", failure=type(failure).__name__)

    async def _revive_planner(self) -> None:
        # Without a planner the gateway is not ready, is asked nothing, and would never need one again.
        served = self.endpoint.operations
        if served is None or not isinstance(self._planner, NodePlanner) or self._planner.is_running:
            return
        try:
            await self._planner.load(served.supergraph)
        except (OSError, PlanFailed, PlannerDown) as failure:
            self._log.write("error", "planner not started", failure=type(failure).__name__)

    async def _startz(self) -> Response:
        return _state(self.endpoint.operations is not None, "starting")

    async def _livez(self) -> Response:
        return _state(True, "")

    async def _readyz(self) -> Response:
        if self.is_draining:
            return _state(False, "draining")
        if self.endpoint.operations is None:
            return _state(False, "no supergraph")
        if isinstance(self._planner, NodePlanner) and not self._planner.is_running:
            return _state(False, "no planner")
        if not self._verifier.has_keys:
            return _state(False, "no keys of the token issuer")
        reachable = await asyncio.gather(*(_is_reachable(url) for url in self.settings.services.values()))
        return _state(any(reachable), "no service is reachable")

    async def _metrics_page(self) -> Response:
        if isinstance(self._planner, NodePlanner):
            self.metrics.planner(is_running=self._planner.is_running, starts=self._planner.starts)
        return Response(self.metrics.exposed(), media_type="text/plain; version=0.0.4; charset=utf-8")


def create_app(settings: Settings) -> Gateway:
    """The gateway of this process."""
    return Gateway(settings)


def _state(is_good: bool, otherwise: str) -> Response:
    return Response("ok" if is_good else otherwise, 200 if is_good else 503, media_type="text/plain")


def _is_country_path(path: str) -> bool:
    return path.startswith("/c/") and path.endswith("/graphql") and path.count("/") == 3


async def _http_refusal(request: Request, failure: Exception) -> Response:
    """A path or method that is not served, in the form of every other error."""
    assert isinstance(failure, HTTPException), "it is registered for no other"
    headers = dict(failure.headers or {})
    path = request.url.path
    # GraphiQL, where it is served, answers the same paths to GET; without it no route knows them.
    if (path == "/graphql" or _is_country_path(path)) and failure.status_code in (404, 405):
        allowed = {method.strip() for method in headers.get("Allow", "").split(",") if method.strip()}
        headers["Allow"] = ", ".join(sorted(allowed | {"POST"}))
        return _refusal(405, "Ask with POST.", headers)
    return _refusal(failure.status_code, str(failure.detail), headers)


def _refusal(status: int, message: str, headers: dict[str, str]) -> Response:
    code = Code.BAD_USER_INPUT if status < 500 else Code.INTERNAL
    return JSONResponse(
        {"errors": [{"message": message, "extensions": {"code": code.value}}]}, status, headers=headers
    )


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


async def _is_reachable(url: str) -> bool:
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(REACHABLE_SECONDS_MAX):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
            )
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
