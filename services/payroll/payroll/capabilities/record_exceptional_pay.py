"""Record pay beside the wage of a contract: its payslip pays and taxes it with lines of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.database import Connection
from commons.money import Money
from payroll.domain.errors import ExceptionalPayAlreadyRecorded, PayslipAlreadyComputed, UnknownContract
from payroll.domain.exceptional_pay import ExceptionalPayKind, check_exceptional_pay
from payroll.events.published import ExceptionalPayRecorded
from payroll.rows import ContractRow, contract_rows
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract

REASON_MAX: Final = 500


@capability
async def record_exceptional_pay(
    ctx: Ctx[Payroll],
    *,
    contract_id: Annotated[UUID, Node("Contract")],
    kind: ExceptionalPayKind,
    amount: Money,
    reason: Annotated[str, Text(max=REASON_MAX, min=1)],
) -> ContractRow:
    """Keep a gross amount that the payslip of a contract pays besides its wage, and why.

    The budget held for the contract stays as it is: what the payslip costs beyond its price is the mutual
    pool's, as every variance. Raises UnknownContract, ContractAlreadyRefused, ExceptionalPayUnknown,
    ExceptionalPayAlreadyRecorded, PayslipAlreadyComputed, CurrencyMismatch, GrossNotPositive, WageTooLarge.
    """
    stored = await lock_contract(ctx.db, contract_id)
    if stored is None:
        raise UnknownContract(contract=contract_id).at("contractId")
    check_exceptional_pay(stored.contract, kind, amount, ctx.service.law)
    computed_on = await ctx.db.fetchval(SQL["payslip_of_contract_computed_on"], contract_id)
    if computed_on is not None:
        raise PayslipAlreadyComputed(contract=contract_id, computed_on=computed_on).at("contractId")
    today = await ctx.today(stored.entity_id)
    kept = await ctx.db.fetchval(
        SQL["insert_exceptional_pay"],
        contract_id,
        kind,
        amount.minor,
        amount.currency,
        reason,
        ctx.who.subject,
        today,
    )
    if kept is None:
        raise ExceptionalPayAlreadyRecorded(contract=contract_id, kind=kind).at("kind")
    await ctx.announce(
        ExceptionalPayRecorded(
            contract_id=contract_id,
            order_id=stored.order_id,
            entity_id=stored.entity_id,
            kind=kind,
            amount=amount,
            recorded_on=today,
        )
    )
    [row] = await contract_rows(ctx, await ctx.db.fetch(SQL["contracts_by_key"], [contract_id]))
    return row


async def year_end_premiums(db: Connection, contracts: Sequence[UUID]) -> dict[UUID, int]:
    """The premium recorded for each contract that has one, in minor units. The contracts are locked."""
    rows = await db.fetch(SQL["exceptional_pay_of_contracts"], contracts)
    return {
        row["contract_id"]: row["amount_minor"]
        for row in rows
        if row["kind"] == ExceptionalPayKind.YEAR_END_PREMIUM
    }
