"""The REST routes that a GraphQL service is measured against: FastAPI over the same table, statement and driver.

They check no token and no rule: what is compared with has the advantage.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import orjson
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

from commons.database import Pools, create_pools
from members.sql import SQL


class MemberOut(BaseModel):
    """A member, as a response model."""

    id: str
    given_name: str
    family_name: str
    email: str


def application() -> FastAPI:
    """Three routes: ready, rows written by orjson, rows through a pydantic response model."""
    pools: dict[str, Pools] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pools["one"] = await create_pools(os.environ["DATABASE_URL"], "bench rest")
        yield
        await pools["one"].close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    @app.get("/members")
    async def members(entity_id: UUID, first: int = 20) -> Response:
        return Response(orjson.dumps(await _rows(entity_id, first)), media_type="application/json")

    @app.get("/members/model")
    async def members_as_model(entity_id: UUID, first: int = 20) -> list[MemberOut]:
        return [MemberOut(**row) for row in await _rows(entity_id, first)]

    async def _rows(entity_id: UUID, first: int) -> list[dict[str, Any]]:
        rows = await pools["one"].read.fetch(SQL["members_of_entity"], entity_id, None, first)
        return [{"id": row[0], "given_name": row[2], "family_name": row[3], "email": row[4]} for row in rows]

    return app


if __name__ == "__main__":
    uvicorn.run(
        cast(Any, application()),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
