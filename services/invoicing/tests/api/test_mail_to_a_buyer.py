from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from commons.clock import REAL_CLOCK
from commons.effects import Effect, EffectHandler, NotSent, Rejected
from invoicing.adapters.mail import order_mail


def handler(desk: Any, answer: Callable[[httpx.Request], httpx.Response]) -> EffectHandler:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return order_mail(http, "http://mail", desk.pools.read, desk.service.links, desk.country.time_zone)


def an_effect(order: object) -> Effect:
    payload = {"order_id": str(order)}
    return Effect(uuid4(), "mail.order", str(order), payload, {}, "sending", 1, 0, REAL_CLOCK.now())


async def test_the_buyer_gets_the_link_in_the_buyers_language_under_a_key_that_never_changes(
    desk: Any,
) -> None:
    desk.buyer = (await desk.register_buyer(language="nl", email="koper@example.org")).key
    order = await desk.send(title="Site {link} <b>")
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(202, json={"id": "m-1"})

    mail = handler(desk, answer)
    assert await mail.send(an_effect(order)) == {"message_id": "m-1"}
    assert await mail.ask(an_effect(order)) == {"message_id": "m-1"}
    first, second = asked
    assert first.content == second.content
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == f"mail.order/{order}"
    message = orjson.loads(first.content)
    assert message["to"] == "koper@example.org"
    assert message["subject"] == "Offerte O2026-000001 van Coopérative Exemple SC"
    assert f"https://partage.example/orders/{await desk.token(order)}" in message["text"]
    assert "Site {link} <b>" in message["text"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (503, NotSent),
        (429, NotSent),
        (422, Rejected),
        (500, httpx.HTTPStatusError),
        (504, httpx.HTTPStatusError),
    ],
)
async def test_what_the_mail_service_answers_decides_whether_it_is_sent_again(
    desk: Any, status: int, outcome: type[Exception]
) -> None:
    mail = handler(desk, lambda request: httpx.Response(status))
    with pytest.raises(outcome):
        await mail.send(an_effect(await desk.send()))


async def test_a_mail_service_that_is_not_there_has_nothing(desk: Any) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    with pytest.raises(NotSent):
        await handler(desk, nobody).send(an_effect(await desk.send()))
    with pytest.raises(Rejected):
        await handler(desk, nobody).send(replace(an_effect(uuid4())))
