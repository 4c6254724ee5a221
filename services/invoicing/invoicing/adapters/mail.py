"""Write to buyers: the message that brings the signed link of an order."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from commons.database import Pool
from commons.effects import Effect, EffectHandler, NotSent, Rejected, Result
from invoicing.documents import formats
from invoicing.documents.words import word
from invoicing.service import OrderLinks
from invoicing.sql import SQL
from invoicing.store import link_of

BUSY: Final = frozenset({429, 503})  # said before anything was taken


def order_mail(
    http: httpx.AsyncClient, mail_url: str, read: Pool, links: OrderLinks, time_zone: ZoneInfo
) -> EffectHandler:
    """How `mail.order` is done.

    The address and the link are looked up and signed at the moment of sending, so that no effect holds them.
    The mail service takes one message a key: sending again is also how the outcome of an attempt is found.
    """

    async def send(effect: Effect) -> Result:
        message = await _message(read, links, time_zone, UUID(effect.payload["order_id"]))
        return await post_message(http, mail_url, f"{effect.kind}/{effect.key}", message)

    return EffectHandler(send=send, ask=send)


async def _message(read: Pool, links: OrderLinks, time_zone: ZoneInfo, order_id: UUID) -> dict[str, Any]:
    row = await read.fetchrow(SQL["order_mail"], order_id)
    if row is None:
        raise Rejected("there is no such order")
    link = link_of(row, links, time_zone)
    assert link is not None, "the effect was asked for when the order was sent"
    language = formats.language_of(row["language"])
    subject = word("mail_order_subject", language, number=row["number"], seller=row["seller_name"])
    text = word(
        "mail_order_text",
        language,
        link=link,
        valid_until=formats.day(row["valid_until"], language),
        # People's words last: what they wrote is not searched for facts to fill in.
        title=row["title"],
        seller=row["seller_name"],
    )
    return {"to": row["email"], "subject": subject, "text": text}


async def post_message(http: httpx.AsyncClient, url: str, key: str, message: dict[str, Any]) -> Result:
    """Hand a message over; the same key again gives the first answer. Raises NotSent, Rejected."""
    try:
        answer = await http.post(f"{url}/messages", json=message, headers={"Idempotency-Key": key})
    except httpx.ConnectError as error:
        raise NotSent("the mail service is not there") from error
    if answer.status_code in BUSY:
        raise NotSent(f"the mail service answers {answer.status_code}")
    if 400 <= answer.status_code < 500:
        raise Rejected(f"the mail service answers {answer.status_code}")
    answer.raise_for_status()
    return {"message_id": str(answer.json()["id"])}
