"""Claim what is advanced for a client who will not pay any more."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.note_default import note_default
from guarantee.events.consumed import ClientDefaulted


@consumes(ClientDefaulted)
async def client_defaulted(ctx: Ctx, event: ClientDefaulted) -> None:
    """Open recovery on all orders of the client, and cover none again."""
    await note_default(
        ctx,
        buyer_id=event.party_id,
        entity_id=event.entity_id,
        reason=event.reason,
        defaulted_on=event.defaulted_on,
    )
