"""The recorded federation audit, where it is present."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from gateway.config import FOLDER, Limits
from gateway.errors import ErrorBody, Origin, RequestRefused
from gateway.executor import Answers, Wave
from gateway.operations import Operation, Operations
from gateway.planner import PlanFailed
from gateway.runner import Runner
from gateway.supergraph import PublicSchema, Supergraph
from gateway.telemetry import Metrics

FIXTURES = Path(os.environ.get("PARTAGE_FIXTURES", FOLDER.parent / "../shared/fixtures"))
REPLAY = FIXTURES / "federation-audit" / "replay.json"


@dataclass(frozen=True)
class Suite:
    """One supergraph of the audit."""

    name: str
    supergraph: str
    schema: PublicSchema


@dataclass(frozen=True)
class Case:
    """One query with its plan, the recorded exchanges and the expected answer."""

    suite: Suite
    number: int
    query: str
    plan: Any
    exchanges: list[dict[str, Any]] = field(repr=False)
    expected: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """A name to be found again by."""
        return f"{self.suite.name}-{self.number}"


@cache
def cases() -> tuple[Case, ...]:
    """Every recorded case; none where the fixtures are absent."""
    return tuple(_read()) if REPLAY.is_file() else ()


class Replayed:
    """Answers calls from the recording, each exchange once."""

    def __init__(self, exchanges: list[dict[str, Any]], spoilt: dict[int, bytes] | None = None) -> None:
        self.unused = list(enumerate(exchanges))
        self._spoilt = spoilt or {}

    async def send(self, wave: Wave) -> Answers:
        """The recorded answers to the calls of a wave."""
        return tuple(self._answer(call.service, orjson.loads(call.body)) for call in wave)

    def _answer(self, service: str, body: Any) -> bytes:
        for place, (number, exchange) in enumerate(self.unused):
            if exchange["service"] == service and exchange["body"] == body:
                del self.unused[place]
                return self._spoilt.get(number) or orjson.dumps(exchange["response"])
        raise AssertionError(f"{service} was asked what the recording does not have: {body}")


def _read() -> Iterator[Case]:
    for name, suite in orjson.loads(REPLAY.read_bytes()).items():
        shared = Suite(name, suite["supergraph"], PublicSchema.of(suite["consumer_schema"]))
        for number, case in enumerate(suite["tests"]):
            yield Case(shared, number, case["query"], case["plan"], case["exchanges"], case["expected"])


class RecordedPlanner:
    """Gives the recorded plan of the case, or fails where there is none."""

    def __init__(self, case: Case) -> None:
        self._case = case

    async def load(self, supergraph: Supergraph) -> str:
        """Never asked: the public schema is in the recording."""
        raise NotImplementedError

    async def plan(self, supergraph: Supergraph, query: str, operation_name: str | None) -> object:
        """A copy of the recorded plan."""
        if self._case.plan is None:
            raise PlanFailed("no plan was recorded")
        return copy.deepcopy(self._case.plan)


class Outcome(NamedTuple):
    """An answer, which executor gave it, and the exchanges that it did not use."""

    data: Any
    errors: list[ErrorBody]
    executor: str
    reason: str
    unused: list[Any]


_operations: dict[str, Operation] = {}


async def _prepared(case: Case) -> Operation:
    operation = _operations.get(case.name)
    if operation is None:
        suite = case.suite
        operations = Operations(
            Supergraph.of(suite.supergraph), suite.schema, RecordedPlanner(case), Limits(), is_local=True
        )
        operation = _operations[case.name] = await operations.prepared(case.query, None)
    return operation


async def answered(case: Case, *, is_compiled: bool, spoilt: dict[int, bytes] | None = None) -> Outcome:
    """The gateway's answer to a case."""
    metrics = Metrics()
    replayed = Replayed(case.exchanges, spoilt)
    try:
        operation = await _prepared(case)
        result = await Runner(metrics, is_compiled=is_compiled, variants_max=8).run(
            operation, operation.coerced({}), Origin("BE", "request"), replayed.send
        )
    except RequestRefused as refusal:
        return Outcome(None, refusal.errors("request", "BE"), "refused", refusal.code, replayed.unused)
    answer = orjson.loads(result.body)
    executor = "compiled" if metrics.value("gateway_executions_total", executor="compiled") else "general"
    reasons = [
        sample.labels["reason"]
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if "reason" in sample.labels and sample.name.endswith("_total")
    ]
    return Outcome(answer["data"], answer.get("errors", []), executor, " ".join(reasons), replayed.unused)
