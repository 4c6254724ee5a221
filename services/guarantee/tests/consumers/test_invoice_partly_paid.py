from __future__ import annotations

from datetime import date
from typing import Any

from commons.money import Money
from guarantee.consumers.invoice_partly_paid import invoice_partly_paid
from guarantee.events.consumed import InvoicePartlyPaid


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


async def test_a_part_first_brings_back_what_was_advanced_and_hearing_of_it_again_changes_nothing(
    funded: Any,
) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    event = InvoicePartlyPaid(
        invoice_id=invoice,
        order_id=order,
        entity_id=funded.entity,
        amount=eur("605.00"),
        paid_on=date(2026, 8, 12),
    )
    for _ in range(2):
        await funded.do(lambda ctx: invoice_partly_paid(ctx, event))
    assert (await funded.receivable(), (await funded.fund())[0]) == ("330.00", "9670.00")
    assert (await funded.wage(payslip))["state"] == "advanced"
    await funded.pay_invoice(order, invoice)
    assert [each["amount"]["minor"] for each in await funded.bodies("AdvanceRecovered")] == ["60500", "33000"]
    assert (await funded.wage(payslip))["state"] == "recovered"
    await funded.check_books()
