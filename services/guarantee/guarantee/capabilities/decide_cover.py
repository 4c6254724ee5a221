"""Decide whether the fund stands for an order, and keep the verdict with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from commons.money import Money
from guarantee.capabilities.note_reserve import note_reserve
from guarantee.domain.cover import FundFacts, OrderFacts, Verdict
from guarantee.domain.cover import decide_cover as decide
from guarantee.domain.errors import OrderAlreadyDecided
from guarantee.domain.rules import guarantee_rules
from guarantee.events.published import OrderCovered, OrderNotCovered, Reason
from guarantee.sql import SQL
from guarantee.store import fund_balance, lock_order, open_wage

RESERVE: Final = "reserve_ratio"  # the rule that a fund too small for what it stands for fails


@dataclass(frozen=True, slots=True)
class ConfirmedOrder:
    """An order as its confirmation tells it."""

    id: UUID
    entity_id: UUID
    activity_id: UUID
    member_id: UUID
    buyer_id: UUID
    buyer_country: str
    confirmed_by: str
    price: Money
    contribution: Money
    confirmed_on: date


@capability
async def decide_cover(ctx: Ctx, *, order: ConfirmedOrder) -> None:
    """Give the verdict by the rules of the day of confirmation, and open the promise of the order's wage.

    Raises OrderAlreadyDecided; NotYet until it is known how long the member is entitled, which everybody who
    has an activity is.
    """
    today = max(await ctx.today(order.entity_id), order.confirmed_on)
    entity = await ctx.db.fetchrow(SQL["lock_entity"], order.entity_id)
    assert entity is not None, "it has a business day since it was registered here"
    entitled_until = await ctx.db.fetchval(SQL["entitled_until"], order.member_id, order.entity_id)
    if entitled_until is None:
        raise NotYet(f"the shares of member {order.member_id}")
    if not await _insert(ctx, order):
        raise OrderAlreadyDecided(order=order.id)
    facts = OrderFacts(
        order_id=order.id,
        price=order.price,
        contribution=order.contribution,
        confirmed_by=order.confirmed_by,
        confirmed_on=order.confirmed_on,
        buyer_country=order.buyer_country,
        buyer_credit_status=await ctx.db.fetchval(
            SQL["buyer_credit_status"], order.buyer_id, order.entity_id
        ),
        member_entitled_until=entitled_until,
    )
    rules = guarantee_rules(ctx.country.section("guarantee"), order.confirmed_on)
    verdict = decide(facts, await _fund_facts(ctx, order, entity["currency"]), rules, today=today)
    await _keep(ctx, order, verdict)
    locked = await lock_order(ctx.db, order.id)
    assert locked is not None, "its verdict was just kept"
    await open_wage(ctx.db, locked)
    await ctx.db.execute(SQL["refresh_exposure"], order.id)
    await note_reserve(
        ctx,
        entity_id=order.entity_id,
        currency=entity["currency"],
        today=today,
        asked=None if verdict.is_covered else _asked_beyond_the_reserve(order, verdict),
    )


def _asked_beyond_the_reserve(order: ConfirmedOrder, verdict: Verdict) -> Money | None:
    is_reserve_too_small = any(reason.rule == RESERVE for reason in verdict.failed)
    return order.price - order.contribution if is_reserve_too_small else None


async def _insert(ctx: Ctx, order: ConfirmedOrder) -> bool:
    added = await ctx.db.fetchval(
        SQL["insert_order"],
        order.id,
        order.entity_id,
        order.activity_id,
        order.member_id,
        order.buyer_id,
        order.buyer_country,
        order.confirmed_by,
        order.price.minor,
        order.contribution.minor,
        order.price.currency,
        order.confirmed_on,
    )
    return added is not None


async def _fund_facts(ctx: Ctx, order: ConfirmedOrder, currency: str) -> FundFacts:
    row = await ctx.db.fetchrow(SQL["exposure"], order.entity_id, order.buyer_id, order.member_id)
    assert row is not None, "a sum is always answered"
    is_open = await ctx.db.fetchval(SQL["is_fund_open"], order.entity_id)
    return FundFacts(
        reserve=await fund_balance(ctx.db, order.entity_id, currency) if is_open else None,
        exposure=Money(row["minor"], currency),
        buyer_exposure=Money(row["buyer_minor"], currency),
        member_exposure=Money(row["member_minor"], currency),
    )


async def _keep(ctx: Ctx, order: ConfirmedOrder, verdict: Verdict) -> None:
    reasons = [reason.to_record() for reason in verdict.reasons]
    await ctx.db.execute(
        SQL["insert_verdict"],
        order.id,
        verdict.is_covered,
        verdict.cover.minor,
        verdict.cover.currency,
        verdict.decided_on,
        reasons,
    )
    told = [Reason.model_validate(reason) for reason in reasons]
    if verdict.is_covered:
        await ctx.announce(
            OrderCovered(
                order_id=order.id,
                entity_id=order.entity_id,
                cover=verdict.cover,
                reasons=told,
                decided_on=verdict.decided_on,
            )
        )
    else:
        await ctx.announce(
            OrderNotCovered(
                order_id=order.id, entity_id=order.entity_id, reasons=told, decided_on=verdict.decided_on
            )
        )
