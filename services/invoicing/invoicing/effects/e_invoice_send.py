"""Send an invoice over the e-invoice network, and wait until the receiver has it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from commons.clock import REAL_CLOCK, Clock, today
from commons.context import Ctx
from commons.database import Pools, transaction
from commons.effects import Effect, EffectHandler, Rejected, Result, StillWaiting
from invoicing.adapters.e_invoice import CREDIT_NOTE_DOCUMENT, INVOICE_DOCUMENT, EInvoiceNetwork
from invoicing.archive import load_invoice
from invoicing.documents import ubl
from invoicing.domain.invoice import Invoice
from invoicing.domain.transmission import DocumentKind, TransmissionState
from invoicing.effects.transmission import give_up, measure_sent, note, today_of
from invoicing.sql import SQL

UBL_VERSION: Final = "2.1"


def e_invoice_send(pools: Pools, network: EInvoiceNetwork, clock: Clock = REAL_CLOCK) -> EffectHandler:
    """How an invoice is sent. Its id names it on the network too, so sending again is harmless."""

    async def send(effect: Effect) -> Result:
        invoice_id = UUID(effect.key)
        invoice = await load_invoice(pools.read, invoice_id)
        sender, receiver = invoice.seller.endpoint, invoice.buyer.endpoint
        assert sender is not None, "only an invoice between two addresses is sent here"
        assert receiver is not None, "only an invoice between two addresses is sent here"
        if not await network.receives(receiver, "credit_note" if invoice.is_credit_note else "invoice"):
            raise Rejected("The receiver is not registered on the network for this document")
        [row] = await pools.read.fetch(SQL["invoice_document_contents"], [invoice_id], DocumentKind.UBL.value)
        reference = await network.send(
            guid=invoice_id,
            sender=sender,
            receiver=receiver,
            document_type=_document_type(invoice),
            xml=row["content"],
        )
        await _note_sent(invoice_id, reference)
        return await _outcome(reference)

    async def ask(effect: Effect) -> Result | None:
        [row] = await pools.read.fetch(SQL["transmissions_by_invoice"], [UUID(effect.key)])
        # Without a reference nobody knows whether the network has it: it is sent again under the same guid.
        return None if row["reference"] is None else await _outcome(row["reference"])

    async def delivered(ctx: Ctx[Any], effect: Effect, result: Result) -> None:
        invoice_id = UUID(effect.key)
        await note(
            ctx.db,
            invoice_id,
            TransmissionState.DELIVERED,
            today=await today_of(ctx, invoice_id),
            evidence=result,
        )

    async def _outcome(reference: str) -> Result:
        delivery = await network.delivery(reference)
        if delivery.state == "delivered":
            return delivery.evidence
        if delivery.state == "failed":
            raise Rejected(delivery.reason or "The receiver refused the document")
        raise StillWaiting(delivery.state)

    async def _note_sent(invoice_id: UUID, reference: str) -> None:
        async with transaction(pools.write) as db:
            [row] = await db.fetch(SQL["invoices_by_key"], [invoice_id])
            day = await today(db, UUID(row["entity_id"]), clock)
            await note(db, invoice_id, TransmissionState.SENT, today=day, reference=reference)
            await measure_sent(db, invoice_id)

    return EffectHandler(send=send, ask=ask, settled=delivered, gave_up=give_up)


def _document_type(invoice: Invoice) -> str:
    document = CREDIT_NOTE_DOCUMENT if invoice.is_credit_note else INVOICE_DOCUMENT
    return f"{document}##{ubl.customization(invoice)}::{UBL_VERSION}"
