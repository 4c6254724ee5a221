from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from commons.api import Cell
from commons.auth import Verifier
from commons.country import Country
from commons.database import Pools
from invoicing.api.order_page import FORM_BYTES_MAX, router
from invoicing.service import Invoicing

YES = {"decision": "confirm", "name": "Jeanne Dupont", "consent": "yes", "language": "fr"}
NO = {"decision": "refuse", "reason": "Trop cher", "language": "fr"}


class _Nobody(Verifier):
    def __init__(self) -> None:
        """The page asks for no token."""


@pytest.fixture
async def browser(pools: Pools, belgium: Country, service: Invoicing) -> AsyncIterator[httpx.AsyncClient]:
    """A client's browser, without JavaScript and without an account."""
    app = FastAPI()
    app.state.cell = Cell(belgium, pools, _Nobody(), service)
    app.include_router(router)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://partage.example") as client:
        yield client


def text(answer: httpx.Response) -> str:
    plain = unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text, flags=re.S))
    return re.sub(r"\s+", " ", plain)


async def test_the_buyer_reads_the_quote_in_the_language_wanted(
    browser: httpx.AsyncClient, desk: Any
) -> None:
    path = f"/orders/{await desk.token(await desk.send())}"
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert "Devis O2026-000001" in text(answer)
    assert "1 210,00 €" in text(answer)
    assert "Atelier Web" in text(answer)
    assert "loi du 2 août 2002" in text(answer)
    assert "Offerte O2026-000001" in text(await browser.get(path, params={"language": "nl"}))
    assert "Quote O2026-000001" in text(
        await browser.get(path, headers={"Accept-Language": "en-GB,fr;q=0.5"})
    )
    assert "Devis O2026-000001" in text(await browser.get(path, headers={"Accept-Language": "pl,*"}))
    assert (await browser.head(path)).status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_form_of_the_page_confirms_and_loading_again_sends_nothing(
    browser: httpx.AsyncClient, desk: Any
) -> None:
    order = await desk.send()
    path = f"/orders/{await desk.token(order)}"
    assert f'action="{path}"' in (await browser.get(path)).text
    posted = await browser.post(path, data=YES)
    assert (posted.status_code, posted.headers["location"]) == (303, f"{path}?language=fr")
    assert "Merci, la commande est confirmée" in text(await browser.get(posted.headers["location"]))
    assert await desk.told(order) == ["OrderConfirmed"]


async def test_the_form_of_the_page_refuses(browser: httpx.AsyncClient, desk: Any) -> None:
    order = await desk.send()
    path = f"/orders/{await desk.token(order)}"
    assert (await browser.post(path, data={**NO, "reason": "Trop\r\ncher"})).status_code == 303
    assert "Le devis est refusé" in text(await browser.get(path))
    kept = await desk.pools.read.fetchval("select cancel_reason from sales_order where id = $1", order)
    assert kept == "Trop\ncher"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"consent": ""}, "Cochez la phrase qui confirme votre accord."),
        ({"name": " "}, "Indiquez le nom de la personne qui décide."),
        ({"name": "J" * 121}, "Ce texte est trop long."),
        ({"name": "Jeanne \u202etnopuD"}, "Ce texte contient des caractères invisibles"),
        ({"decision": "refuse", "reason": "x" * 1001}, "Ce texte est trop long."),
        ({"language": "nl", "consent": ""}, "Vink de zin aan waarmee u akkoord gaat."),
    ],
)
async def test_what_is_missing_is_said_on_the_page_in_its_language(
    browser: httpx.AsyncClient, desk: Any, changed: dict[str, str], sentence: str
) -> None:
    order = await desk.send()
    answer = await browser.post(f"/orders/{await desk.token(order)}", data={**YES, **changed})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'role="alert"' in answer.text
    assert await desk.told(order) == []


async def test_what_was_typed_is_shown_again_and_is_never_markup(
    browser: httpx.AsyncClient, desk: Any
) -> None:
    hostile = "'\"><script>alert(1)</script>'); drop table sales_order; --"
    path = f"/orders/{await desk.token(await desk.send())}"
    answer = await browser.post(path, data={**YES, "name": hostile, "consent": ""})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert (await browser.post(path, data={**YES, "name": hostile})).status_code == 303
    assert "<script>" not in (await browser.get(path)).text


async def test_a_second_decision_shows_the_first(browser: httpx.AsyncClient, desk: Any) -> None:
    order = await desk.send()
    path = f"/orders/{await desk.token(order)}"
    posted = await asyncio.gather(*(browser.post(path, data=form) for form in (YES, YES, NO)))
    assert sorted(answer.status_code for answer in posted) == [303, 409, 409]
    assert len(await desk.told(order)) == 1


async def test_an_expired_quote_is_gone_and_says_so(browser: httpx.AsyncClient, desk: Any) -> None:
    order = await desk.send(valid_until=date(2026, 6, 10))
    path = f"/orders/{await desk.token(order)}"
    await desk.open_day(date(2026, 6, 11))
    for answer in (await browser.get(path), await browser.post(path, data=YES)):
        assert answer.status_code == 410
        assert "Ce devis n'est plus valable" in text(answer)
    assert await desk.told(order) == []


@pytest.mark.parametrize(
    "token", ["x", "A" * 150, "%00", "%F0%9F%98%80", "..%2F..%2Fetc", "%27%20or%201%3D1"]
)
async def test_a_link_that_is_none_tells_nothing(browser: httpx.AsyncClient, desk: Any, token: str) -> None:
    for answer in (
        await browser.get(f"/orders/{token}", headers={"Accept-Language": "fr"}),
        await browser.post(f"/orders/{token}", data=YES),
    ):
        assert answer.status_code == 404
        assert "Ce lien ne fonctionne pas" in text(answer)
        assert "Traceback" not in answer.text


async def test_only_a_small_form_is_read(browser: httpx.AsyncClient, desk: Any) -> None:
    order = await desk.send()
    path = f"/orders/{await desk.token(order)}"
    big = urlencode({**YES, "more": "x" * FORM_BYTES_MAX}).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await browser.post(path, content=big, headers=form)).status_code == 413
    assert (await browser.post(path, json=YES)).status_code == 415
    assert (await browser.post(path, files={"name": b"x"})).status_code == 415
    for body in (b"", b"decision=maybe", b"\xff\xfe", b"decision=confirm&name=%ff", b"&".join([b"a=1"] * 20)):
        answer = await browser.post(path, content=body, headers=form)
        assert answer.status_code == 400, body
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await browser.put(path, data=YES)).status_code == 405
    assert await desk.told(order) == []
