"""Send the PDF of an invoice to a buyer outside the e-invoice network."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import httpx

from commons.context import Ctx
from commons.database import Pools, Record
from commons.effects import Effect, EffectHandler, Result
from invoicing.adapters.mail import post_message
from invoicing.documents import formats
from invoicing.documents.words import word
from invoicing.domain.invoice import CREDIT_NOTE
from invoicing.domain.transmission import TransmissionState
from invoicing.effects.transmission import give_up, measure_sent, note, today_of
from invoicing.sql import SQL


def invoice_mail(http: httpx.AsyncClient, mail_url: str, pools: Pools) -> EffectHandler:
    """How `mail.invoice` is done. The mail service takes one message a key: asking is sending again."""

    async def send(effect: Effect) -> Result:
        row = await pools.read.fetchrow(SQL["invoice_mail"], UUID(effect.key))
        assert row is not None, "the effect was asked for when the PDF was stored"
        return await post_message(http, mail_url, f"{effect.kind}/{effect.key}", _message(row))

    async def sent(ctx: Ctx[Any], effect: Effect, result: Result) -> None:
        invoice_id = UUID(effect.key)
        await note(
            ctx.db,
            invoice_id,
            TransmissionState.BY_MAIL,
            today=await today_of(ctx, invoice_id),
            evidence=result,
        )
        await measure_sent(ctx.db, invoice_id)

    return EffectHandler(send=send, ask=send, settled=sent, gave_up=give_up)


def _message(row: Record) -> dict[str, Any]:
    language = formats.language_of(row["language"])
    facts = {"number": row["number"], "seller": row["seller_name"]}
    if row["type_code"] == CREDIT_NOTE:
        kind, facts["preceding"] = "credit_note", row["preceding_number"]
    else:
        kind, facts["due_date"] = "invoice", formats.day(row["payment_due_date"], language)
    return {
        "to": row["email"],
        "subject": word(f"mail_{kind}_subject", language, **facts),
        "text": word(f"mail_{kind}_text", language, **facts),
        "attachments": [
            {
                "filename": f"{row['number']}.pdf",
                "content_type": "application/pdf",
                "content": base64.b64encode(row["content"]).decode(),
            }
        ],
    }
