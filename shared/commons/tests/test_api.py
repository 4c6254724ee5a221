"""The api process as a whole: what it serves beside GraphQL, when it is ready, that it verifies tokens itself."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import APIRouter, Request

from commons.api import Cell, cell_of, create_api
from commons.claims import ANONYMOUS
from commons.database import Pools
from commons.migrate import COMMONS_LEDGER
from commons.settings import Settings
from commons.tests.lending_library import TABLES, schema

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = httpx.AsyncClient  # the test's own; the process gets one that reaches the issuer only

router = APIRouter()


@router.get("/orders/{link}")
async def show_order(link: str, request: Request) -> dict[str, Any]:
    cell: Cell[str] = cell_of(request)
    ctx = cell.ctx(ANONYMOUS, "r1")
    return {
        "link": link,
        "service": ctx.service,
        "books": await ctx.read.fetchval("select count(*) from book"),
    }


@asynccontextmanager
async def open_service(settings: Settings, pools: Pools) -> AsyncIterator[str]:
    yield f"service of {settings.country}"


@asynccontextmanager
async def started(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue(2)
    answered: asyncio.Queue[dict[str, Any]] = asyncio.Queue(2)
    running = asyncio.create_task(
        application({"type": "lifespan", "asgi": {"version": "3.0"}}, to_app.get, answered.put)
    )
    await to_app.put({"type": "lifespan.startup"})
    message = await asyncio.wait_for(answered.get(), 20)
    assert message["type"] == "lifespan.startup.complete", message
    async with CLIENT(transport=httpx.ASGITransport(application), base_url="http://api") as client:
        yield client
    await to_app.put({"type": "lifespan.shutdown"})
    await asyncio.wait_for(answered.get(), 20)
    await running


def opened(settings: Settings, **more: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return started(
        create_api(
            settings, name="library", schema=schema, open_service=open_service, routers=[router], **more
        )
    )


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    public = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"keys": [public]}))
    monkeypatch.setattr("commons.api.httpx.AsyncClient", lambda **_: CLIENT(transport=transport))
    return Settings(
        country="be",
        database_url=database_url,
        kafka_bootstrap="127.0.0.1:1",
        http_port=0,
        jwt_issuer="https://id",
        jwks_url="http://id/jwks",
        profile="local",
    )


def a_token(**changes: Any) -> str:
    payload = {
        "iss": "https://id",
        "aud": "partage",
        "sub": "lies",
        "exp": int(time.time()) + 60,
        "roles": ["librarian"],
        "countries": ["BE"],
        **changes,
    }
    return "Bearer " + jwt.encode(payload, KEY, "RS256", headers={"kid": "k"})


async def test_the_process_answers_graphql_health_and_its_own_routes(
    settings: Settings, pools: Pools
) -> None:
    await pools.write.execute(TABLES)
    async with opened(settings, migrations=[COMMONS_LEDGER]) as client:
        for path, text in (("/startz", "started"), ("/readyz", "ready"), ("/livez", "live")):
            assert (await client.get(path)).text.strip() == text
        assert "capability_seconds" in (await client.get("/metrics")).text
        assert (await client.get("/")).text == "library: POST /graphql\n"
        assert (await client.get("/graphql")).status_code == 405
        assert (await client.get("/openapi.json")).status_code == 404
        order = (await client.get("/orders/abc")).json()
        assert order == {"link": "abc", "service": "service of be", "books": 0}

        ask = {"query": "{ loans { id } }"}
        answers = {
            name: await client.post("/graphql", json=ask, headers={"x-country": "BE", **headers})
            for name, headers in {
                "good": {"authorization": a_token()},
                "anonymous": {},
                "expired": {"authorization": a_token(exp=1)},
                "foreign": {"authorization": a_token(countries=["FR"])},
            }.items()
        }
        assert answers["good"].json() == {"data": {"loans": []}}
        codes = {
            name: (answer.status_code, answer.json()["errors"][0]["extensions"]["code"])
            for name, answer in answers.items()
            if name != "good"
        }
        assert codes == {
            "anonymous": (200, "UNAUTHENTICATED"),
            "expired": (401, "UNAUTHENTICATED"),
            "foreign": (403, "COUNTRY_MISMATCH"),
        }


async def test_a_process_with_an_old_database_is_not_ready(settings: Settings, tmp_path: Any) -> None:
    (tmp_path / "0001_expand_more.sql").write_text("create table more (id int primary key);")
    async with opened(settings, migrations=[tmp_path]) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text.strip()) == (503, "schema fails")
