"""Make the documents of an issued invoice: the UBL, judged once more as it will be sent, and the PDF."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from commons.context import Ctx
from commons.database import Pools, transaction
from commons.effects import Effect, EffectHandler, NotSent, Rejected, Result
from invoicing.archive import load_invoice
from invoicing.documents import ubl
from invoicing.documents.finding import RULE_SET
from invoicing.documents.pdf import print_invoice
from invoicing.documents.validator import broken_rules
from invoicing.domain.errors import DocumentRefusal
from invoicing.domain.invoice import Invoice
from invoicing.domain.transmission import DocumentKind
from invoicing.domain.vat import text_in
from invoicing.effects.transmission import give_up
from invoicing.service import Invoicing
from invoicing.sql import SQL

TIMEOUT_SECONDS: Final = 90.0  # a judge that takes too long is replaced; others may wait for it
MEDIA_TYPES: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.UBL: "application/xml",
    DocumentKind.PDF: "application/pdf",
}


def invoice_documents(pools: Pools, service: Invoicing) -> EffectHandler:
    """How the documents of an invoice are made: the same invoice always gives the same bytes, stored once."""

    async def make(effect: Effect) -> Result:
        invoice = await load_invoice(pools.read, UUID(effect.key))
        xml = ubl.serialize(invoice)
        try:
            broken = broken_rules(await service.validator.findings(xml, ubl.kind(invoice)))
        except DocumentRefusal as refusal:
            raise NotSent(refusal.code) from None
        if broken:
            raise Rejected(f"The document breaks {', '.join(broken)}")
        pdf = await asyncio.to_thread(
            print_invoice, invoice, xml, payment_mentions=_payment_mentions(service, invoice)
        )
        async with transaction(pools.write) as db:
            for kind, content in ((DocumentKind.UBL, xml), (DocumentKind.PDF, pdf)):
                digest = hashlib.sha256(content).hexdigest()
                await db.execute(
                    SQL["insert_invoice_document"],
                    invoice.id,
                    kind.value,
                    MEDIA_TYPES[kind],
                    content,
                    digest,
                    RULE_SET,
                )
        found = await find(effect)
        assert found is not None, "they were just stored"
        return found

    async def find(effect: Effect) -> Result | None:
        rows = await pools.read.fetch(SQL["invoice_documents_by_invoice"], [UUID(effect.key)])
        stored = {row["kind"]: row["sha256"] for row in rows}
        return stored if stored.keys() == {kind.value for kind in DocumentKind} else None

    async def send_on(ctx: Ctx[Any], effect: Effect, result: Result) -> None:
        invoice = await load_invoice(pools.read, UUID(effect.key))
        # A buyer whose country has no addresses here is outside the network.
        is_reachable = invoice.seller.endpoint is not None and invoice.buyer.endpoint is not None
        await ctx.effect("e_invoice.send" if is_reachable else "mail.invoice", effect.key, {})

    return EffectHandler(
        send=make, ask=find, settled=send_on, gave_up=give_up, timeout_seconds=TIMEOUT_SECONDS
    )


def _payment_mentions(service: Invoicing, invoice: Invoice) -> list[str]:
    assert invoice.issue_date is not None, "it is issued"
    return [text_in(service.rules.late_payment.on(invoice.issue_date), invoice.language)]
