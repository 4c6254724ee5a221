"""The recorded federation audit passes with both executors."""

from __future__ import annotations

import orjson
import pytest

from gateway.planner import NodePlanner
from gateway.supergraph import Supergraph
from gateway.testing.audit import REPLAY, Case, answered, cases

NOT_RUN = "not run: the recorded audit is not in PARTAGE_FIXTURES"
# Measured: fewer would mean that the compiler has lost something it could do.
COMPILED_MIN = 100

each_case = pytest.mark.parametrize(
    "case", cases() or [None], ids=lambda case: case.name if case else "absent"
)


def _present(case: Case | None) -> Case:
    if case is None:
        pytest.skip(NOT_RUN)
    return case


@each_case
@pytest.mark.parametrize("is_compiled", [False, True], ids=["general", "compiled"])
async def test_the_answer_is_the_expected_one(case: Case | None, is_compiled: bool) -> None:
    case = _present(case)
    outcome = await answered(case, is_compiled=is_compiled)
    assert outcome.data == case.expected.get("data")
    assert outcome.errors or not case.expected.get("errors")
    assert not outcome.unused, "a call was left out"


@each_case
async def test_a_compiled_plan_never_hands_over_a_recorded_answer_without_need(case: Case | None) -> None:
    case = _present(case)
    general = await answered(case, is_compiled=False)
    compiled = await answered(case, is_compiled=True)
    assert compiled.data == general.data
    assert compiled.errors == general.errors


async def test_most_of_the_audit_is_compiled() -> None:
    if not cases():
        pytest.skip(NOT_RUN)
    outcomes = [await answered(case, is_compiled=True) for case in cases()]
    assert sum(outcome.executor == "compiled" for outcome in outcomes) >= COMPILED_MIN


async def test_the_pinned_planner_still_makes_the_recorded_plans(planner: NodePlanner) -> None:
    if not REPLAY.is_file():
        pytest.skip(NOT_RUN)
    different = []
    for case in cases():
        if case.plan is None:
            continue
        supergraph = Supergraph.of(case.suite.supergraph)
        await planner.load(supergraph)
        plan = await planner.plan(supergraph, case.query, None)
        if _canonical(plan) != _canonical(case.plan):
            different.append(case.name)
    assert different == []


def _canonical(plan: object) -> bytes:
    return orjson.dumps(plan, option=orjson.OPT_SORT_KEYS)
