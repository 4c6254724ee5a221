"""Free what was set aside for a contract that does not go on."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.release_budget import release_budget
from invoicing.events.consumed import ContractRefused


@consumes(ContractRefused)
async def contract_refused(ctx: Ctx, event: ContractRefused) -> None:
    """Free the hold, where there is one."""
    await release_budget(ctx, contract_id=event.contract_id)
