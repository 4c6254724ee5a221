"""Write down what the bank did with a wage."""

from __future__ import annotations

from typing import Final

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.money import Money
from commons.set_back import told_day
from payroll.capabilities.repeat_wage_payment import repeat_to_another_account
from payroll.domain.contract import pay_contract, reopen_contract
from payroll.domain.correction import CORRECTION
from payroll.events.published import WagePaid, WageReturned
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract, store_facts

UNREADABLE: Final = "FILE"  # no code of the bank: it could not read the file


@capability
async def settle_wage_payment(ctx: Ctx[Payroll], *, end_to_end_id: str, returned_because: str | None) -> None:
    """The wage is paid, or it was returned for a reason of the bank; hearing it again changes nothing.

    A wage may come back after it was paid, and is then owed as before. Once every payslip of a contract is
    paid, so is the contract. A returned wage whose account was corrected meanwhile is ordered again at once.
    A payslip of corrections alone is no wage of its contract: it is only written down.
    """
    place = await ctx.db.fetchrow(SQL["payment_place"], end_to_end_id)
    assert place is not None, "its order was written before the bank was asked"
    # Contract, profile, order: the order in which whoever needs several of them takes them.
    stored = await lock_contract(ctx.db, place["contract_id"])
    assert stored is not None, "contracts are never deleted"
    await ctx.db.fetchrow(SQL["payroll_profile_for_update"], place["member_id"])
    row = await ctx.db.fetchrow(SQL["payment_for_update"], end_to_end_id)
    assert row is not None, "payment orders are never deleted"
    if row["returned_on"] is not None:
        return
    if row["kind"] == CORRECTION:
        await _settle_correction(ctx, row, returned_because)
    elif returned_because is not None:
        await _return(ctx, row, returned_because)
        await store_facts(ctx.db, reopen_contract(stored.contract))
        await repeat_to_another_account(ctx, row["member_id"])
    elif row["paid_on"] is None:
        told_on = await told_day(ctx.db, WagePaid, row["payslip_id"], "paid_on")
        paid_on = told_on or row["execution_date"]
        await ctx.db.execute(SQL["mark_wage_paid"], row["id"], paid_on)
        await ctx.announce(
            WagePaid(
                payslip_id=row["payslip_id"],
                contract_id=row["contract_id"],
                order_id=row["order_id"],
                entity_id=row["entity_id"],
                amount=Money(row["amount_minor"], row["currency"]),
                paid_on=paid_on,
            )
        )
        if await ctx.db.fetchval(SQL["unpaid_payslips_of_contract"], row["contract_id"]) == 0:
            await store_facts(ctx.db, pay_contract(stored.contract, paid_on))


async def _settle_correction(ctx: Ctx[Payroll], row: Record, returned_because: str | None) -> None:
    if returned_because is not None:
        today = await ctx.today(row["entity_id"])
        returned_on = today if row["paid_on"] is None else max(today, row["paid_on"])
        await ctx.db.execute(SQL["mark_wage_returned"], row["id"], returned_on, returned_because)
        await repeat_to_another_account(ctx, row["member_id"])
    elif row["paid_on"] is None:
        await ctx.db.execute(SQL["mark_wage_paid"], row["id"], row["execution_date"])


async def _return(ctx: Ctx[Payroll], row: Record, reason: str) -> None:
    told_on = await told_day(ctx.db, WageReturned, row["payslip_id"], "returned_on")
    today = told_on or await ctx.today(row["entity_id"])
    returned_on = today if row["paid_on"] is None else max(today, row["paid_on"])
    await ctx.db.execute(SQL["mark_wage_returned"], row["id"], returned_on, reason)
    await ctx.announce(
        WageReturned(
            payslip_id=row["payslip_id"],
            contract_id=row["contract_id"],
            order_id=row["order_id"],
            entity_id=row["entity_id"],
            amount=Money(row["amount_minor"], row["currency"]),
            reason=reason,
            returned_on=returned_on,
        )
    )
