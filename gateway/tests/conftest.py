"""Fixtures of the gateway's tests: a real planner, real subgraphs, a gateway over real HTTP."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from strawberry.asgi import GraphQL

# From the root of the repository pytest takes this folder's parent for the package of the same name.
if getattr(sys.modules.get("gateway"), "__file__", None) is None:
    sys.modules.pop("gateway", None)
    importlib.import_module("gateway")

from gateway.app import Gateway
from gateway.compose import compose
from gateway.config import Limits, Settings
from gateway.node_binary import NodeMissing, node_binary
from gateway.planner import PROGRAM, NodePlanner
from gateway.telemetry import Log
from gateway.testing import invoicing, members
from gateway.testing.issuer import AUDIENCE, ISSUER, Issuer
from gateway.testing.serving import Recording, serving
from gateway.testing.stack import MakeStack, Stack


@pytest.fixture(scope="session")
def node() -> str:
    if not (PROGRAM.parent.parent / "node_modules" / "@graphql-hive").is_dir():
        pytest.skip("not run: npm ci was not run in gateway/")
    try:
        return node_binary()
    except NodeMissing:
        pytest.skip("not run: there is no Node")


@pytest.fixture(scope="session")
async def planner(node: str) -> AsyncIterator[NodePlanner]:
    planner = NodePlanner(node)
    yield planner
    await planner.stop()


@pytest.fixture(scope="session")
def supergraph(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    schemas = {"members": members.schema, "invoicing": invoicing.schema}
    for name, schema in schemas.items():
        (folder / f"{name}.graphql").write_text(schema.as_str())
    compose({name: folder / f"{name}.graphql" for name in schemas}, folder)
    return folder / "supergraph.graphql"


@pytest.fixture(scope="session")
def supergraph_sdl(supergraph: Path) -> str:
    return supergraph.read_text()


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


class _Quiet(GraphQL[Any, Any]):
    """The failures of the test's subgraphs are expected: nobody needs to read them."""


@pytest.fixture(scope="session")
def make_stack(supergraph: Path, issuer: Issuer) -> MakeStack:
    @asynccontextmanager
    async def made(
        *, limits: Limits | None = None, services: dict[str, str] | None = None, **changes: Any
    ) -> AsyncIterator[Stack]:
        recorded = Recording(_Quiet(members.schema)), Recording(_Quiet(invoicing.schema))
        async with serving(recorded[0]) as one, serving(recorded[1]) as two:
            settings = Settings(
                **{
                    "country": "BE",
                    "host": "127.0.0.1",
                    "port": 0,
                    "profile": "local",
                    "services": {
                        "members": f"{one}/graphql",
                        "invoicing": f"{two}/graphql",
                        **(services or {}),
                    },
                    "supergraph": supergraph,
                    "jwt_issuer": ISSUER,
                    "jwt_audience": AUDIENCE,
                    "jwks_url": "http://127.0.0.1:9/jwks.json",
                    "is_access_log_on": False,
                    "log_level": "error",
                    "limits": limits or Limits(),
                    **changes,
                }
            )
            log = Log("BE", "error")
            gateway = Gateway(settings, fetch_keys=issuer.keys, log=log)
            async with (
                serving(gateway) as address,
                httpx.AsyncClient(base_url=address, headers=issuer.authorization(), timeout=30) as client,
            ):
                yield Stack(gateway, client, *recorded)

    return made


@pytest.fixture(scope="session")
async def stack(make_stack: MakeStack) -> AsyncIterator[Stack]:
    async with make_stack() as made:
        yield made
