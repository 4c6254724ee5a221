"""Declare that a client will not pay any more."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.default import DefaultReason, check_day_of_default
from invoicing.domain.errors import ClientAlreadyDefaulted, UnknownParty
from invoicing.events.published import ClientDefaulted
from invoicing.rows import PartyRow
from invoicing.service import Invoicing
from invoicing.sql import SQL


@capability
async def declare_default(
    ctx: Ctx[Invoicing],
    *,
    party_id: Annotated[UUID, Node("Party")],
    reason: DefaultReason,
    defaulted_on: date,
) -> PartyRow:
    """Declare the default of a client, and of every registration of it in the same entity.

    The guarantee fund claims what it advanced and covers no new order of this client.
    """
    party = await ctx.db.fetchrow(SQL["party"], party_id)
    if party is None:
        raise UnknownParty(party=party_id).at("partyId")
    today = await ctx.today(party["entity_id"])
    check_day_of_default(defaulted_on, today)
    is_new = False
    for row in await ctx.db.fetch(SQL["same_clients"], party_id):
        added = await ctx.db.fetchval(
            SQL["insert_client_default"],
            row["id"],
            party["entity_id"],
            reason.value,
            defaulted_on,
            today,
            ctx.who.subject,
        )
        if added is None:
            continue
        is_new = True
        await ctx.announce(
            ClientDefaulted(
                party_id=row["id"],
                entity_id=party["entity_id"],
                reason=reason.value,
                defaulted_on=defaulted_on,
            )
        )
    if not is_new:
        raise ClientAlreadyDefaulted(party=party_id)
    [answer] = await ctx.db.fetch(SQL["parties_by_key"], [party_id])
    return PartyRow(*answer)
