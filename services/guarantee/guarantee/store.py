"""Between tables, the ledger and domain values: what several capabilities load, store and book alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from commons import ledger
from commons.context import Ctx
from commons.database import Connection, Record
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.domain.books import AccountName, Journal, LineKind, account_code, accounts_of
from guarantee.domain.rules import guarantee_rules
from guarantee.domain.wage_promise import OrderCancelled, Source, State, WagePromise, open_promise, step
from guarantee.sql import SQL


@dataclass(frozen=True, slots=True)
class Order:
    """An order whose cover is decided, locked in this transaction."""

    id: UUID
    entity_id: UUID
    currency: str
    is_covered: bool
    cancelled_on: date | None


@dataclass(frozen=True, slots=True)
class Wage:
    """The promise of a wage with what is known around it.

    `hold_id` is what is held for it in the ledger: None although something is to be held means that the fund
    could not, which the due date tries again.
    """

    promise: WagePromise
    entity_id: UUID
    contract_id: UUID | None = None
    member_id: UUID | None = None
    hold_id: UUID | None = None
    source: Source | None = None
    funded_on: date | None = None


async def lock_order(db: Connection, order_id: UUID) -> Order | None:
    """The order, nobody else's until this transaction ends; None where it has not arrived."""
    row = await db.fetchrow(SQL["lock_order"], order_id)
    if row is None:
        return None
    return Order(row["id"], row["entity_id"], row["currency"], row["covered"], row["cancelled_on"])


async def wages_of_order(db: Connection, order: Order) -> list[Wage]:
    """The wages of a locked order, the oldest promise first."""
    return [_wage_from(row) for row in await db.fetch(SQL["wages_of_order"], order.id)]


async def lock_wage(db: Connection, payslip_id: UUID) -> Wage | None:
    """The wage of a payslip, its order locked; None where the payslip has not arrived."""
    order_id = await db.fetchval(SQL["order_of_payslip"], payslip_id)
    order = await lock_order(db, order_id) if order_id else None
    if order is None:
        return None
    wages = await wages_of_order(db, order)
    return next(wage for wage in wages if wage.promise.payslip_id == payslip_id)


async def open_wage(db: Connection, order: Order, collected: Money | None = None) -> Wage:
    """The promise of one more wage of an order; `collected` is money that waits for it."""
    promise = open_promise(
        id=uuid7(),
        order_id=order.id,
        nothing=Money.zero(order.currency),
        covered=order.is_covered,
        collected=collected,
    )
    if order.cancelled_on is not None:
        promise = step(promise, OrderCancelled()).promise
    wage = Wage(promise, order.entity_id)
    await db.execute(SQL["insert_wage"], *_columns(wage))
    return wage


async def store_wage(db: Connection, wage: Wage) -> None:
    """Keep what became of a wage."""
    await db.execute(SQL["update_wage"], *_columns(wage))


async def open_accounts(ctx: Ctx, entity_id: UUID, currency: str, day: date) -> None:
    """Open the accounts of an entity's fund; those that are open already stay as they are.

    The entity is locked. `day` is that on which the fund is opened: its working capital is that day's.
    """
    opened = {row["code"] for row in await ctx.db.fetch(SQL["fund_accounts"], entity_id)}
    rules = guarantee_rules(ctx.country.section("guarantee"), day)
    for account in accounts_of(entity_id, currency, rules.fund_floor):
        if account.code not in opened:
            floor = None if account.floor is None else account.floor.minor
            await ledger.open_account(
                ctx.db, uuid7(), account.code, account.currency, account.kind, entity_id, floor
            )


async def book(
    ctx: Ctx, journal: Journal, *, entity_id: UUID, effective: date, hold_id: UUID | None = None
) -> UUID:
    """Write a journal; the id of the hold, or of the journal.

    What is to be posted of a hold that could not be made is booked as a plain transfer. Raises UnknownAccount
    where the entity has no fund, FloorReached where the fund does not have that much.
    """
    accounts = {row["code"]: row["id"] for row in await ctx.db.fetch(SQL["fund_accounts"], entity_id)}
    facts: dict[str, Any] = {
        "code": journal.code,
        "ref": journal.ref,
        "actor": ctx.who.subject,
        "effective": effective,
    }
    kind = journal.lines[0].kind
    if kind in (LineKind.POST, LineKind.VOID) and hold_id is not None:
        end = ledger.post_hold if kind is LineKind.POST else ledger.void_hold
        return await end(ctx.db, hold=hold_id, **facts)
    if not accounts:
        raise ledger.UnknownAccount(entity=entity_id)
    legs = [ledger.Leg(accounts[line.debit], accounts[line.credit], line.amount) for line in journal.lines]
    if kind is LineKind.HOLD:
        [leg] = legs
        return await ledger.hold(ctx.db, debit=leg.debit, credit=leg.credit, amount=leg.amount, **facts)
    return await ledger.post(ctx.db, legs=legs, **facts)


async def fund_balance(db: Connection, entity_id: UUID, currency: str) -> Money:
    """The money of an entity's fund; nothing where it has none."""
    minor = await db.fetchval(SQL["fund_balance_minor"], account_code(entity_id, AccountName.FUND))
    return Money(minor or 0, currency)


def _wage_from(row: Record) -> Wage:
    def money(name: str) -> Money:
        return Money(row[f"{name}_minor"], row["currency"])

    promise = WagePromise(
        id=row["id"],
        order_id=row["order_id"],
        state=State(row["state"]),
        held=money("held"),
        collected=money("collected"),
        funded=money("funded"),
        advanced=money("advanced"),
        recovered=money("recovered"),
        lost=money("lost"),
        is_wage_paid=row["is_wage_paid"],
    )
    if row["payslip_id"] is not None:
        promise = replace(
            promise, payslip_id=row["payslip_id"], labor_cost=money("labor_cost"), due_date=row["due_date"]
        )
    return Wage(
        promise=promise,
        entity_id=row["entity_id"],
        contract_id=row["contract_id"],
        member_id=row["member_id"],
        hold_id=row["hold_id"],
        source=Source(row["source"]) if row["source"] else None,
        funded_on=row["funded_on"],
    )


def _columns(wage: Wage) -> tuple[object, ...]:
    """The values of a wage's row, in the order in which its statements name them."""
    promise = wage.promise
    return (
        promise.id,
        promise.order_id,
        wage.entity_id,
        promise.state.value,
        promise.held.currency,
        promise.payslip_id,
        wage.contract_id,
        wage.member_id,
        promise.labor_cost.minor if promise.labor_cost else None,
        promise.due_date,
        promise.held.minor,
        promise.collected.minor,
        promise.funded.minor,
        promise.advanced.minor,
        promise.recovered.minor,
        promise.lost.minor,
        promise.is_wage_paid,
        wage.hold_id,
        wage.source.value if wage.source else None,
        wage.funded_on,
    )
