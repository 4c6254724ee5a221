"""The client's pages of invoicing under the gateway's address; in production the ingress does this."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, FastAPI, Request, Response

from gateway.config import Settings

PROXY_SECONDS_MAX = 15.0
PROXY_CONNECTIONS_MAX = 20
_PASSED_ON = ("accept", "accept-language", "content-type", "x-request-id", "traceparent")
_PASSED_BACK = (
    "content-type",
    "location",
    "cache-control",
    "content-security-policy",
    "referrer-policy",
    "content-disposition",
    "x-content-type-options",
    "x-frame-options",
    "x-robots-tag",
)


class Edge:
    """Passes requests under /orders/ to invoicing."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.services["invoicing"])
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._bytes_max = settings.limits.proxied_bytes_max
        self._client: httpx.AsyncClient | None = None
        self.router = APIRouter()
        self.router.add_api_route("/orders/{path:path}", self._passed, methods=["GET", "HEAD", "POST"])

    @asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        """The time in which requests can be passed on."""
        limits = httpx.Limits(max_connections=PROXY_CONNECTIONS_MAX)
        async with httpx.AsyncClient(timeout=PROXY_SECONDS_MAX, limits=limits) as client:
            self._client = client
            yield

    async def _passed(self, request: Request) -> Response:
        assert self._client is not None, "the application has started"
        body = bytearray()
        async with asyncio.timeout(PROXY_SECONDS_MAX):
            async for part in request.stream():
                body += part
                if len(body) > self._bytes_max:
                    return Response("The request is too large.", 413, media_type="text/plain")
        raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
        query = request.scope.get("query_string") or b""
        url = self._origin + raw_path.decode("ascii") + ("?" + query.decode("ascii") if query else "")
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        try:
            answer = await self._client.request(request.method, url, headers=headers, content=bytes(body))
        except httpx.HTTPError:
            return Response("The page is not available.", 503, media_type="text/plain")
        passed_back = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
        return Response(answer.content, answer.status_code, headers=passed_back)
