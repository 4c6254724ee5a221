"""Runs an operation: drives an executor's waves and writes the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, NamedTuple, TypeVar

import orjson
from graphql import execute_sync

from gateway.compiled import Miss
from gateway.compiler import compile_plan
from gateway.errors import Code, ErrorBody, Origin
from gateway.executor import Answer, Answers, Call, Run, Wave, encode, execute
from gateway.generator import CompiledPlan
from gateway.operations import Operation
from gateway.positions import NotCompiled
from gateway.projection import project
from gateway.telemetry import Metrics

ERRORS_MAX = 100
PLAN_FAILED_MESSAGE = "The services cannot answer this query together."

Send = Callable[[Wave], Awaitable[Answers]]
Outcome = TypeVar("Outcome")


class Result(NamedTuple):
    """The answer's bytes and its errors."""

    body: bytes
    errors: list[ErrorBody]


class Runner:
    """Runs operations with compiled plans where it can, and with the general executor where it must."""

    def __init__(self, metrics: Metrics, *, is_compiled: bool, variants_max: int) -> None:
        self._metrics = metrics
        self._is_compiled = is_compiled
        self._variants_max = variants_max

    async def run(
        self, operation: Operation, variables: Mapping[str, Any], origin: Origin, send: Send
    ) -> Result:
        """The answer to an operation whose variables have been coerced."""
        if operation.is_introspection:
            return _introspected(operation, variables)
        if operation.plan is None:
            error = origin.error(Code.INTERNAL, PLAN_FAILED_MESSAGE, ())
            error["extensions"]["reason"] = "QUERY_PLAN_FAILED"
            return _result(b"null", [error])
        received: dict[int, tuple[Call, Answer]] = {}
        compiled = self._compiled(operation, variables) if self._is_compiled else None
        if compiled is not None:
            try:
                data, errors = await _driven(compiled.run(variables, origin), send, received)
            except Miss as miss:
                self._metrics.fell_back(miss.reason)
            else:
                self._metrics.executed("compiled")
                return _result(data, errors)
        self._metrics.executed("general")
        run = Run(operation.schema, variables, origin)
        await _driven(execute(operation.plan, run), _replaying(send, received), {})
        projected = project(run, operation.definition, operation.fragments)
        return _result(encode(projected), run.errors)

    def _compiled(self, operation: Operation, variables: Mapping[str, Any]) -> CompiledPlan | None:
        variant = tuple(bool(variables.get(name)) for name in operation.condition_variables)
        if variant in operation.compiled:
            return operation.compiled[variant]
        if len(operation.compiled) >= self._variants_max:
            self._metrics.not_compiled("too_many_variants")
            return None
        compiled: CompiledPlan | None = None
        try:
            compiled = compile_plan(operation, variables)
        except NotCompiled as refusal:
            self._metrics.not_compiled(refusal.reason)
        operation.compiled[variant] = compiled
        return compiled


async def _driven(
    waves: Generator[Wave, Answers, Outcome], send: Send, received: dict[int, tuple[Call, Answer]]
) -> Outcome:
    try:
        wave = next(waves)
        while True:
            answers = await send(wave)
            for call, answer in zip(wave, answers, strict=True):
                received[call.number] = (call, answer)
            wave = waves.send(answers)
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


def _replaying(send: Send, received: Mapping[int, tuple[Call, Answer]]) -> Send:
    """Answers with what was received already: no call is made twice, so mutations are safe."""
    if not received:
        return send

    async def replay(wave: Wave) -> Answers:
        answers: list[Answer | None] = [_replayed(call, received) for call in wave]
        missing = tuple(call for call, answer in zip(wave, answers, strict=True) if answer is None)
        fresh = iter(await send(missing) if missing else ())
        return tuple(next(fresh) if answer is None else answer for answer in answers)

    return replay


def _replayed(call: Call, received: Mapping[int, tuple[Call, Answer]]) -> Answer | None:
    kept = received.get(call.number)
    if kept is None:
        return None
    earlier, answer = kept
    # An entity call that the two executors wrote differently would put answers on the wrong objects.
    if call.is_entities and orjson.loads(earlier.body) != orjson.loads(call.body):
        return None
    return answer


def _introspected(operation: Operation, variables: Mapping[str, Any]) -> Result:
    outcome = execute_sync(
        operation.schema.schema,
        operation.document,
        variable_values=dict(variables),
        operation_name=operation.name,
    )
    return Result(orjson.dumps({"data": outcome.data}), [])


def _result(data: bytes, errors: list[ErrorBody]) -> Result:
    if not errors:
        return Result(b'{"data":' + data + b"}", errors)
    errors = errors[:ERRORS_MAX]
    return Result(b'{"data":' + data + b',"errors":' + encode(errors) + b"}", errors)
