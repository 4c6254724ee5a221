"""The mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators import mail
from simulators.mail import mail_server
from simulators.tests.builders import ManualClock, client_of, misbehave


@pytest.fixture
async def client(tmp_path: Path, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(mail_server(tmp_path, clock)) as client:
        yield client


def a_message(**changes: Any) -> dict[str, Any]:
    return {
        "to": "client@example.test",
        "subject": "Your quote",
        "text": "https://link",
        "html": "<p>",
    } | changes


async def subjects(client: httpx.AsyncClient, to: str = "client@example.test", **more: int) -> list[str]:
    answer = await client.get("/messages", params={"to": to, **more})
    assert answer.status_code == 200, answer.text
    return [message["subject"] for message in answer.json()["messages"]]


async def test_the_newest_message_comes_first(client: httpx.AsyncClient) -> None:
    for number in range(3):
        answer = await client.post("/messages", json=a_message(subject=str(number)))
        assert answer.status_code == 202
    assert await subjects(client) == ["2", "1", "0"]
    assert await subjects(client, limit=1) == ["2"]
    assert await subjects(client, to="CLIENT@example.test") == ["2", "1", "0"]
    assert await subjects(client, to="other@example.test") == []


async def test_a_key_is_sent_once(client: httpx.AsyncClient) -> None:
    first = await client.post("/messages", json=a_message(idempotency_key="k1"))
    again = await client.post("/messages", json=a_message(), headers={"Idempotency-Key": "k1"})
    assert first.json()["id"] == again.json()["id"]
    other = await client.post("/messages", json=a_message(subject="Other", idempotency_key="k1"))
    assert other.status_code == 409
    assert await subjects(client) == ["Your quote"]


@pytest.mark.parametrize(("outcome", "count"), [("lost", 0), ("duplicated", 2)])
async def test_a_message_can_be_lost_or_doubled(client: httpx.AsyncClient, outcome: str, count: int) -> None:
    await misbehave(client, match={"to": "client@example.test"}, outcome=outcome)
    assert (await client.post("/messages", json=a_message())).status_code == 202
    assert len(await subjects(client)) == count


async def test_the_oldest_messages_are_forgotten(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "message_count_max", 2)
    for number in range(4):
        await client.post("/messages", json=a_message(subject=str(number)))
    assert await subjects(client) == ["3", "2"]


async def test_a_malformed_address_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/messages", json=a_message(to="nobody"))).status_code == 422
