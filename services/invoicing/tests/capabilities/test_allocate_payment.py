from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from tests.a_bank import ALLOCATE, WAITING, Bank, books, decided, euros, imported, waiting

from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.issue_invoice import issue_invoice


async def another_invoice(desk: Any) -> Any:
    """A second invoice of EUR 1,210 to the same client."""
    order = await desk.confirm(valid_until=date(2026, 8, 31))
    await desk.cover(order)
    return await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)


async def test_money_without_a_reference_is_proposed_by_the_number_that_the_payer_wrote(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("500.00", text=f"Jeanne Dupont, facture {invoice.number.lower()}, merci")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    assert (payment["outcome"], payment["inSuspense"]["amount"]) == ("UNKNOWN", "500.00")
    assert payment["proposals"] == [
        {"invoice": {"number": invoice.number}, "amount": {"amount": "500.00"}, "reasons": ["NUMBER_IN_TEXT"]}
    ]
    kept = await pools.read.fetch("select bank_line::text as text from bank_line")
    assert not [row for row in kept if "Dupont" in row["text"]]


async def test_money_of_exactly_what_is_due_is_proposed_for_it(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    bank.credit("1210.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    assert [each["reasons"] for each in payment["proposals"]] == [["AMOUNT_IS_DUE"]]


async def test_where_nothing_speaks_for_an_invoice_the_nearest_amount_is_proposed_as_such(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    bank.credit("1200.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    assert payment["proposals"] == [
        {
            "invoice": {"number": invoice.number},
            "amount": {"amount": "1200.00"},
            "reasons": ["NEAREST_AMOUNT"],
        }
    ]


async def test_an_accountant_decides_and_the_invoice_is_paid_in_part_and_then_in_full(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("500.00")
    bank.credit("710.00")
    await imported(api, desk, bank.statement())
    first, second = await waiting(api, desk)
    given = {"invoice": desk.id("Invoice", invoice.key)}
    payment = await decided(api, ALLOCATE, id=first["id"], **given)
    assert payment["inSuspense"]["amount"] == "0.00"
    [decision] = payment["decisions"]
    assert (decision["kind"], decision["invoice"]["state"]) == ("ALLOCATED", "PARTLY_PAID")
    told = await desk.body(invoice.key, "InvoicePartlyPaid")
    assert (told["amount"]["minor"], told["amount_due"]["minor"]) == ("50000", "71000")
    await decided(api, ALLOCATE, id=second["id"], **given)
    assert (await desk.body(invoice.key, "InvoicePaid"))["amount"]["minor"] == "121000"
    assert await waiting(api, desk) == []
    assert await books(pools, desk) == {
        "bank": "-1210.00",
        "buyer": "0.00",
        "suspense": "0.00",
        "budget": "935.00",
    }


async def test_what_an_invoice_does_not_need_stays_in_suspense(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1300.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    given = {"id": payment["id"], "invoice": desk.id("Invoice", invoice.key)}
    assert (await decided(api, ALLOCATE, **given))["inSuspense"]["amount"] == "90.00"
    assert (await decided(api, ALLOCATE, **given))["code"] == "MoreThanIsDue"
    assert (await books(pools, desk))["suspense"] == "90.00"


async def test_an_overpayment_is_proposed_for_another_invoice_of_the_same_client(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    bank.credit("1500.00", invoice.reference)
    other = await another_invoice(desk)
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    assert (payment["outcome"], payment["inSuspense"]["amount"]) == ("OVER", "290.00")
    assert payment["proposals"] == [
        {"invoice": {"number": other.number}, "amount": {"amount": "290.00"}, "reasons": ["SAME_CLIENT"]}
    ]


async def test_two_decisions_at_once_never_spend_the_same_money_twice(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1000.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    given = {"id": payment["id"], "invoice": desk.id("Invoice", invoice.key), "amount": euros("600.00")}
    answers = await asyncio.gather(*(decided(api, ALLOCATE, **given) for _ in range(4)))
    assert sorted(answer["__typename"] for answer in answers) == ["Payment", "Refusal", "Refusal", "Refusal"]
    assert {answer.get("code") for answer in answers} == {None, "MoreThanInSuspense"}
    assert (await books(pools, desk))["suspense"] == "400.00"


async def test_the_database_lets_nobody_decide_on_more_than_there_is(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("100.00")
    await imported(api, desk, bank.statement())
    key = await pools.read.fetchval("select id from bank_line where entity_id = $1", desk.entity)
    with pytest.raises(Exception, match="money that is in suspense"):
        await pools.write.execute(
            "insert into payment_decision values ($1, $2, $3, 'allocated', 10001, 'EUR', $4, null, null, $5, 'x')",
            uuid7(),
            key,
            desk.entity,
            invoice.key,
            date(2026, 8, 20),
        )


@pytest.mark.parametrize(
    ("amount", "code"),
    [("0.00", "AmountNotPositive"), ("-1.00", "AmountNotPositive"), ("100.01", "MoreThanInSuspense")],
)
async def test_an_amount_that_is_not_there_is_refused(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, amount: str, code: str
) -> None:
    bank.credit("100.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    given = {"id": payment["id"], "invoice": desk.id("Invoice", invoice.key), "amount": euros(amount)}
    refusal = await decided(api, ALLOCATE, **given)
    assert (refusal["code"], refusal["path"]) == (code, ["amount"])


async def test_money_of_one_entity_pays_no_invoice_of_another(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    elsewhere = type(desk)(desk.pools, desk.country, desk.service)
    await elsewhere.open()
    bank.credit("1210.00")
    await imported(api, elsewhere, bank.statement())
    [payment] = await waiting(api, elsewhere)
    assert payment["proposals"] == []
    refusal = await decided(api, ALLOCATE, id=payment["id"], invoice=desk.id("Invoice", invoice.key))
    assert refusal["code"] == "InvoiceOfAnotherEntity"


async def test_what_does_not_exist_is_said_to_be_unknown(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    bank.credit("1.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    nowhere = desk.id("Invoice", uuid7())
    assert (await decided(api, ALLOCATE, id=payment["id"], invoice=nowhere))["code"] == "UnknownInvoice"
    given = {"id": desk.id("Payment", uuid7()), "invoice": desk.id("Invoice", invoice.key)}
    assert (await decided(api, ALLOCATE, **given))["code"] == "UnknownPayment"


async def test_what_waits_comes_in_pages_the_oldest_first(api: AskedApi, desk: Any, bank: Bank) -> None:
    for day in ("2026-08-22", "2026-08-20", "2026-08-21"):
        bank.credit(f"{day[-2:]}.00", day=day)
    await imported(api, desk, bank.statement())
    given = {"who": Claims("c", frozenset({"credit_controller"})), "entity": desk.id("Entity", desk.entity)}
    first = (await api.ask(WAITING, **given, first=2)).data["unallocatedPayments"]
    assert [node["inSuspense"]["amount"] for node in first["nodes"]] == ["20.00", "21.00"]
    after = first["pageInfo"]["endCursor"]
    rest = (await api.ask(WAITING, **given, first=2, after=after)).data["unallocatedPayments"]
    assert [node["inSuspense"]["amount"] for node in rest["nodes"]] == ["22.00"]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("role", ["member", "adviser", "board", "operator", "credit_controller"])
async def test_only_an_accountant_decides(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, role: str
) -> None:
    bank.credit("10.00")
    await imported(api, desk, bank.statement())
    [payment] = await waiting(api, desk)
    who = Claims(subject="x", roles=frozenset({role}), member_id=desk.member)
    given = {"id": payment["id"], "invoice": desk.id("Invoice", invoice.key)}
    assert (await api.ask(ALLOCATE, who=who, **given)).codes == ["FORBIDDEN"]
    if role != "credit_controller":
        answer = await api.ask(WAITING, who=who, entity=desk.id("Entity", desk.entity))
        assert answer.codes == ["FORBIDDEN"]
