from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.a_bank import ALLOCATE, KEEP, REFUND, Bank, books, decided, imported, waiting

from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.issue_invoice import issue_invoice


async def too_much(api: AskedApi, desk: Any, invoice: Any, bank: Bank) -> Any:
    """EUR 90 more than an invoice asked for."""
    bank.credit("1300.00", invoice.reference)
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    return payment


async def test_what_is_kept_stays_visible_as_the_credit_of_a_client_and_pays_a_later_invoice(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    payment = await too_much(api, desk, invoice, bank)
    client = desk.id("Party", desk.buyer)
    kept = await decided(api, KEEP, id=payment["id"], party=client)
    assert (kept["keptFor"]["id"], kept["inSuspense"]["amount"]) == (client, "90.00")
    assert await waiting(api, desk, isKept=False) == []
    [credit] = await waiting(api, desk, isKept=True)
    assert credit["id"] == payment["id"]
    order = await desk.confirm()
    await desk.cover(order)
    later = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    [credit] = await waiting(api, desk, isKept=True)
    assert [each["invoice"]["number"] for each in credit["proposals"]] == [later.number]
    assert credit["proposals"][0]["reasons"] == ["SAME_CLIENT"]
    used = await decided(api, ALLOCATE, id=payment["id"], invoice=desk.id("Invoice", later.key))
    assert used["inSuspense"]["amount"] == "0.00"
    assert [each["kind"] for each in used["decisions"]] == ["KEPT", "ALLOCATED"]
    assert await waiting(api, desk) == []
    assert (await books(pools, desk))["suspense"] == "0.00"


async def test_what_is_kept_may_go_back_after_all(api: AskedApi, desk: Any, invoice: Any, bank: Bank) -> None:
    payment = await too_much(api, desk, invoice, bank)
    await decided(api, KEEP, id=payment["id"], party=desk.id("Party", desk.buyer))
    assert (await decided(api, REFUND, id=payment["id"]))["inSuspense"]["amount"] == "0.00"
    again = await decided(api, KEEP, id=payment["id"], party=desk.id("Party", desk.buyer))
    assert again["code"] == "NothingInSuspense"


async def test_the_last_client_that_was_named_has_the_credit(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    payment = await too_much(api, desk, invoice, bank)
    other = UUID((await desk.register_buyer(name="Autre SA")).key)
    for party in (other, desk.buyer):
        kept = await decided(api, KEEP, id=payment["id"], party=desk.id("Party", party))
        assert kept["keptFor"]["id"] == desk.id("Party", party)


async def test_a_client_of_another_entity_or_of_none_has_no_credit_here(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    payment = await too_much(api, desk, invoice, bank)
    elsewhere = type(desk)(desk.pools, desk.country, desk.service)
    await elsewhere.open()
    for party, code in ((elsewhere.buyer, "PartyOfAnotherEntity"), (uuid7(), "UnknownParty")):
        refusal = await decided(api, KEEP, id=payment["id"], party=desk.id("Party", party))
        assert (refusal["code"], refusal["path"]) == (code, ["partyId"])


@pytest.mark.parametrize("role", ["member", "adviser", "board", "auditor", "credit_controller"])
async def test_only_an_accountant_keeps_money(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, role: str
) -> None:
    payment = await too_much(api, desk, invoice, bank)
    who = Claims(subject="x", roles=frozenset({role}), member_id=desk.member)
    given = {"id": payment["id"], "party": desk.id("Party", desk.buyer)}
    assert (await api.ask(KEEP, who=who, **given)).codes == ["FORBIDDEN"]
