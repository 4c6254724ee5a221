"""The planner's side process, with the real Node program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.config import Limits
from gateway.operations import Operations
from gateway.planner import NodePlanner, PlanFailed, PlannerDown
from gateway.supergraph import PublicSchema, Supergraph
from gateway.testing.stack import MakeStack

READY_AGAIN_SECONDS_MAX = 60.0


@pytest.fixture
def composed(supergraph: Path) -> Supergraph:
    return Supergraph.of(supergraph.read_text())


async def test_it_gives_the_public_schema_and_plans(planner: NodePlanner, composed: Supergraph) -> None:
    schema = PublicSchema.of(await planner.load(composed))
    assert schema.schema.get_type("Member") is not None
    plan = await planner.plan(composed, "{members{name invoices{number}}}", None)
    assert isinstance(plan, dict)
    assert [node["kind"] for node in plan["node"]["nodes"]] == ["Fetch", "Flatten"]


async def test_it_plans_many_at_once(planner: NodePlanner, composed: Supergraph) -> None:
    await planner.load(composed)
    texts = [f"{{members(first:{n}){{id}}}}" for n in range(20)]
    plans = await asyncio.gather(*(planner.plan(composed, text, None) for text in texts))
    assert [f"first: {n})" in str(plan) for n, plan in enumerate(plans)] == [True] * 20


async def test_what_it_cannot_plan_is_an_error_of_that_document(
    planner: NodePlanner, composed: Supergraph
) -> None:
    await planner.load(composed)
    with pytest.raises(PlanFailed):
        await planner.plan(composed, "{unheard}", None)
    assert await planner.plan(composed, "{members{id}}", None)


async def test_a_supergraph_that_is_none_is_refused(planner: NodePlanner) -> None:
    with pytest.raises(PlanFailed):
        await planner.load(Supergraph.of("type Query {"))


async def test_it_is_started_and_loaded_again_when_it_dies(node: str, composed: Supergraph) -> None:
    planner = NodePlanner(node)
    try:
        await planner.load(composed)
        process = planner._process
        assert process is not None
        process.kill()
        assert await planner.plan(composed, "{members{id}}", None)
        assert planner.starts == 2
        assert planner.is_running
    finally:
        await planner.stop()
    assert not planner.is_running


async def test_a_program_that_does_not_answer_is_given_up(
    node: str, composed: Supergraph, tmp_path: Path
) -> None:
    (tmp_path / "dead.mjs").write_text("process.exit(1)")
    planner = NodePlanner(node, tmp_path / "dead.mjs")
    with pytest.raises(PlannerDown):
        await planner.load(composed)
    await planner.stop()


async def test_a_document_is_planned_once(planner: NodePlanner, composed: Supergraph) -> None:
    schema = PublicSchema.of(await planner.load(composed))
    operations = Operations(composed, schema, planner, Limits(cached_documents_max=2), is_local=True)
    first = await operations.prepared("{members{id}}", None)
    assert await operations.prepared("{members{id}}", None) is first
    for text in ("{members{name}}", "{invoices{id}}"):
        await operations.prepared(text, None)
    assert operations.kept("{members{id}}", None) is None


async def test_a_planner_that_died_comes_back_although_nobody_asks_for_a_plan(make_stack: MakeStack) -> None:
    async with make_stack() as stack:
        planner = stack.gateway._planner
        assert isinstance(planner, NodePlanner)
        assert planner._process is not None
        planner._process.kill()
        await planner._process.wait()
        answer = await stack.client.get("/readyz")
        assert (answer.status_code, "no planner" in answer.text) == (503, True)
        async with asyncio.timeout(READY_AGAIN_SECONDS_MAX):
            while not planner.is_running or not planner._loaded:  # noqa: ASYNC110 (nothing tells)
                await asyncio.sleep(0.05)
        assert "no planner" not in (await stack.client.get("/readyz")).text
