"""Take the next batch of a pay run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from commons import deadlines
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.refusal import Refusal
from commons.set_back import told_days
from payroll.capabilities.compute_payslips import compute_payslips
from payroll.deadlines.keys import PAY_RUN, PAYSLIP, pay_run_key, payslip_key
from payroll.domain import contract as contracts
from payroll.events.published import ContractEnded, PayRunFinished
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import (
    Outcome,
    StoredContract,
    contract_from,
    refusal_of,
    settle_items,
    store_facts_of,
)

BATCH_SIZE_MAX: Final = 250  # contracts: a second of work, and no more locks than that


@capability
async def continue_pay_run(ctx: Ctx[Payroll], *, run_id: UUID) -> None:
    """Compute the payslips of the next contracts, note what failed, and have the next batch taken.

    All in the transaction that ends this batch: who is killed in the middle has done nothing, and the batch
    is taken again. A contract whose last day has passed unnoticed is ended first.
    """
    run = await ctx.db.fetchrow(SQL["pay_run_for_update"], run_id)
    assert run is not None, "pay runs are never deleted"
    batch = await ctx.db.fetch(SQL["pay_run_batch"], run_id, BATCH_SIZE_MAX)
    if batch:
        rows = await ctx.db.fetch(SQL["contracts_for_update"], [row["contract_id"] for row in batch])
        of = {row["id"]: row for row in rows}
        await _pay(ctx, run, [of[row["contract_id"]] for row in batch])
    if len(batch) == BATCH_SIZE_MAX:
        await ctx.db.execute(SQL["count_pay_run_batch"], run_id)
        await schedule_batch(
            ctx,
            run_id=run_id,
            entity_id=run["entity_id"],
            due=run["period_start"],
            number=run["batches"] + 1,
        )
    else:
        await _finish(ctx, run)


async def schedule_batch(ctx: Ctx[Payroll], *, run_id: UUID, entity_id: UUID, due: date, number: int) -> None:
    """Have a batch taken now. It is due since the month began: before the ends of contracts, one by one."""
    await deadlines.schedule(
        ctx.db,
        kind=PAY_RUN,
        key=pay_run_key(run_id, number),
        entity_id=entity_id,
        due=due,
        data={"run_id": str(run_id)},
    )


async def _pay(ctx: Ctx[Payroll], run: Record, rows: Sequence[Record]) -> None:
    today = await ctx.today(run["entity_id"])
    keys = [row["id"] for row in rows]
    there = await ctx.db.fetch(SQL["payslips_of_contracts"], keys)
    outcomes: dict[UUID, Outcome] = {row["contract_id"]: row["id"] for row in there}
    unpaid = [row for row in rows if row["id"] not in outcomes]
    payable: list[StoredContract] = []
    for row, found in zip(unpaid, await _end(ctx, unpaid, today), strict=True):
        if isinstance(found, Refusal):
            outcomes[row["id"]] = found
        else:
            payable.append(found)
    outcomes |= await compute_payslips(ctx, entity_id=run["entity_id"], contracts=payable)
    for stored in payable:
        await _note(ctx, stored, outcomes[stored.contract.id])
    for row in rows:
        # What failed at the contract's own end was to be tried again; it is done now.
        if row["payslip_refusal_code"] is not None and isinstance(outcomes[row["id"]], UUID):
            await ctx.db.execute(SQL["flag_payslip_refusal"], row["id"], None)
            await deadlines.cancel(ctx.db, payslip_key(row["id"]))
    await settle_items(ctx.db, SQL["settle_pay_run_items"], run["id"], outcomes)


async def _end(ctx: Ctx[Payroll], rows: Sequence[Record], today: date) -> list[StoredContract | Refusal]:
    """End the contracts whose last day passed unnoticed; a refusal concerns its own contract."""
    found: list[StoredContract | Refusal] = []
    ended: list[StoredContract] = []
    told_on = await told_days(ctx.db, ContractEnded, [row["id"] for row in rows], "ended_on")
    for row in rows:
        contract = contract_from(row)
        is_open = contract.ended_on is None
        try:
            if is_open:
                contract = contracts.end_contract(contract, told_on.get(contract.id, today))
        except Refusal as refusal:
            found.append(refusal)
            continue
        stored = StoredContract(
            contract, row["order_id"], row["activity_id"], row["entity_id"], row["member_id"]
        )
        found.append(stored)
        if is_open:
            ended.append(stored)
    await store_facts_of(ctx.db, [stored.contract for stored in ended])
    await ctx.announce_all(
        [
            ContractEnded(
                contract_id=stored.contract.id,
                order_id=stored.order_id,
                entity_id=stored.entity_id,
                ended_on=stored.contract.ended_on or today,
            )
            for stored in ended
        ]
    )
    return found


async def _note(ctx: Ctx[Payroll], stored: StoredContract, outcome: Outcome) -> None:
    """Flag a contract without a payslip, and have it tried again by itself, as at its own end."""
    if not isinstance(outcome, Exception):
        return
    contract = stored.contract
    await ctx.db.execute(SQL["flag_payslip_refusal"], contract.id, refusal_of(outcome).code)
    await deadlines.schedule(
        ctx.db,
        kind=PAYSLIP,
        key=payslip_key(contract.id),
        entity_id=stored.entity_id,
        due=contract.terms.last_day,
        data={"contract_id": str(contract.id)},
    )


async def _finish(ctx: Ctx[Payroll], run: Record) -> None:
    today = await ctx.today(run["entity_id"])
    await ctx.db.execute(SQL["finish_pay_run"], run["id"], today)
    counts = await ctx.db.fetchrow(SQL["count_pay_run_items"], run["id"])
    assert counts is not None, "a count is a row"
    await ctx.announce(
        PayRunFinished(
            pay_run_id=run["id"],
            entity_id=run["entity_id"],
            period_start=run["period_start"],
            payslips=counts["done"],
            failures=counts["failed"],
            finished_on=today,
        )
    )
