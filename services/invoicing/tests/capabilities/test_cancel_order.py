from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from commons import ledger
from commons.access import NotYours
from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.cancel_order import DoneLineInput, cancel_order
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.domain.books import AccountKind, entity_account
from invoicing.domain.errors import MoreDoneThanOrdered, OrderIsClosed, OrderIsDone

ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))
DURING = date(2026, 7, 10)
CANCEL = """
mutation ($order: ID!, $reason: String!, $done: [DoneLineInput!]) {
  cancelOrder(orderId: $order, reason: $reason, done: $done) {
    __typename
    ... on Order {
      state isRefused cancelReason cancelledOn lines { doneQuantity }
      budgetWithdrawal { amount { amount } taken { amount } carried { amount } }
    }
    ... on Refusal { code message path facts }
  }
}
"""


async def cancelled(desk: Any, order: UUID, done: str | None = None, who: Claims | None = None) -> Any:
    lines = [DoneLineInput(1, Decimal(done))] if done else None
    return await desk.do(lambda ctx: cancel_order(ctx, order_id=order, done=lines), who or desk.who)


async def carried(desk: Any, pools: Pools) -> str:
    """What the guarantee fund carries of orders that fell away, and that the books are sound."""
    async with pools.read.acquire() as db:
        assert await ledger.check_invariants(db) == []
        account = entity_account(AccountKind.GUARANTEE, desk.entity)
        return str(-(await ledger.balance(db, account.id)).posted.amount)


async def test_an_order_cancelled_before_the_work_takes_its_money_out_of_the_budget_again(
    api: AskedApi, desk: Any, pools: Pools
) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    assert await desk.balance() == ("935.00", "900.00")
    answer = await api.ask(CANCEL, who=desk.who, order=desk.id("Order", order), reason="Festival annulé")
    found = answer.data["cancelOrder"]
    assert (found["state"], found["isRefused"], found["cancelReason"]) == (
        "CANCELLED",
        False,
        "Festival annulé",
    )
    assert found["budgetWithdrawal"] == {
        "amount": {"amount": "935.00"},
        "taken": {"amount": "935.00"},
        "carried": {"amount": "0.00"},
    }
    assert await desk.balance() == ("0.00", "0.00")
    assert await desk.told(contract) == ["BudgetHeld", "BudgetReleased"]
    assert (await desk.body(order, "OrderCancelled"))["price"] is None
    assert await carried(desk, pools) == "0.00"
    await desk.refuse_contract(contract)
    assert await desk.told(contract) == ["BudgetHeld", "BudgetReleased"]


async def test_what_other_orders_spent_is_not_taken_from_what_the_member_earns_later(
    desk: Any, pools: Pools
) -> None:
    order, other = await desk.confirm(), await desk.confirm()
    await desk.cover(order)
    await desk.cover(other)
    contract = await desk.request_contract(other, "1200.00")
    await cancelled(desk, order)
    assert await desk.balance() == ("1200.00", "1200.00")
    await desk.compute_payslip(contract, "1200.00")
    assert await carried(desk, pools) == "265.00"
    later = await desk.confirm()
    await desk.cover(later)
    assert await desk.balance() == ("935.00", "0.00")
    assert await carried(desk, pools) == "265.00"


async def test_of_an_order_cancelled_during_the_work_the_part_done_is_kept_and_invoiced(
    desk: Any, pools: Pools, judge_of_invoices: Any
) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    await desk.open_day(DURING)
    await cancelled(desk, order, "4")
    body = await desk.body(order, "OrderCancelled")
    assert (body["price"]["minor"], body["contribution"]["minor"]) == ("40000", "2600")
    # The wage still holds its money: only what is free goes at once.
    assert await desk.balance() == ("900.00", "900.00")
    await desk.compute_payslip(contract, "350.00")
    assert await desk.balance() == ("24.00", "0.00")
    assert await carried(desk, pools) == "0.00"
    invoice = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    assert (invoice.total_without_vat_minor, invoice.contribution_minor) == (40_000, 2_600)
    assert await desk.told(order) == ["OrderConfirmed", "OrderCancelled"]
    [period] = await pools.read.fetchval(
        "select array[content->'lines'->0->'period'->>'end'] from invoice where id = $1", invoice.key
    )
    assert period == "2026-07-11"  # the day after the last


async def test_an_order_cancelled_during_the_work_with_nothing_done_is_not_invoiced(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    await desk.open_day(DURING)
    await cancelled(desk, order)
    assert await desk.balance() == ("0.00", "0.00")
    with pytest.raises(OrderIsClosed):
        await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)


async def test_an_order_whose_verdict_comes_after_its_cancellation_brings_nothing(desk: Any) -> None:
    order = await desk.confirm()
    await cancelled(desk, order)
    await desk.cover(order)
    assert await desk.balance() == ("0.00", "0.00")
    contract = await desk.request_contract(order, "900.00")
    assert await desk.told(contract) == []


async def test_a_quote_that_nobody_answered_is_withdrawn_even_when_its_days_are_past(desk: Any) -> None:
    order = await desk.send()
    await desk.open_day(date(2026, 9, 1))
    assert (await cancelled(desk, order)).state == "cancelled"


async def test_work_that_is_done_is_not_cancelled(desk: Any) -> None:
    order = await desk.confirm()
    await desk.open_day(date(2026, 7, 31))
    with pytest.raises(OrderIsDone):
        await cancelled(desk, order)


async def test_more_than_was_ordered_was_never_done(desk: Any) -> None:
    order = await desk.confirm()
    await desk.open_day(DURING)
    with pytest.raises(MoreDoneThanOrdered):
        await cancelled(desk, order, "10.5")


async def test_an_order_is_cancelled_by_its_member_or_an_accountant_and_nobody_else(desk: Any) -> None:
    order = await desk.confirm()
    stranger = Claims(subject="x", roles=frozenset({"member"}), member_id=uuid7())
    with pytest.raises(NotYours):
        await cancelled(desk, order, who=stranger)
    assert (await cancelled(desk, order, who=ACCOUNTANT)).state == "cancelled"
