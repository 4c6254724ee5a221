from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7
from guarantee.consumers.write_off_approved import write_off_approved
from guarantee.events.consumed import WriteOffApproved

DUE, PROPOSAL = date(2026, 8, 8), date(2026, 11, 6)


async def approve(funded: Any, order: UUID, write_off: str | UUID) -> None:
    event = WriteOffApproved(
        write_off_id=UUID(str(write_off)),
        order_id=order,
        entity_id=funded.entity,
        approved_on=date(2026, 11, 9),
    )
    for _ in range(2):
        await funded.do(lambda ctx: write_off_approved(ctx, event))


async def proposed(funded: Any) -> tuple[UUID, UUID, UUID, Any]:
    """An order whose advance nobody paid back in ninety days; its invoice, its payslip, the proposal."""
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.open_day(PROPOSAL)
    [proposal] = await funded.bodies("WriteOffProposed")
    return order, invoice, payslip, proposal


async def test_what_is_open_becomes_a_loss_of_the_fund_once_and_the_exposure_ends(funded: Any) -> None:
    order, _, payslip, proposal = await proposed(funded)
    assert (proposal["amount"]["minor"], proposal["proposed_on"]) == ("93500", "2026-11-06")
    await approve(funded, order, proposal["write_off_id"])
    [carried] = await funded.bodies("LossCarried")
    assert (carried["payslip_id"], carried["amount"]["minor"]) == (str(payslip), "93500")
    assert (await funded.wage(payslip))["state"] == "loss_carried"
    assert (await funded.fund(), await funded.receivable()) == (("9065.00", "0.00"), "0.00")
    assert await funded.exposure() == "0.00"
    await funded.check_books()


async def test_a_client_who_pays_after_the_loss_brings_it_back_to_the_fund(funded: Any) -> None:
    order, invoice, payslip, proposal = await proposed(funded)
    await approve(funded, order, proposal["write_off_id"])
    await funded.pay_invoice(order, invoice, "400.00", day=date(2026, 12, 1))
    assert ((await funded.wage(payslip))["state"], (await funded.fund())[0]) == ("loss_carried", "9465.00")
    await funded.pay_invoice(order, invoice, day=date(2026, 12, 2))
    wage = await funded.wage(payslip)
    assert (wage["state"], wage["lost_minor"], wage["recovered_minor"]) == ("recovered", 0, 93500)
    assert (await funded.fund())[0] == "10000.00"
    assert [each["amount"]["minor"] for each in await funded.bodies("AdvanceRecovered")] == ["40000", "53500"]
    await funded.check_books()


async def test_what_came_back_before_the_decision_is_no_loss(funded: Any) -> None:
    order, invoice, payslip, proposal = await proposed(funded)
    await funded.pay_invoice(order, invoice, day=date(2026, 11, 8))
    await approve(funded, order, proposal["write_off_id"])
    assert await funded.bodies("LossCarried") == []
    assert (await funded.wage(payslip))["state"] == "recovered"
    await funded.check_books()


async def test_an_approval_waits_for_the_proposal_it_decides(funded: Any) -> None:
    with pytest.raises(NotYet):
        await approve(funded, uuid7(), uuid7())


async def test_nothing_is_proposed_where_the_advance_came_back_and_nothing_twice(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.pay_invoice(order, invoice)
    await funded.open_day(PROPOSAL)
    assert await funded.bodies("WriteOffProposed") == []
    other = await funded.confirm_order(confirmed_on=PROPOSAL)
    for _ in range(2):
        await funded.compute_payslip(other, due_date=date(2026, 11, 10), computed_on=PROPOSAL)
    await funded.open_day(date(2026, 11, 10))
    await funded.open_day(date(2027, 3, 1))
    [proposal] = await funded.bodies("WriteOffProposed")
    assert proposal["amount"]["minor"] == "187000"
