from __future__ import annotations

from typing import Any

import pytest
from tests.a_bank import REFUND, Bank, books, decided, euros, imported, on, waiting

from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from invoicing.domain.books import AccountKind, entity_account


async def overpaid(api: AskedApi, desk: Any, invoice: Any, bank: Bank) -> Any:
    """An invoice that was paid twice; the payment that nothing needed."""
    bank.credit("1210.00", invoice.reference)
    bank.credit("1210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    return payment


async def test_a_second_payment_is_given_back_once_and_the_statement_proves_it(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    payment = await overpaid(api, desk, invoice, bank)
    assert (payment["outcome"], payment["inSuspense"]["amount"]) == ("SETTLED", "1210.00")
    decision = await decided(api, REFUND, id=payment["id"])
    assert decision["inSuspense"]["amount"] == "0.00"
    [refund] = decision["decisions"]
    assert (refund["kind"], refund["amount"]["amount"], refund["sentOn"]) == ("REFUNDED", "1210.00", None)
    assert await on(pools, entity_account(AccountKind.REFUND, desk.entity)) == "1210.00"
    assert (await decided(api, REFUND, id=payment["id"]))["code"] == "NothingInSuspense"
    bank.credit("-1210.00", refund["refundReference"], day="2026-08-21")
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert line["outcome"] == "REFUND"
    sent = await api.ask(
        "query ($id: ID!) { payment(id: $id) { decisions { sentOn } } }",
        who=Claims("a", frozenset({"accountant"})),
        id=payment["id"],
    )
    assert sent.data["payment"]["decisions"] == [{"sentOn": "2026-08-21"}]
    assert await on(pools, entity_account(AccountKind.REFUND, desk.entity)) == "0.00"
    assert await books(pools, desk) == {
        "bank": "-1210.00",
        "buyer": "0.00",
        "suspense": "0.00",
        "budget": "935.00",
    }


@pytest.mark.parametrize("amount", ["-1209.99", "-1210.01"])
async def test_a_transfer_of_another_amount_proves_no_refund(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools, amount: str
) -> None:
    payment = await overpaid(api, desk, invoice, bank)
    [refund] = (await decided(api, REFUND, id=payment["id"]))["decisions"]
    bank.credit(amount, refund["refundReference"])
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert line["outcome"] == "NOT_A_RECEIPT"
    assert await on(pools, entity_account(AccountKind.REFUND, desk.entity)) == "1210.00"


async def test_the_same_refund_is_not_proven_twice(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    payment = await overpaid(api, desk, invoice, bank)
    [refund] = (await decided(api, REFUND, id=payment["id"]))["decisions"]
    bank.credit("-1210.00", refund["refundReference"])
    bank.credit("-1210.00", refund["refundReference"])
    lines = (await imported(api, desk, bank.statement()))["lines"]
    assert [line["outcome"] for line in lines] == ["REFUND", "NOT_A_RECEIPT"]
    assert await on(pools, entity_account(AccountKind.REFUND, desk.entity)) == "0.00"


async def test_a_part_may_go_back_and_the_rest_waits(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    payment = await overpaid(api, desk, invoice, bank)
    answer = await decided(api, REFUND, id=payment["id"], amount=euros("210.00"))
    assert answer["inSuspense"]["amount"] == "1000.00"
    again = await decided(api, REFUND, id=payment["id"], amount=euros("1000.01"))
    assert (again["code"], again["path"]) == ("MoreThanInSuspense", ["amount"])


@pytest.mark.parametrize("role", ["member", "adviser", "board", "auditor", "credit_controller"])
async def test_only_an_accountant_gives_money_back(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, role: str
) -> None:
    payment = await overpaid(api, desk, invoice, bank)
    who = Claims(subject="x", roles=frozenset({role}), member_id=desk.member)
    assert (await api.ask(REFUND, who=who, id=payment["id"])).codes == ["FORBIDDEN"]
