"""Decide that money in suspense stays for a client."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from invoicing.domain.allocation import DecisionKind, decide
from invoicing.domain.errors import PartyOfAnotherEntity, UnknownParty
from invoicing.rows import PaymentRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import lock_payment


@capability
async def keep_payment(
    ctx: Ctx[Invoicing],
    *,
    payment_id: Annotated[UUID, Node("Payment")],
    party_id: Annotated[UUID, Node("Party")],
) -> PaymentRow:
    """Keep what is left of a payment as a client's credit: it may pay a later invoice, or go back.

    It stays in suspense and nothing is booked; another client named later replaces the first.
    """
    payment = await lock_payment(ctx.db, payment_id)
    party = await ctx.db.fetchrow(SQL["party"], party_id)
    if party is None:
        raise UnknownParty(party=party_id).at("partyId")
    if party["entity_id"] != payment.entity_id:
        raise PartyOfAnotherEntity(party=party_id).at("partyId")
    kept = decide(None, open_amount=payment.in_suspense)
    await ctx.db.execute(
        SQL["insert_payment_decision"],
        uuid7(),
        payment.id,
        payment.entity_id,
        DecisionKind.KEPT.value,
        kept.minor,
        kept.currency,
        None,
        party_id,
        None,
        await ctx.today(payment.entity_id),
        ctx.who.subject,
    )
    [row] = await ctx.db.fetch(SQL["payments_by_key"], [payment.id])
    return PaymentRow(*row)
