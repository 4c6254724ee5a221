from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.claims import ANONYMOUS
from commons.testing.api import AskedApi
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.capabilities.open_activity import open_activity
from invoicing.capabilities.send_order import send_order
from invoicing.consumers.member_resigned import member_resigned
from invoicing.documents.validator import Validator
from invoicing.domain.errors import MembershipEnded, OrderAlreadyDecided
from invoicing.events.consumed import MemberResigned


async def leave(desk: Any) -> None:
    event = MemberResigned(member_id=desk.member, entity_id=desk.entity, resigned_on=date(2026, 6, 5))
    await desk.do(lambda ctx: member_resigned(ctx, event))


async def test_who_left_brings_no_new_money_and_is_told_that_the_budget_is_still_theirs(desk: Any) -> None:
    await leave(desk)
    with pytest.raises(MembershipEnded, match="what is in the budget may still be spent"):
        await desk.draft()
    with pytest.raises(MembershipEnded):
        await desk.do(lambda ctx: open_activity(ctx, entity_id=desk.entity, name="Another"), desk.who)


async def test_an_offer_that_no_buyer_decided_on_is_withdrawn(api: AskedApi, desk: Any) -> None:
    draft, sent, confirmed = UUID((await desk.draft()).key), await desk.send(), await desk.confirm()
    await leave(desk)
    assert [await desk.told(order) for order in (draft, sent)] == [["OrderCancelled"]] * 2
    assert (await desk.body(sent, "OrderCancelled"))["reason"] == "member_resigned"
    assert await desk.told(confirmed) == ["OrderConfirmed"]
    token = await desk.token(sent)
    answer = await api.ask(
        "query ($link: String!) { orderByLink(link: $link) { state } }", who=ANONYMOUS, link=token
    )
    assert answer.data["orderByLink"]["state"] == "WITHDRAWN"
    with pytest.raises(OrderAlreadyDecided):
        await desk.do(lambda ctx: confirm_order(ctx, link=token, name="J", consent=True), ANONYMOUS)
    with pytest.raises(MembershipEnded):
        await desk.do(lambda ctx: send_order(ctx, order_id=draft), desk.who)


async def test_the_budget_of_who_left_still_holds_and_pays_contracts(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    await leave(desk)
    contract = await desk.request_contract(order, "900.00")
    assert await desk.balance() == ("935.00", "900.00")
    await desk.compute_payslip(contract, "900.00")
    assert await desk.balance() == ("35.00", "0.00")
    too_much = await desk.request_contract(order, "36.00")
    assert (await desk.body(too_much, "BudgetRefused"))["code"] == "BudgetTooSmall"


async def test_what_was_agreed_before_leaving_is_invoiced(desk: Any, judge_of_invoices: Validator) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    await leave(desk)
    await desk.open_day(date(2026, 7, 31))
    invoice = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    assert invoice.total_without_vat_minor == 100_000


async def test_who_comes_back_brings_money_again(desk: Any) -> None:
    await leave(desk)
    await desk.join(desk.member, entitled_until=date(2026, 12, 31))
    assert (await desk.draft()).state == "draft"
