"""Let a contract begin whose hire is accepted, or whose country asks for no declaration."""

from __future__ import annotations

from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import cancel, schedule
from commons.set_back import told_day
from payroll.capabilities.expect_returns import expect_returns
from payroll.deadlines.keys import CONTRACT_END, contract_end_key, hire_not_declared_key
from payroll.domain.contract import accept_hire
from payroll.events.published import ContractConfirmed
from payroll.service import Payroll
from payroll.store import StoredContract, store_facts


@capability
async def confirm_contract(ctx: Ctx[Payroll], stored: StoredContract) -> None:
    """The work may begin, the contract ends on its last day, and its entity owes returns of that period."""
    told_on = await told_day(ctx.db, ContractConfirmed, stored.contract.id, "confirmed_on")
    today = told_on or await ctx.today(stored.entity_id)
    contract = accept_hire(stored.contract, today)
    await store_facts(ctx.db, contract)
    await cancel(ctx.db, hire_not_declared_key(contract.id))
    await schedule(
        ctx.db,
        kind=CONTRACT_END,
        key=contract_end_key(contract.id),
        entity_id=stored.entity_id,
        due=contract.terms.last_day,
        data={"contract_id": str(contract.id)},
    )
    await expect_returns(ctx, entity_id=stored.entity_id, day=contract.terms.last_day)
    await ctx.announce(
        ContractConfirmed(
            contract_id=contract.id,
            order_id=stored.order_id,
            entity_id=stored.entity_id,
            confirmed_on=today,
        )
    )
