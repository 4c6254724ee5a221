from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from tests.a_bank import ACCOUNTANT, IMPORT, Bank, books, document, imported

from commons.claims import Claims
from commons.database import Pools
from commons.identifiers import payment_reference
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.issue_invoice import issue_invoice

pytestmark = pytest.mark.usefixtures("judge_of_invoices")


async def test_a_payment_with_its_reference_pays_the_invoice(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference)
    statement = await imported(api, desk, bank.statement())
    assert (statement["bankId"], statement["iban"], statement["closing"]["amount"]) == (
        "S-1",
        desk.iban,
        "1210.00",
    )
    assert (statement["lineCount"], statement["newLines"]) == (1, 1)
    [line] = statement["lines"]
    assert (line["outcome"], line["reference"]) == ("FULL", invoice.reference)
    assert line["invoice"] == {
        "number": invoice.number,
        "state": "PAID",
        "paidAmount": {"amount": "1210.00"},
        "amountDue": {"amount": "0.00"},
    }
    assert await desk.told(invoice.key) == ["InvoiceIssued", "ContributionLevied", "InvoicePaid"]
    paid = await desk.body(invoice.key, "InvoicePaid")
    assert (paid["amount"]["minor"], paid["paid_on"]) == ("121000", "2026-08-20")
    assert await books(pools, desk) == {
        "bank": "-1210.00",
        "buyer": "0.00",
        "suspense": "0.00",
        "budget": "935.00",
    }


async def test_who_pays_is_neither_kept_nor_told(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference, text="Jeanne Dupont 02/123")
    await imported(api, desk, bank.statement())
    for table in ("bank_line", "bank_statement", "outbox"):
        rows = await pools.read.fetch(f"select {table}::text as text from {table}")  # noqa: S608  # our own names
        assert not [row for row in rows if "Jeanne Dupont" in row["text"]]


