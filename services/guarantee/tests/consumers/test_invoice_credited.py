from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.capabilities.open_fund import open_fund
from guarantee.consumers.contribution_levied import contribution_levied
from guarantee.consumers.invoice_credited import invoice_credited
from guarantee.events.consumed import ContributionLevied, InvoiceCredited

CREDITED = date(2026, 8, 3)


async def credit(cell: Any, order: UUID, invoice: UUID, day: date = CREDITED) -> None:
    event = InvoiceCredited(
        invoice_id=invoice,
        order_id=order,
        entity_id=cell.entity,
        issue_date=day,
        contribution=Money.of("65.00", "EUR"),
    )
    for _ in range(2):
        await cell.do(lambda ctx: invoice_credited(ctx, event))


async def levy(cell: Any, invoice: UUID) -> None:
    event = ContributionLevied(
        invoice_id=invoice,
        entity_id=cell.entity,
        amount=Money.of("65.00", "EUR"),
        levied_on=date(2026, 7, 31),
    )
    await cell.do(lambda ctx: contribution_levied(ctx, event))


async def test_a_wage_whose_invoice_was_taken_back_is_held_no_longer_and_paid_all_the_same(
    funded: Any,
) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    assert await funded.fund() == ("10000.00", "935.00")
    await credit(funded, order, invoice)
    assert (await funded.wage(payslip))["state"] == "wage_due_unbacked"
    assert await funded.fund() == ("10000.00", "0.00")
    assert await funded.exposure() == "0.00"
    await funded.open_day(date(2026, 8, 8))
    assert await funded.told(payslip) == ["WageFunded"]
    assert (await funded.wage(payslip))["state"] == "recovery_opened"
    assert await funded.fund() == ("9065.00", "0.00")
    assert await funded.exposure() == "935.00"
    await funded.check_books()


async def test_an_advance_whose_invoice_is_taken_back_stays_with_the_fund_and_not_with_the_client(
    funded: Any,
) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    await funded.pay_wage(payslip)
    await credit(funded, order, invoice, date(2026, 8, 12))
    wage = await funded.wage(payslip)
    assert (wage["state"], wage["is_wage_paid"], wage["recovered_minor"]) == ("recovery_opened", True, 0)
    assert await funded.receivable() == "935.00"
    # The client owes nothing any more: the next order is judged as if this one had never been.
    await funded.confirm_order()
    [_, told] = await funded.bodies("OrderCovered")
    [status] = [one for one in told["reasons"] if one["rule"] == "buyer_credit_status"]
    assert status["facts"]["buyer_credit_status"] == "unknown"
    await funded.check_books()


async def test_the_funds_part_of_the_contribution_is_given_back_once(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await levy(funded, invoice)
    with_contribution = await funded.fund()
    assert with_contribution != ("10000.00", "0.00")
    await credit(funded, order, invoice)
    assert await funded.fund() == ("10000.00", "0.00")
    await funded.check_books()


async def test_a_contribution_that_was_given_back_before_there_was_a_fund_is_never_booked(cell: Any) -> None:
    order = await cell.confirm_order()
    invoice = await cell.issue_invoice(order)
    await levy(cell, invoice)
    await credit(cell, order, invoice)
    await cell.do(lambda ctx: open_fund(ctx, entity_id=cell.entity, endowment=Money.of("100.00", "EUR")))
    assert await cell.fund() == ("100.00", "0.00")


async def test_a_credit_note_that_comes_before_its_invoice_waits(funded: Any) -> None:
    order = await funded.confirm_order()
    with pytest.raises(NotYet):
        await credit(funded, order, uuid7())
