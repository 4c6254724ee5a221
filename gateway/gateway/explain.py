"""Shows what the gateway makes of a document: the plan and the function generated from it."""

from __future__ import annotations

import orjson

from gateway.compiler import compile_plan
from gateway.config import Limits
from gateway.operations import Operations
from gateway.planner import NodePlanner
from gateway.positions import NotCompiled
from gateway.supergraph import PublicSchema, Supergraph


async def explain(text: str, supergraph_sdl: str, name: str | None = None) -> str:
    """The plan as JSON and the generated source, for a document with one operation or the named one."""
    supergraph = Supergraph.of(supergraph_sdl)
    planner = NodePlanner()
    try:
        schema = PublicSchema.of(await planner.load(supergraph))
        operations = Operations(supergraph, schema, planner, Limits(), is_local=True)
        operation = await operations.prepared(text, name)
        plan = await planner.plan(supergraph, text, name)
    finally:
        await planner.stop()
    printed = orjson.dumps(plan, option=orjson.OPT_INDENT_2).decode()
    try:
        source = compile_plan(operation, {}).source
    except NotCompiled as refusal:
        source = f"# not compiled: {refusal.reason}\n"
    return f"{printed}\n\n{source}"
