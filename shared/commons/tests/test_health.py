"""Started, ready and live are three answers; logs are JSON and tell nothing personal."""

from __future__ import annotations

import asyncio
import json
import logging

import httpx
import pytest

from commons.health import Health, asgi, served
from commons.logs import JsonLines


async def ask(health: Health, path: str) -> tuple[int, str]:
    status, body, _ = await health.answer(path)
    return status.value, body.decode().strip()


async def test_a_process_is_started_then_ready_then_draining() -> None:
    health = Health()
    assert await ask(health, "/startz") == (503, "starting")
    assert await ask(health, "/readyz") == (503, "starting")
    health.started = True
    assert await ask(health, "/startz") == (200, "started")
    assert await ask(health, "/readyz") == (200, "ready")
    health.draining = True
    assert await ask(health, "/readyz") == (503, "draining")
    assert await ask(health, "/livez") == (200, "live")


async def test_a_check_that_fails_or_raises_makes_it_unready_but_not_dead() -> None:
    async def broken() -> bool:
        raise ConnectionError("no database")

    async def false() -> bool:
        return False

    health = Health({"database": broken, "schema": false})
    health.started = True
    assert await ask(health, "/readyz") == (503, "database fails\nschema fails")
    assert await ask(health, "/livez") == (200, "live")


async def test_a_worker_answers_on_a_port_of_its_own() -> None:
    health = Health(works=True)
    async with (
        served(health, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        assert (await http.get("/livez?x=1")).text == "live\n"
        assert (await http.get("/elsewhere")).status_code == 404
        assert (await http.post("/livez")).status_code == 405
        assert (await http.head("/livez")).text == ""
        metrics = await http.get("/metrics")
        for name in (
            "outbox_oldest_unpublished_seconds",
            "parked_keys",
            "capability_seconds",
            "watchdog_exits_total",
        ):
            assert name in metrics.text
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"nonsense\r\n\r\n")
        assert await reader.read() == b""
        writer.close()


async def test_an_api_does_not_say_of_work_it_never_sees_that_nothing_is_late() -> None:
    _, body = await ask(Health(), "/metrics")
    assert "capability_seconds" in body
    assert "outbox_oldest_unpublished_seconds" not in body
    assert "_created" not in body


async def test_an_api_mounts_the_same_answers() -> None:
    transport = httpx.ASGITransport(app=asgi(Health()))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        assert (await http.get("/livez")).text == "live\n"
        assert (await http.get("/readyz")).status_code == 503


def test_a_log_line_is_json_with_its_facts() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelno": logging.INFO, "levelname": "INFO", "msg": "issued %s", "args": ("it",)}
    )
    record.request_id = "r1"
    line = json.loads(JsonLines("invoicing", "api", "be").format(record))
    assert {key: line[key] for key in ("level", "service", "process", "country", "msg", "request_id")} == {
        "level": "info",
        "service": "invoicing",
        "process": "api",
        "country": "be",
        "msg": "issued it",
        "request_id": "r1",
    }


def test_the_text_of_an_error_is_not_logged_because_it_may_quote_a_person() -> None:
    try:
        raise ValueError("Ann Example, 1 January 1980")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", None, __import__("sys").exc_info()
        )
    text = JsonLines("payroll", "worker", None).format(record)
    assert "Ann" not in text
    assert json.loads(text)["exception"] == "ValueError"


@pytest.mark.parametrize("value", [object(), {1, 2}])
def test_a_fact_that_json_does_not_know_does_not_break_the_log(value: object) -> None:
    record = logging.makeLogRecord({"msg": "x", "fact": value})
    assert json.loads(JsonLines("a", "b", None).format(record))["fact"]
