from __future__ import annotations

from datetime import date
from typing import Any

from guarantee.consumers.client_defaulted import client_defaulted
from guarantee.events.consumed import ClientDefaulted

DUE = date(2026, 8, 8)


async def default(funded: Any) -> None:
    """The client is bankrupt; the news comes twice."""
    event = ClientDefaulted(
        party_id=funded.buyer, entity_id=funded.entity, reason="bankruptcy", defaulted_on=date(2026, 8, 5)
    )
    for _ in range(2):
        await funded.do(lambda ctx: client_defaulted(ctx, event))


async def test_what_was_advanced_is_claimed_at_once(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await default(funded)
    assert (await funded.wage(payslip))["state"] == "recovery_opened"
    await funded.check_books()


async def test_a_wage_of_a_covered_order_is_paid_from_the_fund_although_the_client_is_bankrupt(
    funded: Any,
) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(order)
    await default(funded)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    [wage] = await funded.bodies("WageFunded")
    assert (wage["source"], wage["funded_on"]) == ("advance", "2026-08-08")
    assert (await funded.wage(payslip))["state"] == "recovery_opened"
    await funded.check_books()


async def test_a_client_who_defaulted_is_not_covered_again_even_after_paying_everything(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await default(funded)
    await funded.pay_invoice(order, invoice, day=date(2026, 8, 6))
    await funded.confirm_order(confirmed_on=date(2026, 8, 7))
    [refused] = await funded.bodies("OrderNotCovered")
    [failed] = [reason for reason in refused["reasons"] if not reason["passed"]]
    assert failed["facts"]["buyer_credit_status"] == "defaulted"
