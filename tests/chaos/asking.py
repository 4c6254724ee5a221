"""A client that wants to know: the same request with the same key, until the outcome is known."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import httpx

from tests.e2e.addresses import Addresses
from tests.e2e.client import Answer, Document, Gateway, _plain

ASK_SECONDS_MAX: Final = 180.0
PAUSE_SECONDS_MIN: Final = 0.2
PAUSE_SECONDS_MAX: Final = 2.0
REQUEST_SECONDS_MAX: Final = 15.0
CONNECTIONS_MAX: Final = 40
# What says that the request itself is wrong: asking again would give the same.
_FINAL_CODES: Final = frozenset(
    {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "UNAUTHENTICATED", "FORBIDDEN"}
)
_WAIT_REFUSALS: Final = frozenset({"IDEMPOTENCY_IN_PROGRESS"})


class PatientGateway(Gateway):
    """The gateway as a client uses it who gives up late; `again` counts why something was asked again."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses) -> None:
        super().__init__(http, addresses)
        self.again: Counter[str] = Counter()

    async def asked_until_answered(
        self, document: Document, variables: Mapping[str, Any], token: str | None
    ) -> Answer:
        """The answer once it is one; after ASK_SECONDS_MAX the last, whatever it says."""
        body = {"query": document.text, "variables": _plain(variables)}
        end, pause = time.monotonic() + ASK_SECONDS_MAX, PAUSE_SECONDS_MIN
        self.asked.clear()  # nobody tells these stories
        while True:
            try:
                answer = await self.post(body, token)
                why = _why_again(answer)
            except httpx.TransportError as error:
                if time.monotonic() > end:
                    raise
                why = type(error).__name__
            else:
                if why is None or time.monotonic() > end:
                    return answer
            self.again[why] += 1
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, PAUSE_SECONDS_MAX)


def _why_again(answer: Answer) -> str | None:
    if answer.status >= 500:
        return f"HTTP {answer.status}"
    for code in answer.codes:
        if code not in _FINAL_CODES:
            return code
    for value in (answer.body.get("data") or {}).values():
        if isinstance(value, dict) and value.get("code") in _WAIT_REFUSALS:
            return str(value["code"])
    return None


def open_http() -> httpx.AsyncClient:
    """The connections of a client; a machine's proxy has nothing to do with addresses of this machine."""
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
    return httpx.AsyncClient(timeout=REQUEST_SECONDS_MAX, trust_env=False, limits=limits)