async def test_the_payment_is_announced_with_its_reference(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", text=f"facture {invoice.payment_reference()} merci")
    await imported(api, desk, bank.statement())
    key = await pools.read.fetchval("select id from bank_line where invoice_id = $1", invoice.key)
    body = await desk.body(key, "PaymentReceived")
    assert (body["reference"], body["amount"]["minor"]) == (invoice.reference, "121000")
    assert body["received_on"] == "2026-08-20"


async def test_the_payment_of_an_order_that_was_not_covered_brings_the_budget(
    api: AskedApi, desk: Any, order: Any, bank: Bank, pools: Pools
) -> None:
    await desk.refuse_cover(order)
    await desk.open_day(date(2026, 7, 31))
    invoice = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    bank.credit("1000.00", invoice.reference)
    await imported(api, desk, bank.statement())
    assert (await books(pools, desk))["budget"] == "0.00"
    bank.credit("210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    assert await books(pools, desk) == {
        "bank": "-1210.00",
        "buyer": "0.00",
        "suspense": "0.00",
        "budget": "935.00",
    }


async def test_a_verdict_that_comes_after_the_payment_brings_the_budget_no_second_time(
    api: AskedApi, desk: Any, order: Any, bank: Bank, pools: Pools
) -> None:
    await desk.open_day(date(2026, 7, 31))
    invoice = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    bank.credit("1210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    await desk.cover(order)
    assert (await books(pools, desk))["budget"] == "935.00"


async def test_half_a_payment_is_kept_and_the_other_half_pays_in_full_once(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("605.00", invoice.reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["invoice"]["state"]) == ("PARTIAL", "PARTLY_PAID")
    assert line["invoice"]["amountDue"]["amount"] == "605.00"
    assert "InvoicePaid" not in await desk.told(invoice.key)
    bank.credit("605.00", invoice.reference, day="2026-08-21")
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["invoice"]["state"]) == ("FULL", "PAID")
    assert (await desk.told(invoice.key)).count("InvoicePaid") == 1
    assert (await desk.body(invoice.key, "InvoicePaid"))["amount"]["minor"] == "121000"
    assert (await books(pools, desk))["buyer"] == "0.00"


async def test_an_invoice_paid_twice_leaves_the_second_payment_in_suspense(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference)
    bank.credit("1210.00", invoice.reference)
    lines = (await imported(api, desk, bank.statement()))["lines"]
    assert [line["outcome"] for line in lines] == ["FULL", "SETTLED"]
    assert (await desk.told(invoice.key)).count("InvoicePaid") == 1
    assert await books(pools, desk) == {
        "bank": "-2420.00",
        "buyer": "0.00",
        "suspense": "1210.00",
        "budget": "935.00",
    }


async def test_what_is_paid_too_much_waits_in_suspense(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1250.00", invoice.reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["toInvoice"]["amount"], line["toSuspense"]["amount"]) == (
        "OVER",
        "1210.00",
        "40.00",
    )
    assert (await desk.body(invoice.key, "InvoicePaid"))["amount"]["minor"] == "121000"
    assert (await books(pools, desk))["suspense"] == "40.00"


@pytest.mark.parametrize("reference", ["", payment_reference("be_structured_communication", 2_999_999_999)])
async def test_money_that_belongs_to_no_invoice_waits_in_suspense(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools, reference: str
) -> None:
    bank.credit("17.00", reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["invoice"], line["toSuspense"]["amount"]) == ("UNKNOWN", None, "17.00")
    announced = await pools.read.fetchval(
        "select count(*) from outbox where type like '%PaymentReceived%' and data->>'entity_id' = $1",
        str(desk.entity),
    )
    assert announced == bool(reference)
    assert await books(pools, desk) == {
        "bank": "-17.00",
        "buyer": "0.00",
        "suspense": "17.00",
        "budget": "0.00",
    }


async def test_the_payment_of_a_share_is_told_and_left_to_the_members_service(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools
) -> None:
    reference = payment_reference("be_structured_communication", 1_000_000_017)
    bank.credit("30.00", reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["toSuspense"]["amount"]) == ("FOR_MEMBERS", "0.00")
    told = await pools.read.fetchval(
        "select data from outbox where type like '%PaymentReceived%' and data->>'reference' = $1", reference
    )
    assert told["amount"] == {"minor": "3000", "currency": "EUR"}
    assert (await books(pools, desk))["bank"] == "0.00"


async def test_the_invoice_of_another_entity_is_not_paid_here(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    elsewhere = type(desk)(desk.pools, desk.country, desk.service)
    await elsewhere.open()
    bank.credit("1210.00", invoice.reference)
    [line] = (await imported(api, elsewhere, bank.statement()))["lines"]
    assert (line["outcome"], line["invoice"]) == ("UNKNOWN", None)
    assert "InvoicePaid" not in await desk.told(invoice.key)


async def test_our_own_transfer_that_came_back_pays_nothing_and_is_told_with_its_number(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    before, number = await books(pools, desk), uuid7().hex
    bank.credit("-2500.00")
    # The remittance of a transfer of ours may hold any digits: it pays no invoice with them.
    bank.credit("2500.00", invoice.reference, returned=number)
    for _ in range(2):
        await imported(api, desk, bank.statement())
    lines = await pools.read.fetch(
        "select id, outcome from bank_line where entity_id = $1 order by id", desk.entity
    )
    assert [line["outcome"] for line in lines] == ["not_a_receipt", "not_a_receipt"]
    assert await desk.told(lines[0]["id"]) == []
    assert await desk.told(lines[1]["id"]) == ["TransferReturned"]
    body = await desk.body(lines[1]["id"], "TransferReturned")
    assert (body["end_to_end_id"], body["reason"]) == (number, "AC04")
    assert (body["amount"]["minor"], body["returned_on"]) == ("250000", "2026-08-20")
    assert await books(pools, desk) == before


async def test_money_that_went_out_is_kept_and_pays_nothing(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("-700.00", invoice.reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert (line["outcome"], line["amount"]["amount"], line["invoice"]) == ("NOT_A_RECEIPT", "-700.00", None)
    assert (await books(pools, desk))["bank"] == "0.00"


async def test_the_same_statement_again_changes_nothing(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference)
    bank.credit("5.00")
    first = await imported(api, desk, bank.statement())
    before = await books(pools, desk)
    again = await imported(api, desk, bank.statement())
    assert (first["newLines"], again["newLines"], again["lineCount"]) == (2, 0, 2)
    assert again["lines"] == []
    assert await books(pools, desk) == before
    assert (await desk.told(invoice.key)).count("InvoicePaid") == 1


async def test_the_same_statement_eight_times_at_once_counts_once(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference)
    text = bank.statement()
    answers = await asyncio.gather(*(imported(api, desk, text) for _ in range(8)))
    assert sorted(answer["newLines"] for answer in answers) == [0, 0, 0, 0, 0, 0, 0, 1]
    assert (await desk.told(invoice.key)).count("InvoicePaid") == 1
    assert (await books(pools, desk))["bank"] == "-1210.00"


async def test_a_longer_statement_of_the_same_day_adds_what_is_new(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("5.00")
    await imported(api, desk, bank.statement())
    bank.credit("1210.00", invoice.reference)
    longer = await imported(api, desk, bank.statement())
    assert (longer["lineCount"], longer["newLines"]) == (2, 1)
    assert [line["outcome"] for line in longer["lines"]] == ["FULL"]
    assert (await books(pools, desk))["suspense"] == "5.00"


async def test_payments_without_a_reference_of_the_bank_are_all_kept_once(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools
) -> None:
    name = f"S-{uuid7().hex}"
    for _ in range(3):
        bank.credit("5.00", name="")
    first = await imported(api, desk, bank.statement(id=name))
    again = await imported(api, desk, bank.statement(id=name))
    assert (first["newLines"], again["newLines"]) == (3, 0)
    assert (await books(pools, desk))["suspense"] == "15.00"


async def test_payments_of_one_entry_that_share_the_banks_reference_are_all_kept(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools
) -> None:
    shared = f"B{uuid7().hex}"
    bank.credit("5.00", name=shared)
    bank.credit("6.00", name=shared)
    assert (await imported(api, desk, bank.statement()))["newLines"] == 2
    assert (await books(pools, desk))["suspense"] == "11.00"


async def test_a_line_that_comes_again_with_another_amount_is_refused(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools
) -> None:
    own = bank.credit("5.00")
    await imported(api, desk, bank.statement())
    changed = Bank()
    changed.credit("50.00", name=own)
    changed.credit("7.00")
    assert (await imported(api, desk, changed.statement()))["code"] == "BankLineDiffers"
    assert (await books(pools, desk))["suspense"] == "5.00"


async def test_a_file_that_repeats_its_statement_counts_it_once(api: AskedApi, desk: Any, bank: Bank) -> None:
    bank.credit("5.00")
    assert (await imported(api, desk, document(bank.stmt(), bank.stmt())))["newLines"] == 1


async def test_statements_that_follow_each_other_are_one_import(api: AskedApi, desk: Any) -> None:
    monday, tuesday = Bank(), Bank()
    monday.credit("5.00")
    tuesday.credit("7.00")
    file = document(monday.stmt(id="MON"), tuesday.stmt(id="TUE", opening="5.00"))
    statement = await imported(api, desk, file)
    assert (statement["bankId"], statement["newLines"]) == ("TUE", 2)
    assert (statement["opening"]["amount"], statement["closing"]["amount"]) == ("0.00", "12.00")
    broken = document(monday.stmt(id="MON"), tuesday.stmt(id="TUE", opening="9.00"))
    assert (await imported(api, desk, broken))["code"] == "StatementsDoNotFollow"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<Document/>", "MalformedStatement"),
        ("not xml", "MalformedStatement"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "MalformedStatement"),
        (Bank().statement(closing="1.00"), "StatementBalanceDoesNotAdd"),
        (Bank().statement(iban="BE68539007547034"), "AccountOfSomebodyElse"),
        ("", "TextTooShort"),
    ],
)
async def test_a_statement_that_cannot_be_trusted_is_refused_whole(
    api: AskedApi, desk: Any, pools: Pools, text: str, code: str
) -> None:
    assert (await imported(api, desk, text))["code"] == code
    assert (
        await pools.read.fetchval("select count(*) from bank_statement where entity_id = $1", desk.entity)
        == 0
    )


async def test_a_foreign_account_among_the_statements_refuses_all_of_them(
    api: AskedApi, desk: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("5.00")
    file = document(bank.stmt(), Bank().stmt(id="X", iban="BE68539007547034", opening="5.00"))
    assert (await imported(api, desk, file))["code"] == "AccountOfSomebodyElse"
    assert (await books(pools, desk))["bank"] == "0.00"


async def test_a_statement_beyond_the_limit_of_a_request_is_refused(api: AskedApi, desk: Any) -> None:
    long = await api.ask(
        IMPORT, who=ACCOUNTANT, entity=desk.id("Entity", desk.entity), statement="x" * 1_000_001
    )
    assert long.data["importBankStatement"]["code"] == "TextTooLong"
    too_long = await api.ask(
        IMPORT, who=ACCOUNTANT, entity=desk.id("Entity", desk.entity), statement="x" * 1_100_000
    )
    assert too_long.status == 413


@pytest.mark.parametrize("role", ["member", "adviser", "auditor", "operator", "board"])
async def test_only_an_accountant_imports_statements(api: AskedApi, desk: Any, bank: Bank, role: str) -> None:
    who = Claims(subject="x", roles=frozenset({role}), member_id=desk.member)
    answer = await api.ask(IMPORT, who=who, entity=desk.id("Entity", desk.entity), statement=bank.statement())
    assert answer.codes == ["FORBIDDEN"]


async def test_an_imported_statement_is_read_again(api: AskedApi, desk: Any, bank: Bank) -> None:
    bank.credit("5.00")
    made = await imported(api, desk, bank.statement())
    ask = "query ($id: ID!) { bankStatement(id: $id) { newLines lines { outcome } entity { name } } }"
    answer = await api.ask(ask, who=ACCOUNTANT, id=made["id"])
    assert answer.data["bankStatement"]["lines"] == [{"outcome": "UNKNOWN"}]
    assert (await api.ask(ask, who=desk.who, id=made["id"])).codes == ["FORBIDDEN"]
