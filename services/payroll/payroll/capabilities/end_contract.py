"""End a contract on its last day."""

from __future__ import annotations

import logging
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import schedule
from commons.refusal import Refusal
from commons.set_back import told_day
from payroll.capabilities.compute_payslip import compute_payslip
from payroll.deadlines.keys import PAYSLIP, payslip_key
from payroll.domain import contract as contracts
from payroll.events.published import ContractEnded
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, lock_contract, store_facts

log = logging.getLogger(__name__)


@capability
async def end_contract(ctx: Ctx[Payroll], *, contract_id: UUID) -> None:
    """The work is done: announce it and compute the payslip.

    A payslip that is refused (a figure of the law is not confirmed) is flagged and tried again; the contract
    has ended all the same.
    """
    stored = await lock_contract(ctx.db, contract_id)
    assert stored is not None, "contracts are never deleted"
    if stored.contract.refused_on is not None or stored.contract.ended_on is not None:
        return
    told_on = await told_day(ctx.db, ContractEnded, contract_id, "ended_on")
    today = told_on or await ctx.today(stored.entity_id)
    contract = contracts.end_contract(stored.contract, today)
    await store_facts(ctx.db, contract)
    await ctx.announce(
        ContractEnded(
            contract_id=contract.id, order_id=stored.order_id, entity_id=stored.entity_id, ended_on=today
        )
    )
    ended = StoredContract(contract, stored.order_id, stored.activity_id, stored.entity_id, stored.member_id)
    try:
        async with ctx.db.transaction():
            await compute_payslip(ctx, stored=ended)
    except Refusal as refusal:
        log.error("a payslip is refused", extra={"contract": str(contract.id), "code": refusal.code})
        await ctx.db.execute(SQL["flag_payslip_refusal"], contract.id, refusal.code)
        wage_due = contracts.wage_due_date(ctx.service.law, ctx.country, contract.terms.last_day)
        await schedule(
            ctx.db,
            kind=PAYSLIP,
            key=payslip_key(contract.id),
            entity_id=stored.entity_id,
            due=contract.terms.last_day,
            data={"contract_id": str(contract.id), "wage_due": wage_due.isoformat()},
        )
