"""The client reads and confirms a quote in a real browser, on a phone and on a desk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.browser.browser import BrowserNotInstalled, run_order_page
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door
from tests.e2e.house import Client, House, Person
from tests.e2e.outside import SignedLink

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]


@dataclass(frozen=True, slots=True)
class SentQuote:
    """A quote whose link is in the client's letter."""

    house: House
    member: Person
    client: Client
    order_id: str
    number: str
    link: SignedLink


@pytest.fixture
async def sent_quote(door: Door, stack: Addresses) -> SentQuote:
    """A quote of a member of an entity of its own, sent and not yet decided."""
    house = await House.founded(*door, stack, name="Atelier du Canal SC", day=date(2026, 6, 5))
    await house.endow_the_fund()
    member = await house.stranger("Nora", "Jacobs", date(1988, 2, 8))
    await house.admit([member])
    activity_id = await house.open_activity(member, "Translation")
    client = await house.client(member, name="Museum Mosaïque ASBL", contact="Leïla Haddad")
    order = await house.draft(
        member,
        activity_id,
        client,
        title="Translation of the visitors' guide",
        quantity=3,
        unit_price=Decimal("410.50"),
        start=date(2026, 7, 6),
        end=date(2026, 7, 8),
    )
    link = await house.send(member, order["id"], client)
    return SentQuote(house, member, client, order["id"], order["number"], link)


async def test_the_client_confirms_a_quote_in_a_browser_without_any_obstacle(
    sent_quote: SentQuote, tmp_path: Path
) -> None:
    try:
        report = await asyncio.to_thread(run_order_page, sent_quote.link.url, tmp_path, confirm=True)
    except BrowserNotInstalled as missing:
        pytest.skip(f"not run: {missing.__doc__}")
    assert report["problems"] == []
    assert (report["viewports"]["narrow"]["width"], report["viewports"]["wide"]["width"]) == (360, 1280)
    assert report["confirmed"]["isClicked"]
    order = await sent_quote.house.is_covered(sent_quote.member, sent_quote.order_id)
    assert order["confirmedBy"] == "BUYER"
    assert order["cover"]["covered"]


async def test_the_page_can_be_read_again_and_again_and_tells_no_search_engine(
    sent_quote: SentQuote, door: Door
) -> None:
    _, http = door
    for _ in range(2):
        page = await http.get(sent_quote.link.url)
        assert page.status_code == 200
        assert sent_quote.number in page.text
        assert "noindex" in page.text
        assert "<script" not in page.text


async def test_a_client_who_refuses_ends_the_quote(sent_quote: SentQuote, door: Door) -> None:
    _, http = door
    form = {"decision": "refuse", "reason": "Our exhibition is canceled.", "language": "en"}
    page = await http.post(sent_quote.link.url, data=form, follow_redirects=True)
    assert page.status_code == 200
    order = await sent_quote.member.persona.ask("order", id=sent_quote.order_id)
    assert order["state"] == "CANCELLED"
    assert order["cover"] is None


@pytest.mark.parametrize(
    "link", ["nothing", "A" * 3_000, "..%2f..%2fetc%2fpasswd", "%E2%80%AE", "' or 1=1 --"]
)
async def test_a_link_that_nobody_signed_opens_nothing(link: str, door: Door, stack: Addresses) -> None:
    _, http = door
    page = await http.get(f"{stack.gateway}/orders/{link}")
    assert 400 <= page.status_code < 500
    assert "Traceback" not in page.text
