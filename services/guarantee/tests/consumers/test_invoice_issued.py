from __future__ import annotations

from typing import Any

from commons.money import Money
from commons.uuid7 import uuid7


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


async def test_an_invoice_above_the_cover_raises_what_the_fund_stands_for(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(
        order,
        total_without_vat=eur("1200.00"),
        total_with_vat=eur("1452.00"),
        contribution=eur("78.00"),
    )
    assert await funded.exposure() == "1122.00"


async def test_an_invoice_below_the_cover_does_not_take_back_what_was_promised(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(order, total_without_vat=eur("500.00"), total_with_vat=eur("605.00"))
    assert await funded.exposure() == "935.00"


async def test_an_invoice_may_arrive_before_its_order(funded: Any) -> None:
    order = uuid7()
    await funded.issue_invoice(
        order, total_without_vat=eur("1200.00"), total_with_vat=eur("1452.00"), contribution=eur("78.00")
    )
    await funded.confirm_order(order_id=order)
    assert await funded.exposure() == "1122.00"


async def test_hearing_of_an_invoice_again_keeps_what_was_paid_on_it(funded: Any) -> None:
    order, invoice = await funded.confirm_order(), uuid7()
    await funded.issue_invoice(order, invoice_id=invoice)
    await funded.pay_invoice(order, invoice)
    await funded.issue_invoice(order, invoice_id=invoice)
    paid = await funded.pools.read.fetchval("select paid_minor from invoice where id = $1", invoice)
    assert paid == 121_000
    assert await funded.exposure() == "0.00"
