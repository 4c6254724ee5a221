"""CPU time of a GraphQL query of 1, 20 and 100 rows in a service, and of a FastAPI route over the same table."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import uvloop

from commons.database import connect
from commons.global_id import encode
from commons.migrate import migrate
from commons.uuid7 import uuid7
from gateway.testing.issuer import AUDIENCE, ISSUER, Issuer
from members.app import SERVICE
from tests.bench.load import MakeRequest, get, load, post
from tests.bench.programs import Program, cpu_seconds, free_port, running
from tests.bench.report import Report, load_average, median
from tests.bench.servers import postgres

ROOT: Final = Path(__file__).resolve().parents[2]
ROWS: Final = (1, 20, 100)
REQUESTS: Final = {1: 3_000, 20: 3_000, 100: 1_500}
ROUNDS: Final = 5
WARM_UP: Final = 300
CONNECTIONS: Final = 8
QUERY: Final = (
    "query Rows($entity: ID!, $first: Int!) "
    "{ members(entityId: $entity, first: $first) { nodes { id givenName familyName email } } }"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A program and how it is asked for so many rows."""

    name: str
    program: Program
    path: str
    headers: Mapping[str, str]
    is_graphql: bool


def measure(folder: Path) -> list[Report]:
    """Both over one database, in turns, medians over the rounds: the program's time and the database's."""
    columns = [each for rows in ROWS for each in (f"{rows} rows", "database")]
    report = Report("subgraph", "CPU µs a request", columns)
    with postgres(folder) as server:
        assert server.pid is not None, "it runs"
        database = server.url("postgres")
        entity = uvloop.run(_fill(database))
        issuer = Issuer()
        (folder / "keys.json").write_bytes(orjson.dumps(asyncio.run(issuer.keys())))
        (folder / "members.json").write_text("[]")
        keys, api, rest = free_port(), free_port(), free_port()
        env = {
            "COUNTRY": "be",
            "PROFILE": "local",
            "DATABASE_URL": database,
            "KAFKA_BOOTSTRAP": "127.0.0.1:1",
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "JWKS_URL": f"http://127.0.0.1:{keys}/jwks.json",
            "HTTP_PORT": str(api),
            "LOG_LEVEL": "WARNING",  # the routes it is compared with write no line for a request either
        }
        files = [str(folder / "keys.json"), str(folder / "members.json")]
        python = sys.executable
        with (
            running(
                "keys",
                [python, "-m", "tests.bench.cheap_services", str(keys), *files],
                port=keys,
                log=folder / "keys.log",
                ready_path="/jwks.json",
                cwd=ROOT,
            ),
            running(
                "api", [python, "-m", "members", "api"], port=api, env=env, log=folder / "api.log", cwd=ROOT
            ) as one,
            running(
                "rest",
                [python, "-m", "tests.bench.rest", str(rest)],
                port=rest,
                env=env,
                log=folder / "rest.log",
                cwd=ROOT,
            ) as other,
        ):
            token = issuer.token(roles=["adviser"], exp=int(time.time()) + 7_200)
            targets = [
                Target(
                    "members, GraphQL with token and rules",
                    one,
                    "/graphql",
                    {"authorization": f"Bearer {token}", "x-country": "BE"},
                    True,
                ),
                Target("FastAPI route, orjson, no token", other, "/members", {}, False),
                Target("FastAPI route, response model, no token", other, "/members/model", {}, False),
            ]
            _fill_table(report, targets, entity, server.pid)
    return [report]


def _fill_table(report: Report, targets: list[Target], entity: UUID, server_pid: int) -> None:
    costs: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for round_number in range(ROUNDS + 1):
        for rows in ROWS:
            for target in targets:
                count = REQUESTS[rows] if round_number else WARM_UP
                cost = uvloop.run(_cost(target, entity, rows, count, server_pid))
                if round_number:
                    costs.setdefault((target.name, rows), []).append(cost)
    for target in targets:
        found = [costs[target.name, rows] for rows in ROWS]
        report.add(
            target.name, *(median([cost[part] for cost in each]) * 1e6 for each in found for part in (0, 1))
        )
    mine, theirs = (report.rows[targets[number].name] for number in (0, 1))
    for place, rows in enumerate(ROWS):
        report.facts[f"GraphQL / REST with orjson, {rows} rows"] = round(
            mine[2 * place] / theirs[2 * place], 2
        )
    report.facts |= {"rounds": ROUNDS, "load average at the end": round(load_average(), 1)}


async def _cost(target: Target, entity: UUID, rows: int, count: int, server_pid: int) -> tuple[float, float]:
    def check(number: int, body: bytes) -> bool:
        found: Any = orjson.loads(body)
        if target.is_graphql:
            found = found["data"]["members"]["nodes"] if "errors" not in found else []
        return len(found) == rows and bool(found) and "@example.coop" in found[-1]["email"]

    before, server_before = target.program.cpu_seconds(), cpu_seconds(server_pid)
    done = await load(
        target.program.port, _asking(target, entity, rows), check, count=count, connections=CONNECTIONS
    )
    if done.wrong:
        raise RuntimeError(f"{target.name} gave {done.wrong} wrong answers")
    return (target.program.cpu_seconds() - before) / count, (cpu_seconds(server_pid) - server_before) / count


def _asking(target: Target, entity: UUID, rows: int) -> MakeRequest:
    if target.is_graphql:
        variables = {"entity": encode("BE", "Entity", entity), "first": rows}
        request = post(target.path, {"query": QUERY, "variables": variables}, target.headers)
    else:
        request = get(f"{target.path}?entity_id={entity}&first={rows}", target.headers)
    return lambda number: request


async def _fill(database: str) -> UUID:
    await migrate(database, SERVICE.migrations)
    entity = uuid7()
    db = await connect(database, "bench")
    try:
        await db.execute("insert into entity values ($1, 'Coop', 'SC', 'EUR', 'BE68539007547034')", entity)
        for number in range(120):
            key = uuid7()
            await db.execute(
                "insert into member values ($1, $2, $3, $4, $5, 'en', '1990-01-01')",
                key,
                f"subject {number}",
                f"Given {number}",
                f"Family {number}",
                f"member{number}@example.coop",
            )
            await db.execute(
                "insert into membership (id, member_id, entity_id, category, applied_on) values ($1, $2, $3, 'worker', '2026-01-01')",
                uuid7(),
                key,
                entity,
            )
        await db.execute("analyze")
    finally:
        await db.close()
    return entity
