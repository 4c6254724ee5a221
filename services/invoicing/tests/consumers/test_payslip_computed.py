from __future__ import annotations

from typing import Any

import pytest

from commons import ledger
from commons.claims import Claims
from commons.events import NotYet
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

BUDGET = """
query ($activity: ID!) {
  activity(id: $activity) {
    balance { posted { amount } held { amount } available { amount } }
    ledgerEntries(first: 10) { code kind day isDebit amount { amount } balanceAfter { amount } }
  }
}
"""


async def test_a_contract_is_held_and_its_wage_spends_the_hold(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    assert await desk.balance() == ("935.00", "900.00")
    held = await desk.body(contract, "BudgetHeld")
    assert (held["amount"], held["held_on"]) == ({"minor": "90000", "currency": "EUR"}, "2026-06-05")
    await desk.compute_payslip(contract, "880.00")
    assert await desk.balance() == ("55.00", "0.00")


async def test_a_wage_above_what_was_held_waits_for_a_person(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    with pytest.raises(ledger.MoreThanHeld):
        await desk.compute_payslip(contract, "900.01")
    assert await desk.balance() == ("935.00", "900.00")


async def test_the_member_and_the_accountant_read_every_line_of_the_budget(api: AskedApi, desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    await desk.compute_payslip(contract, "880.00")
    for who in (desk.who, Claims(subject="accountant", roles=frozenset({"accountant"}))):
        answer = await api.ask(BUDGET, who=who, activity=desk.id("Activity", desk.activity))
        activity = answer.data["activity"]
        assert activity["balance"]["available"] == {"amount": "55.00"}
        lines = [
            (line["code"], line["kind"], line["amount"]["amount"], line["balanceAfter"]["amount"])
            for line in activity["ledgerEntries"]
        ]
        assert lines == [
            ("budget_spend", "post", "880.00", "55.00"),
            ("budget_hold", "hold", "900.00", "935.00"),
            ("budget_credited", "plain", "935.00", "935.00"),
        ]
        assert [line["isDebit"] for line in activity["ledgerEntries"]] == [True, True, False]


async def test_a_wage_without_a_hold_waits_for_it(desk: Any) -> None:
    with pytest.raises(NotYet):
        await desk.compute_payslip(uuid7(), "900.00")
