"""Move the promise of a wage one step, and do in the same transaction what the step commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from commons import deadlines, ledger
from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.domain.books import journal_of
from guarantee.domain.errors import EventNotYetExpected
from guarantee.domain.rules import guarantee_rules
from guarantee.domain.wage_promise import (
    Advance,
    CarryLoss,
    Command,
    Event,
    FundWage,
    Hold,
    PostHold,
    Recover,
    RecoverLoss,
    VoidHold,
    step,
)
from guarantee.events.published import AdvanceGranted, AdvanceRecovered, LossCarried, WageFunded
from guarantee.sql import SQL
from guarantee.store import Wage, book, store_wage


@capability
async def move_wage(ctx: Ctx, *, wage: Wage, event: Event, today: date) -> Money:
    """What an event makes of a wage of a locked order; the collected money that the wage does not need.

    Raises NotYet where something must happen before, FloorReached where an advance is due that the fund does
    not have.
    """
    try:
        after = step(wage.promise, event)
    except EventNotYetExpected as early:
        raise NotYet(f"{early.facts['event']} of a wage that is {early.facts['state']}") from early
    moved = replace(wage, promise=after.promise)
    for command in after.commands:
        moved = await _carry_out(ctx, moved, command, today)
    await store_wage(ctx.db, moved)
    return after.surplus


async def _carry_out(ctx: Ctx, wage: Wage, command: Command, today: date) -> Wage:
    match command:
        case Hold():
            return replace(wage, hold_id=await _hold(ctx, wage, command, today))
        case VoidHold():
            if wage.hold_id is not None:
                await _book(ctx, wage, command, today)
            return replace(wage, hold_id=None)
        case PostHold(amount) | Advance(amount):
            await _book(ctx, wage, command, today)
            await _grant_advance(ctx, wage, amount, today)
            return replace(wage, hold_id=None)
        case FundWage():
            await _tell_payroll(ctx, wage, command, today)
            return replace(wage, source=command.source, funded_on=today)
        case Recover() | RecoverLoss():
            await _book(ctx, wage, command, today)
            await _note_recovery(ctx, wage, command, today)
            return wage
        case CarryLoss():
            await _book(ctx, wage, command, today)
            await _tell_loss(ctx, wage, command, today)
            return wage
        case _:
            await _book(ctx, wage, command, today)
            return wage


async def _book(ctx: Ctx, wage: Wage, command: Command, today: date) -> UUID | None:
    payslip_id = _payslip(wage)
    journal = journal_of(command, entity_id=wage.entity_id, payslip_id=payslip_id)
    if journal is None:
        return None
    return await book(ctx, journal, entity_id=wage.entity_id, effective=today, hold_id=wage.hold_id)


async def _hold(ctx: Ctx, wage: Wage, command: Hold, today: date) -> UUID | None:
    """The hold in the ledger; None where the fund cannot: the due date asks it again, and the list of wages
    due shows it until then."""
    try:
        return await _book(ctx, wage, command, today)
    except (ledger.FloorReached, ledger.UnknownAccount):
        return None


async def _grant_advance(ctx: Ctx, wage: Wage, amount: Money, today: date) -> None:
    advance_id, payslip_id, order_id = uuid7(), _payslip(wage), wage.promise.order_id
    await ctx.db.execute(
        SQL["insert_advance"],
        advance_id,
        payslip_id,
        order_id,
        wage.entity_id,
        amount.minor,
        amount.currency,
        today,
    )
    await ctx.announce(
        AdvanceGranted(
            advance_id=advance_id,
            payslip_id=payslip_id,
            order_id=order_id,
            entity_id=wage.entity_id,
            amount=amount,
            granted_on=today,
        )
    )
    rules = guarantee_rules(ctx.country.section("guarantee"), today)
    for kind, due in (
        ("recovery_due", rules.recovery_opens_on(today)),
        ("write_off_due", rules.write_off_proposed_on(today)),
    ):
        await deadlines.schedule(
            ctx.db,
            kind=kind,
            key=f"{kind}:{payslip_id}",
            entity_id=wage.entity_id,
            due=due,
            data={"payslip_id": str(payslip_id)},
        )


async def _tell_payroll(ctx: Ctx, wage: Wage, command: FundWage, today: date) -> None:
    assert wage.contract_id is not None, "it came with the payslip"
    assert wage.promise.due_date is not None, "it came with the payslip"
    await ctx.announce(
        WageFunded(
            payslip_id=_payslip(wage),
            contract_id=wage.contract_id,
            order_id=wage.promise.order_id,
            entity_id=wage.entity_id,
            source=command.source.value,
            amount=command.amount,
            due_date=wage.promise.due_date,
            funded_on=today,
        )
    )


async def _tell_loss(ctx: Ctx, wage: Wage, command: CarryLoss, today: date) -> None:
    await ctx.announce(
        LossCarried(
            advance_id=await ctx.db.fetchval(SQL["advance_of_payslip"], _payslip(wage)),
            payslip_id=_payslip(wage),
            order_id=wage.promise.order_id,
            entity_id=wage.entity_id,
            amount=command.amount,
            carried_on=today,
        )
    )


async def _note_recovery(ctx: Ctx, wage: Wage, command: Recover | RecoverLoss, today: date) -> None:
    advance_id = await ctx.db.fetchval(SQL["advance_of_payslip"], _payslip(wage))
    await ctx.db.execute(SQL["insert_recovery"], advance_id, command.payment_ref, command.amount.minor, today)
    await ctx.announce(
        AdvanceRecovered(
            advance_id=advance_id,
            order_id=wage.promise.order_id,
            entity_id=wage.entity_id,
            amount=command.amount,
            recovered_on=today,
        )
    )


def _payslip(wage: Wage) -> UUID:
    assert wage.promise.payslip_id is not None, "only a wage with its payslip moves money"
    return wage.promise.payslip_id
