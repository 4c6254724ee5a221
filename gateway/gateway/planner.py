"""Plans from the planner, a small Node program that reads and writes one JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Protocol

import orjson

from gateway.node_binary import node_binary
from gateway.supergraph import Supergraph

LINE_BYTES_MAX = 64 * 1024 * 1024
ANSWER_SECONDS_MAX = 15.0
STARTS_MAX = 2
STOP_SECONDS_MAX = 3.0
PROGRAM = Path(__file__).resolve().parent.parent / "tools" / "planner.mjs"


class PlanFailed(Exception):
    """The planner found no plan for the operation."""


class PlannerDown(Exception):
    """The planner does not answer, even after a new start."""


class Planner(Protocol):
    """Anything that can load a supergraph and plan operations on it."""

    async def load(self, supergraph: Supergraph) -> str:
        """Makes the supergraph known; answers with the public schema as SDL."""

    async def plan(self, supergraph: Supergraph, query: str, operation_name: str | None) -> object:
        """The plan as a JSON value; raises `PlanFailed` or `PlannerDown`."""


class NodePlanner:
    """The planner's side process: started when first needed, and again, loaded again, when it dies."""

    def __init__(self, node: str | None = None, program: Path = PROGRAM) -> None:
        self._command = (node_binary(node), str(program))
        self._process: asyncio.subprocess.Process | None = None
        self._loaded: set[str] = set()
        self._lock = asyncio.Lock()
        self.starts = 0

    @property
    def is_running(self) -> bool:
        """Whether the side process is alive."""
        return self._process is not None and self._process.returncode is None

    async def load(self, supergraph: Supergraph) -> str:
        """Makes the supergraph known; answers with the public schema as SDL."""
        async with self._lock:
            answer = await self._asked(self._load_request(supergraph), None)
            if "error" in answer:
                raise PlanFailed(str(answer["error"]))
            self._loaded.add(supergraph.key)
            return str(answer["schema"])

    async def plan(self, supergraph: Supergraph, query: str, operation_name: str | None) -> object:
        """The plan as a JSON value; raises `PlanFailed` or `PlannerDown`."""
        request = {"kind": "plan", "key": supergraph.key, "query": query, "operationName": operation_name}
        async with self._lock:
            answer = await self._asked(request, supergraph)
            if answer.get("unloaded"):
                self._loaded.discard(supergraph.key)
                answer = await self._asked(request, supergraph)
        if "error" in answer:
            raise PlanFailed(str(answer["error"]))
        return answer["plan"]

    async def stop(self) -> None:
        """Ends the side process."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _load_request(self, supergraph: Supergraph) -> dict[str, Any]:
        return {"kind": "load", "key": supergraph.key, "supergraph": supergraph.sdl}

    async def _asked(self, request: dict[str, Any], needed: Supergraph | None) -> dict[str, Any]:
        for _ in range(STARTS_MAX):
            try:
                process = await self._started()
                if needed is not None and needed.key not in self._loaded:
                    await self._exchange(process, self._load_request(needed))
                    self._loaded.add(needed.key)
                return await self._exchange(process, request)
            except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
                await self._kill()
            except asyncio.CancelledError:
                # The answer of the abandoned request would be taken for the next one's.
                await self._kill()
                raise
        raise PlannerDown(PlannerDown.__doc__)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._loaded.clear()
            self.starts += 1
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_BYTES_MAX,
            )
        return self._process

    async def _exchange(self, process: asyncio.subprocess.Process, request: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin is not None, "started with a pipe"
        assert process.stdout is not None, "started with a pipe"
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            process.stdin.write(orjson.dumps(request) + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readuntil(b"\n")
        answer = orjson.loads(line)
        if not isinstance(answer, dict):
            raise ValueError("the planner's answer is not an object")
        return answer

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
