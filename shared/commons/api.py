"""Run a service's api process: GraphQL, the health questions, and what routes the service has beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, cast

import httpx
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from typing_extensions import TypeVar

from commons import logs, telemetry
from commons.auth import KeySet, Verifier
from commons.claims import Claims
from commons.clock import REAL_CLOCK, Clock
from commons.context import Ctx
from commons.country import Country, load_country
from commons.database import Pools, create_pools
from commons.drain import Application, DrainingServer
from commons.graphql.asgi import PATH, Asgi, GraphQL, beside
from commons.graphql.schema import Schema
from commons.health import Health
from commons.migrate import COMMONS_API, COMMONS_MESSAGING, shows_migrations
from commons.set_back import why_it_must_wait
from commons.settings import Settings

OUTGOING_TIMEOUT_SECONDS: Final = 10.0
CONCURRENT_REQUESTS_MAX: Final = 500
SHUTDOWN_SECONDS_MAX: Final = 15
STARTUP_FAILED: Final = 3

S = TypeVar("S", default=Any)

OpenService = Callable[[Settings, Pools], AbstractAsyncContextManager[Any]]
"""Builds the service's own object of settings and adapters, which capabilities find in `ctx.service`."""


@dataclass(frozen=True, slots=True)
class Cell(Generic[S]):
    """What the process has built: for routes beside GraphQL, which find it with `cell_of(request)`."""

    country: Country
    pools: Pools
    verifier: Verifier
    service: S
    clock: Clock = REAL_CLOCK

    def ctx(self, who: Claims, request_id: str) -> Ctx[S]:
        """The circumstances of a request for reading; `ctx.inside(db)` for a transaction."""
        return Ctx(
            country=self.country,
            who=who,
            request_id=request_id,
            service=self.service,
            read=self.pools.read,
            clock=self.clock,
        )


def create_api(
    settings: Settings,
    *,
    name: str,
    schema: Schema,
    migrations: Sequence[Path],
    open_service: OpenService | None = None,
    routers: Sequence[APIRouter] = (),
    sections: tuple[str, ...] = ("country",),
    clock: Clock = REAL_CLOCK,
) -> Application:
    """The api process of a service as an ASGI application.

    `migrations` are the service's own; with those of this library they decide whether the process is ready.
    `sections` are the files of the country that the service cannot do without.
    `routers` are paths beside GraphQL, for signed links and the like: they check who is asking themselves.
    """
    graphql: GraphQL | None = None
    health = Health()
    folders = [COMMONS_MESSAGING, COMMONS_API, *migrations]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        nonlocal graphql
        country = load_country(settings.country, need=sections, folder=settings.countries_dir)
        pools = await create_pools(settings.database_url, f"{name} api")
        try:
            async with (
                httpx.AsyncClient(timeout=OUTGOING_TIMEOUT_SECONDS) as http,
                (open_service or _nothing)(settings, pools) as service,
            ):
                async with pools.write.acquire() as db:
                    await settings.check_database(db)
                verifier = Verifier(
                    issuer=settings.jwt_issuer,
                    audience=settings.jwt_audience,
                    country=country.upper,
                    keys=KeySet(settings.jwks_url, http),
                )
                app.state.cell = Cell(country, pools, verifier, service, clock)
                graphql = GraphQL(
                    schema,
                    name=name,
                    country=country,
                    verifier=verifier,
                    pools=pools,
                    service=service,
                    clock=clock,
                )
                health.checks["schema"] = lambda: _is_migrated(pools, folders)
                health.checks["history"] = lambda: _is_whole(pools, name, settings.database_generation)
                health.started = True
                gc.freeze()  # the process begins without a collector: commons.process
                gc.enable()
                yield
                health.draining = True
        finally:
            await pools.close()

    app = FastAPI(title=name, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for path in ("/startz", "/readyz", "/livez", "/metrics"):
        app.add_api_route(path, _answer(health), methods=["GET"])
    for router in routers:
        app.include_router(router)
    app.add_api_route("/", _landing(name), methods=["GET"])
    return Application(beside(lambda: graphql, cast(Asgi, app)), health)


def run_api(settings: Settings, application: Application, *, name: str) -> None:
    """Serve until told to stop. One worker a process: scale by processes."""
    logs.set_up(name, "api", country=settings.country, level=settings.log_level)
    telemetry.set_up(name, "api", settings.otel_exporter_otlp_endpoint)
    config = uvicorn.Config(
        cast(Any, application),
        interface="asgi3",
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        limit_concurrency=CONCURRENT_REQUESTS_MAX,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
    )
    server = DrainingServer(config, application.health, drain_seconds=settings.drain_seconds)
    server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILED)


def cell_of(request: Request) -> Cell[Any]:
    """What the process has built, for a route beside GraphQL."""
    found = request.app.state.cell
    assert isinstance(found, Cell), "the lifespan sets it"
    return found


def _nothing(settings: Settings, pools: Pools) -> AbstractAsyncContextManager[None]:
    return nullcontext()


async def _is_migrated(pools: Pools, folders: Sequence[Path]) -> bool:
    async with pools.read.acquire() as db:
        return await shows_migrations(db, folders)


async def _is_whole(pools: Pools, name: str, generation: int) -> bool:
    async with pools.read.acquire() as db:
        return await why_it_must_wait(db, name, generation) is None


def _answer(health: Health) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        status, body, content_type = await health.answer(request.url.path)
        return Response(body, status_code=status.value, headers={"content-type": content_type})

    return answer


def _landing(name: str) -> Callable[[], PlainTextResponse]:
    def landing() -> PlainTextResponse:
        return PlainTextResponse(f"{name}: POST {PATH}\n")

    return landing
