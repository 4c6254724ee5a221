"""CPU time a request of a gateway: ours, a Rust router and the JavaScript one, over services that cost nearly nothing."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import uvloop

from commons.global_id import encode
from commons.uuid7 import uuid7
from gateway.compose import compose
from gateway.config import SERVICES
from gateway.node_binary import node_binary
from gateway.testing.issuer import AUDIENCE, ISSUER, Issuer
from tests.bench.cheap_services import INVOICES_OF_EACH, MEMBERS_MAX, invoices, member
from tests.bench.load import Check, MakeRequest, load, post
from tests.bench.programs import Program, free_port, running
from tests.bench.report import Report, load_average, median

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent
CONNECTIONS: Final = 8
ROUNDS: Final = 5
REQUESTS: Final = {"root": 3_000, "two hops": 3_000, "two hops x 50": 800}
SLOW: Final = 10  # the JavaScript gateway gets a tenth: its time a request is that much longer
WARM_UP: Final = 400
NAMES: Final = ("members", "invoicing")

MEMBERS_SDL: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { member(id: ID!): Member  members(first: Int! = 20): [Member!]! }
type Member @key(fields: "id") { id: ID!  name: String!  email: String }
"""
INVOICING_SDL: Final = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { invoicingVersion: String }
type Member @key(fields: "id") { id: ID!  invoices: [Invoice!] }
type Invoice { id: ID!  number: String!  total: String! }
"""
ROOT_QUERY: Final = "query Root($first: Int!) { members(first: $first) { id name email } }"
TWO_HOPS: Final = "query Two($id: ID!) { member(id: $id) { id name invoices { id number total } } }"
FIFTY: Final = "query Fifty($first: Int!) { members(first: $first) { id name invoices { id number total } } }"


@dataclass(frozen=True, slots=True)
class Question:
    """A query with the request of each number and its right answer."""

    name: str
    make: Callable[[str, Mapping[str, str]], MakeRequest]
    check: Check


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway as it is asked. `share` of the requests is enough for it."""

    name: str
    program: Program
    path: str
    headers: Mapping[str, str]
    share: int = 1
    is_gateway: bool = True


def measure(folder: Path) -> list[Report]:
    """Every target in turns, medians over the rounds. The npm gateways are left out where they are not installed."""
    report = Report(
        "gateway",
        "CPU ms a request of all its processes",
        [*REQUESTS, "RSS MB"],
        facts={"connections": CONNECTIONS},
    )
    with ExitStack() as stack:
        members = [encode("BE", "Member", uuid7()) for _ in range(MEMBERS_MAX)]
        targets, questions = _set_up(stack, folder, members)
        costs: dict[str, dict[str, list[float]]] = {
            each.name: {name: [] for name in REQUESTS} for each in targets
        }
        for round_number in range(ROUNDS + 1):
            for question in questions:
                for target in targets:
                    count = REQUESTS[question.name] // target.share if round_number else WARM_UP
                    cost = uvloop.run(_cost(target, question, count))
                    if round_number:
                        costs[target.name][question.name].append(cost * 1_000)
        for target in targets:
            report.add(
                target.name,
                *(median(costs[target.name][name]) for name in REQUESTS),
                target.program.memory_mb(),
            )
        report.facts["rounds"] = ROUNDS
        report.facts["load average at the end"] = round(load_average(), 1)
    _judge(report)
    return [report]


def _judge(report: Report) -> None:
    ours = report.rows["ours, token checked"]
    for name, values in report.rows.items():
        if name.startswith("Grafbase"):
            for column, mine, theirs in zip(REQUESTS, ours, values, strict=False):
                report.reach(f"ours / {name}, {column}", mine / theirs, at_most=1.0)
        if name == "Hive Gateway, token checked":
            for column, mine, theirs in zip(REQUESTS, ours, values, strict=False):
                report.reach(f"ours / {name}, {column}", mine / theirs, at_most=1 / 6)


