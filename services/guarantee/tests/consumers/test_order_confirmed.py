from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons.clock import UnknownEntity
from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.consumers.order_confirmed import order_confirmed
from guarantee.domain.cover import STRATEGIES


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


async def test_an_order_that_the_buyer_confirmed_is_covered_for_its_price_less_the_contribution(
    funded: Any,
) -> None:
    order = await funded.confirm_order()
    assert await funded.told(order) == ["OrderCovered"]
    [covered] = await funded.bodies("OrderCovered")
    assert covered["cover"] == {"minor": "93500", "currency": "EUR"}
    assert covered["decided_on"] == "2026-06-15"
    assert [reason["rule"] for reason in covered["reasons"]] == list(STRATEGIES)
    assert await funded.exposure() == "935.00"


async def test_an_order_that_fails_a_rule_is_not_covered_and_every_reason_is_told(funded: Any) -> None:
    order = await funded.confirm_order(confirmed_by="member", buyer_country="CH")
    assert await funded.told(order) == ["OrderNotCovered"]
    [verdict] = await funded.bodies("OrderNotCovered")
    failed = [reason["rule"] for reason in verdict["reasons"] if not reason["passed"]]
    assert failed == ["formal_confirmation_by_buyer", "buyer_seat_in_eu"]
    assert await funded.exposure() == "0.00"


async def test_an_order_confirmed_after_the_paid_year_is_not_covered(funded: Any) -> None:
    await funded.confirm_order(confirmed_on=date(2027, 1, 4))
    [verdict] = await funded.bodies("OrderNotCovered")
    assert [reason["rule"] for reason in verdict["reasons"] if not reason["passed"]] == [
        "member_in_good_standing"
    ]


async def test_hearing_of_a_confirmation_again_changes_nothing(funded: Any) -> None:
    event = funded.order_confirmed()
    for _ in range(2):
        await funded.do(lambda ctx: order_confirmed(ctx, event))
    assert await funded.told(event.order_id) == ["OrderCovered"]
    waiting = await funded.pools.read.fetchval(
        "select count(*) from wage_process where order_id = $1", event.order_id
    )
    assert waiting == 1


async def test_an_order_waits_for_the_shares_of_its_member_and_for_its_entity(funded: Any) -> None:
    early = funded.order_confirmed(member_id=uuid7())
    with pytest.raises(NotYet):
        await funded.do(lambda ctx: order_confirmed(ctx, early))
    foreign = funded.order_confirmed(entity_id=uuid7())
    with pytest.raises(UnknownEntity):
        await funded.do(lambda ctx: order_confirmed(ctx, foreign))
    assert await funded.told(early.order_id) == []


async def test_what_the_fund_stands_for_already_counts(funded: Any) -> None:
    big = {"price": eur("50000.00"), "contribution": eur("3250.00")}
    await funded.confirm_order(**big)
    await funded.confirm_order(**big)
    refused = (await funded.bodies("OrderNotCovered"))[0]
    failed = [r["rule"] for r in refused["reasons"] if not r["passed"] and r["required"]]
    assert failed == ["member_exposure_cap"]
    assert await funded.exposure() == "46750.00"


async def test_a_client_with_an_open_claim_is_not_covered_again_and_one_who_paid_is_good(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    await funded.open_day(date(2026, 10, 7))
    await funded.confirm_order(confirmed_on=date(2026, 10, 7))
    [refused] = await funded.bodies("OrderNotCovered")
    [failed] = [reason for reason in refused["reasons"] if not reason["passed"]]
    assert failed["facts"]["buyer_credit_status"] == "in_recovery"
    await funded.pay_invoice(order, invoice, day=date(2026, 10, 8))
    await funded.confirm_order(confirmed_on=date(2026, 10, 9))
    covered = (await funded.bodies("OrderCovered"))[-1]
    status = next(reason for reason in covered["reasons"] if reason["rule"] == "buyer_credit_status")
    assert status["facts"]["buyer_credit_status"] == "good"


async def test_the_board_is_told_once_a_day_that_the_fund_is_too_small(cell: Any) -> None:
    await cell.confirm_order()
    await cell.confirm_order()
    [told] = await cell.bodies("FundBelowReserve")
    assert told["balance"] == {"minor": "0", "currency": "EUR"}
    assert told["reserve"] == {"minor": "4675", "currency": "EUR"}
    assert await cell.told(cell.entity) == ["FundBelowReserve"]


async def test_a_verdict_cannot_be_changed(funded: Any) -> None:
    await funded.confirm_order()
    with pytest.raises(Exception, match="kept as it was given"):
        await funded.pools.write.execute("update cover_verdict set covered = false, cover_minor = 0")
