"""A signed link is a permission for one order: to be read again and again, decided once, and good for nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commons.global_id import decode
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.client import Door, Persona, Refused
from tests.e2e.databases import Databases, logs_with
from tests.e2e.outside import SignedLink
from tests.e2e.story import Story
from tests.e2e.traces import FILE, traces_with

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

START, END = date(2027, 2, 1), date(2027, 2, 5)
CONFIRM: Mapping[str, Any] = {"name": "Sofie Janssens", "consent": True}


@dataclass(frozen=True, slots=True)
class Quotes:
    """Two quotes that were sent and are not decided, each with its link."""

    client: Persona
    first: str
    first_link: SignedLink
    second: str
    second_link: SignedLink


@pytest.fixture
async def quotes(story: Story) -> Quotes:
    """Two quotes of the test's own."""

    async def sent(title: str) -> tuple[str, SignedLink]:
        house, anna = story.house, story.anna
        # A letterbox for each, so that no letter is taken for another.
        client = await house.client(anna, name=title, contact="Sofie Janssens")
        order = await house.draft(
            anna,
            story.activity_id,
            client,
            title=title,
            quantity=1,
            unit_price=Decimal(320),
            start=START,
            end=END,
        )
        return order["id"], await house.send(anna, order["id"], client)

    first, first_link = await sent("A first quote")
    second, second_link = await sent("A second quote")
    assert first_link.link != second_link.link
    return Quotes(story.gateway.nobody("the client"), first, first_link, second, second_link)


async def state(story: Story, order: str) -> str:
    return str((await story.anna.persona.ask("order", id=order))["state"])


async def code_of(persona: Persona, operation: str, link: str, /, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        await persona.ask(operation, link=link, **more)
    return refused.value.code


async def test_it_is_read_again_and_again_and_decides_once(story: Story, quotes: Quotes) -> None:
    link = quotes.first_link.link
    for _ in range(3):
        assert (await quotes.client.ask("order_by_link", link=link))["title"] == "A first quote"
    assert await state(story, quotes.first) == "SENT"
    await quotes.client.ask("confirm_order", link=link, **CONFIRM)
    assert await code_of(quotes.client, "confirm_order", link, **CONFIRM) == "OrderAlreadyDecided"
    assert await code_of(quotes.client, "refuse_order", link, reason="No.") == "OrderAlreadyDecided"
    assert (await quotes.client.ask("order_by_link", link=link))["title"] == "A first quote"


async def test_it_says_and_does_nothing_about_another_order(story: Story, quotes: Quotes) -> None:
    assert (await quotes.client.ask("order_by_link", link=quotes.second_link.link))[
        "title"
    ] == "A second quote"
    await quotes.client.ask("refuse_order", link=quotes.second_link.link, reason="No.")
    assert await state(story, quotes.first) == "SENT"
    assert await state(story, quotes.second) == "CANCELLED"


async def test_it_cannot_be_turned_into_the_link_of_another_order(story: Story, quotes: Quotes) -> None:
    raw = bytearray(base64.urlsafe_b64decode(quotes.first_link.link + "=="))
    raw[1:17] = decode(quotes.second).key.bytes
    turned = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert await code_of(quotes.client, "confirm_order", turned, **CONFIRM) == "LinkNotValid"
    longer = bytearray(base64.urlsafe_b64decode(quotes.first_link.link + "=="))
    longer[17:25] = (int.from_bytes(longer[17:25], "big") + 86_400).to_bytes(8, "big")
    later = base64.urlsafe_b64encode(longer).rstrip(b"=").decode()
    assert await code_of(quotes.client, "confirm_order", later, **CONFIRM) == "LinkNotValid"
    assert await state(story, quotes.second) == await state(story, quotes.first) == "SENT"


@pytest.mark.parametrize("where", ["gateway", *SERVICES])
async def test_it_is_no_token(where: str, quotes: Quotes, door: Door, stack: Addresses) -> None:
    _, http = door
    url = f"{stack.gateway if where == 'gateway' else stack.services[where]}/graphql"
    link = quotes.first_link.link
    for authorization in (f"Bearer {link}", link, f"Link {link}"):
        answer = await http.post(
            url,
            json={"query": "{ __typename }"},
            headers={"Authorization": authorization, "X-Country": stack.country},
        )
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_and_an_id_are_no_links(story: Story, quotes: Quotes) -> None:
    token = story.anna.persona.token or ""
    for wrong in (quotes.first, token[:200], token.split(".")[2][:200]):
        assert await code_of(quotes.client, "confirm_order", wrong, **CONFIRM) == "LinkNotValid"


async def test_it_opens_no_field_but_the_offer(story: Story, quotes: Quotes) -> None:
    """Beside a field that the link opens, everything else still wants a token."""
    answer = await quotes.client.post(
        "query Both($link: String!, $id: ID!) { orderByLink(link: $link) { title } order(id: $id) { number } }",
        {"link": quotes.first_link.link, "id": quotes.first},
    )
    assert answer.codes == ["UNAUTHENTICATED"]
    assert not (answer.body.get("data") or {}).get("order")


async def test_it_is_in_no_log_no_event_and_no_trace(
    story: Story, quotes: Quotes, door: Door, stack: Addresses, databases: Databases
) -> None:
    """Whoever reads logs must not be able to decide for a client."""
    _, http = door
    await http.get(quotes.first_link.url)
    await quotes.client.ask("order_by_link", link=quotes.first_link.link)
    words = [quotes.first_link.link, story.link.link]
    assert await databases.events_with(words) == []
    assert logs_with(stack.run_dir, words) == []
    if (stack.run_dir / FILE).is_file():
        assert traces_with(stack.run_dir, words) == []
