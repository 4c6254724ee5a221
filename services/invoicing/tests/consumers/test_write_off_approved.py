from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tests.a_bank import Bank, books, imported, on

from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.consumers.write_off_approved import write_off_approved
from invoicing.domain.books import AccountKind, entity_account
from invoicing.events.consumed import WriteOffApproved

INVOICE = "query ($id: ID!) { invoice(id: $id) { state amountDue { amount } writtenOffAmount { amount } } }"


async def approve(desk: Any, order: UUID) -> None:
    event = WriteOffApproved(
        write_off_id=uuid7(), order_id=order, entity_id=desk.entity, approved_on=date(2026, 9, 18)
    )
    for _ in range(2):
        await desk.do(lambda ctx: write_off_approved(ctx, event))


async def seen(api: AskedApi, desk: Any, invoice: Any) -> tuple[str, str, str]:
    found = (await api.ask(INVOICE, who=desk.who, id=desk.id("Invoice", invoice.key))).data["invoice"]
    return found["state"], found["amountDue"]["amount"], found["writtenOffAmount"]["amount"]


async def loss(pools: Pools, desk: Any) -> str:
    return await on(pools, entity_account(AccountKind.LOSS, desk.entity))


async def test_what_is_still_due_is_given_up_once_and_the_books_say_so(
    api: AskedApi, desk: Any, order: UUID, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    await approve(desk, order)
    assert await seen(api, desk, invoice) == ("WRITTEN_OFF", "0.00", "1000.00")
    assert ((await books(pools, desk))["buyer"], await loss(pools, desk)) == ("0.00", "-1000.00")


async def test_a_client_who_pays_after_all_undoes_the_loss_in_parts(
    api: AskedApi, desk: Any, order: UUID, invoice: Any, bank: Bank, pools: Pools
) -> None:
    await approve(desk, order)
    bank.credit("500.00", invoice.reference)
    [line] = (await imported(api, desk, bank.statement()))["lines"]
    assert line["outcome"] == "PARTIAL"
    assert await seen(api, desk, invoice) == ("WRITTEN_OFF", "0.00", "710.00")
    assert await loss(pools, desk) == "-710.00"
    bank.credit("710.00", invoice.reference)
    bank.credit("1.00", invoice.reference)
    lines = (await imported(api, desk, bank.statement()))["lines"]
    assert [line["outcome"] for line in lines] == ["FULL", "SETTLED"]
    assert await seen(api, desk, invoice) == ("PAID", "0.00", "0.00")
    assert (await desk.told(invoice.key))[-2:] == ["InvoicePartlyPaid", "InvoicePaid"]
    assert ((await books(pools, desk))["buyer"], await loss(pools, desk)) == ("0.00", "0.00")


async def test_the_price_of_an_order_without_cover_is_no_loss_in_the_books_until_it_was_in_them(
    api: AskedApi, desk: Any, order: UUID, bank: Bank, pools: Pools
) -> None:
    await desk.refuse_cover(order)
    await desk.open_day(date(2026, 7, 31))
    invoice = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    await approve(desk, order)
    assert await loss(pools, desk) == "-275.00"  # contribution and VAT
    bank.credit("1210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    assert await loss(pools, desk) == "0.00"
    found = await books(pools, desk)
    assert (found["buyer"], found["budget"]) == ("0.00", "935.00")


async def test_of_a_paid_invoice_and_of_an_order_without_one_nothing_is_given_up(
    api: AskedApi, desk: Any, order: UUID, invoice: Any, bank: Bank, pools: Pools
) -> None:
    bank.credit("1210.00", invoice.reference)
    await imported(api, desk, bank.statement())
    await approve(desk, order)
    assert await seen(api, desk, invoice) == ("PAID", "0.00", "0.00")
    await approve(desk, await desk.confirm())
    assert await pools.read.fetchval("select count(*) from write_off where invoice_id = $1", invoice.key) == 0
