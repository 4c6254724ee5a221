"""Write down what the bank did with a wage."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from payroll.domain.contract import pay_contract
from payroll.events.published import WagePaid, WageReturned
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract, store_facts


@capability
async def settle_wage_payment(ctx: Ctx[Payroll], *, payslip_id: UUID, returned_because: str | None) -> None:
    """The wage is paid, or it was returned for a reason of the bank; hearing it again changes nothing.

    Once every payslip of a contract is paid, so is the contract.
    """
    row = await ctx.db.fetchrow(SQL["payment_for_update"], payslip_id)
    assert row is not None, "its order was written before the bank was asked"
    if row["paid_on"] is not None or row["returned_on"] is not None:
        return
    amount = Money(row["amount_minor"], row["currency"])
    if returned_because is not None:
        today = await ctx.today(row["entity_id"])
        await ctx.db.execute(SQL["mark_wage_returned"], row["id"], today, returned_because)
        await ctx.announce(
            WageReturned(
                payslip_id=payslip_id,
                contract_id=row["contract_id"],
                order_id=row["order_id"],
                entity_id=row["entity_id"],
                amount=amount,
                reason=returned_because,
                returned_on=today,
            )
        )
        return
    paid_on = row["execution_date"]
    await ctx.db.execute(SQL["mark_wage_paid"], row["id"], paid_on)
    await ctx.announce(
        WagePaid(
            payslip_id=payslip_id,
            contract_id=row["contract_id"],
            order_id=row["order_id"],
            entity_id=row["entity_id"],
            amount=amount,
            paid_on=paid_on,
        )
    )
    stored = await lock_contract(ctx.db, row["contract_id"])
    assert stored is not None, "contracts are never deleted"
    if await ctx.db.fetchval(SQL["unpaid_payslips_of_contract"], row["contract_id"]) == 0:
        await store_facts(ctx.db, pay_contract(stored.contract, paid_on))
