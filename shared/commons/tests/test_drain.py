"""An api that is told to end goes on answering, says that it is not ready, and lets go of its connections."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import Any

import httpx
import pytest
import uvicorn

from commons.drain import Application, DrainingServer
from commons.health import Health, asgi

DRAIN_SECONDS = 1.0
START_SECONDS_MAX = 30


@pytest.fixture
async def served() -> Any:
    health = Health()
    health.started = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        Application(asgi(health), health),
        port=port,
        interface="asgi3",
        lifespan="off",
        log_config=None,
    )
    server = DrainingServer(config, health, drain_seconds=DRAIN_SECONDS)
    # Without `run`, which would take the signals of the tests' own process.
    serving = asyncio.create_task(server._serve())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        async with asyncio.timeout(START_SECONDS_MAX):
            while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
                await asyncio.sleep(0.01)
        yield server, serving, http
    server.should_exit = True
    await serving


async def test_it_answers_after_sigterm_without_being_ready_and_ends_each_connection(served: Any) -> None:
    server, serving, http = served
    assert "connection" not in (await http.get("/readyz")).headers

    server.handle_exit(signal.SIGTERM, None)
    answers = [await http.get(path) for path in ("/livez", "/readyz")]

    assert [answer.status_code for answer in answers] == [200, 503]
    assert {answer.headers["connection"] for answer in answers} == {"close"}
    assert not serving.done()


async def test_it_ends_by_itself_when_it_has_drained(served: Any) -> None:
    server, serving, _ = served

    server.handle_exit(signal.SIGTERM, None)

    await asyncio.wait_for(serving, 30)


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,)])
async def test_a_second_signal_or_one_of_a_person_ends_it_at_once(
    served: Any, signals: tuple[int, ...]
) -> None:
    server, _, _ = served

    for each in signals:
        server.handle_exit(each, None)

    assert server.should_exit