async def _cost(target: Target, question: Question, count: int) -> float:
    # Services in memory would answer a repeated question once for all: each has another variable or header.
    make = question.make(target.path, target.headers)
    before = target.program.cpu_seconds()
    check = question.check if target.is_gateway else _anything
    done = await load(target.program.port, make, check, count=count, connections=CONNECTIONS)
    cost = (target.program.cpu_seconds() - before) / count
    if done.wrong:
        raise RuntimeError(f"{target.name} gave {done.wrong} wrong answers to {question.name}")
    return cost


def _anything(number: int, body: bytes) -> bool:
    return bool(body)


def _set_up(stack: ExitStack, folder: Path, members: list[str]) -> tuple[list[Target], list[Question]]:
    issuer = Issuer()
    (folder / "keys.json").write_bytes(orjson.dumps(asyncio.run(issuer.keys())))
    (folder / "members.json").write_bytes(orjson.dumps(members))
    port = free_port()
    files = [str(folder / "keys.json"), str(folder / "members.json")]
    services = stack.enter_context(
        running(
            "services",
            [sys.executable, "-m", "tests.bench.cheap_services", str(port), *files],
            port=port,
            cwd=ROOT,
            log=folder / "services.log",
            ready_path="/jwks.json",
        )
    )
    urls = {name: f"http://127.0.0.1:{port}/{name}" for name in NAMES}
    for name, sdl in zip(NAMES, (MEMBERS_SDL, INVOICING_SDL), strict=True):
        (folder / f"{name}.graphql").write_text(sdl)
    compose({name: folder / f"{name}.graphql" for name in NAMES}, folder)
    bearer = {"authorization": f"Bearer {issuer.token(exp=issuer_expiry())}"}
    targets = [
        Target("the services alone, one call", services, "/members", {}, is_gateway=False),
        Target("ours, token checked", stack.enter_context(_ours(folder, urls, port)), "/graphql", bearer),
    ]
    bin_folder = HERE / "node_modules" / ".bin"
    grafbase = next(iter(sorted((HERE / "node_modules" / "@grafbase").glob("cli-*/grafbase"))), None)
    if grafbase is not None:
        router = stack.enter_context(_grafbase(grafbase, folder, urls))
        targets.append(Target("Grafbase (Rust), no token", router, "/graphql", {}))
    if (bin_folder / "hive-gateway").exists():
        for title, checks in (("token checked", True), ("no token", False)):
            hive = stack.enter_context(
                _hive(bin_folder / "hive-gateway", folder, urls, port, checks_token=checks)
            )
            headers = bearer if checks else {}
            targets.append(Target(f"Hive Gateway, {title}", hive, "/graphql", headers, SLOW))
    return targets, _questions(members)


def issuer_expiry() -> int:
    """A token that outlives the measurement."""
    return int(time.time()) + 7_200


@contextmanager
def _ours(folder: Path, urls: Mapping[str, str], keys_port: int) -> Iterator[Program]:
    port = free_port()
    env = {
        "COUNTRY": "BE",
        "PROFILE": "production",
        "HTTP_PORT": str(port),
        "SUPERGRAPH": str(folder / "supergraph.graphql"),
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS_URL": f"http://127.0.0.1:{keys_port}/jwks.json",
        "ACCESS_LOG": "false",
        **{f"{name.upper()}_URL": urls.get(name, urls["members"]) for name in SERVICES},
    }
    with running(
        "our gateway",
        [sys.executable, "-m", "gateway"],
        port=port,
        env=env,
        cwd=ROOT,
        log=folder / "gateway.log",
    ) as program:
        yield program


@contextmanager
def _grafbase(binary: Path, folder: Path, urls: Mapping[str, str]) -> Iterator[Program]:
    port = free_port()
    own = folder / "grafbase"
    own.mkdir(exist_ok=True)
    lines: list[str] = []
    for name, url in urls.items():
        lines += [f"[subgraphs.{name}]", f'url = "{url}"', f'schema_path = "{folder / name}.graphql"']
    (own / "grafbase.toml").write_text("\n".join(lines) + "\n")
    with running(
        "Grafbase",
        [str(binary), "dev", "-c", str(own / "grafbase.toml"), "-p", str(port)],
        port=port,
        cwd=own,
        env={"HOME": str(own)},
        log=folder / "grafbase.log",
        ready_path=None,
    ) as program:
        yield program


