"""A gateway over two subgraphs, as tests get it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.app import Gateway
from gateway.testing.serving import Recording


@dataclass
class Stack:
    """A gateway over two subgraphs, with a client that has a member's token."""

    gateway: Gateway
    client: httpx.AsyncClient
    members: Recording
    invoicing: Recording

    async def ask(self, query: str, **variables: Any) -> Any:
        answer = await self.client.post("/graphql", json={"query": query, "variables": variables})
        return answer.json()


MakeStack = Callable[..., AbstractAsyncContextManager[Stack]]