@contextmanager
def _hive(
    binary: Path, folder: Path, urls: Mapping[str, str], keys_port: int, *, checks_token: bool
) -> Iterator[Program]:
    port = free_port()
    supergraph = (folder / "supergraph.graphql").read_text()
    for name, url in urls.items():
        supergraph = re.sub(rf'(@join__graph\(name: "{name}", url: )""', rf'\1"{url}"', supergraph)
    (HERE / "node_modules" / ".bench-supergraph.graphql").write_text(supergraph)
    # Beside its packages: the configuration imports them.
    config = HERE / "node_modules" / f".bench-gateway-{'token' if checks_token else 'bare'}.config.mjs"
    jwt = f"""
  jwt: {{
    signingKeyProviders: [createRemoteJwksSigningKeyProvider({{jwksUri: "http://127.0.0.1:{keys_port}/jwks.json"}})],
    tokenLookupLocations: [extractFromHeader({{name: "authorization", prefix: "Bearer"}})],
    tokenVerification: {{issuer: "{ISSUER}", audience: "{AUDIENCE}", algorithms: ["RS256"]}},
    reject: {{missingToken: true, invalidToken: true}},
  }},"""
    config.write_text(
        'import { createRemoteJwksSigningKeyProvider, defineConfig, extractFromHeader } from "@graphql-hive/gateway";\n'
        "export const gatewayConfig = defineConfig({\n"
        f'  supergraph: "{HERE / "node_modules" / ".bench-supergraph.graphql"}",\n'
        f'  port: {port}, host: "127.0.0.1", logging: "error",{jwt if checks_token else ""}\n'
        "});\n"
    )
    with running(
        "Hive Gateway",
        [node_binary(), str(binary.resolve()), "supergraph", "-c", str(config)],
        port=port,
        cwd=HERE,
        env={"NODE_ENV": "production"},
        log=folder / f"hive-{'token' if checks_token else 'bare'}.log",
        ready_path="/readiness",
    ) as program:
        yield program


def _questions(members: list[str]) -> list[Question]:
    def root(number: int, body: bytes) -> bool:
        return bool(_data(body) == {"members": expected_root})

    def two(number: int, body: bytes) -> bool:
        key = encode("BE", "Member", _uuid(number))
        return bool(_data(body) == {"member": _with_invoices(key, 1)})

    def fifty(number: int, body: bytes) -> bool:
        return bool(_data(body) == {"members": expected_fifty})

    expected_root = [_without_type(member(key)) for key in members[:20]]
    expected_fifty = [_with_invoices(key, MEMBERS_MAX) for key in members]

    def asking(query: str, variables: Callable[[int], dict[str, Any]]) -> Callable[..., MakeRequest]:
        def make(path: str, headers: Mapping[str, str]) -> MakeRequest:
            return lambda number: post(path, {"query": query, "variables": variables(number)}, headers)

        return make

    return [
        Question("root", asking(ROOT_QUERY, lambda _: {"first": 20}), root),
        Question("two hops", asking(TWO_HOPS, lambda n: {"id": encode("BE", "Member", _uuid(n))}), two),
        Question("two hops x 50", asking(FIFTY, lambda _: {"first": 50}), fifty),
    ]


def _uuid(number: int) -> UUID:
    return UUID(int=(0x0190 << 112) + number)


def _data(body: bytes) -> Any:
    answer = orjson.loads(body)
    return None if answer.get("errors") else answer.get("data")


def _without_type(record: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "__typename"}


def _with_invoices(key: str, of: int) -> dict[str, object]:
    found = [_without_type(each) for each in invoices(key, INVOICES_OF_EACH[of])]
    return {"id": key, "name": member(key)["name"], "invoices": found}
