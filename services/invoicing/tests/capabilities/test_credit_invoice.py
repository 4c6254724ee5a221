from __future__ import annotations

import asyncio
import contextlib
from datetime import date
from typing import Any

import pytest

from commons import ledger
from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.archive import read_invoice
from invoicing.capabilities.credit_invoice import credit_invoice
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.documents import ubl
from invoicing.documents.validator import Validator
from invoicing.domain.books import AccountKind, budget_of, entity_account
from invoicing.domain.errors import (
    BuyerOfCreditNoteDiffers,
    InvoiceAlreadyCredited,
    InvoiceIsPaid,
    UnknownInvoice,
)

pytestmark = pytest.mark.usefixtures("judge_of_invoices")

LAST_DAY, LATER = date(2026, 7, 31), date(2026, 8, 3)
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))
CREDIT = """
mutation ($invoice: ID!, $reason: String! = "Le client n'a rien reçu", $key: ID) {
  creditInvoice(invoiceId: $invoice, reason: $reason, idempotencyKey: $key) {
    __typename
    ... on Invoice {
      number typeCode issueDate paymentDueDate state paymentReference amountDue { amount }
      totalWithVat { amount }
      precedingInvoice { number state creditedAmount { amount } amountDue { amount } creditNote { number } }
      transmission { state }
    }
    ... on Refusal { code message path facts }
  }
}
"""


async def credited(desk: Any, invoice: Any) -> Any:
    return await desk.do(
        lambda ctx: credit_invoice(ctx, invoice_id=invoice, reason="Rien n'a été livré"), ACCOUNTANT
    )


async def balances(pools: Pools, desk: Any) -> dict[str, str]:
    """What is on every account of the entity and on the budget; the books are sound."""
    accounts = {"budget": budget_of(desk.activity)} | {
        kind.value: entity_account(kind, desk.entity)
        for kind in AccountKind
        if kind is not AccountKind.BUDGET
    }
    found = {}
    async with pools.read.acquire() as db:
        assert await ledger.check_invariants(db) == []
        for name, account in accounts.items():
            with contextlib.suppress(ledger.UnknownAccount):  # opened when it is first needed
                found[name] = (await ledger.balance(db, account.id)).posted
    return {name: str(money.amount) for name, money in found.items() if not money.is_zero}


@pytest.fixture
async def invoice(desk: Any) -> Any:
    """An invoice of EUR 1,000 and VAT over a covered order."""
    order = await desk.confirm()
    await desk.cover(order)
    await desk.open_day(LAST_DAY)
    issued = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    await desk.open_day(LATER)
    return issued


async def test_a_credit_note_has_a_number_of_its_own_series_and_names_the_invoice_it_takes_back(
    api: AskedApi, desk: Any, invoice: Any, pools: Pools
) -> None:
    note = (await api.ask(CREDIT, who=ACCOUNTANT, invoice=desk.id("Invoice", invoice.key))).data[
        "creditInvoice"
    ]
    assert (note["number"], note["typeCode"], note["issueDate"]) == ("C2026-000001", "381", "2026-08-03")
    assert (note["paymentDueDate"], note["paymentReference"]) == (None, None)
    assert (note["state"], note["amountDue"]["amount"]) == ("ISSUED", "0.00")
    assert note["totalWithVat"]["amount"] == "1210.00"
    assert note["transmission"]["state"] == "WAITING"
    assert note["precedingInvoice"] == {
        "number": "F2026-000001",
        "state": "CREDITED",
        "creditedAmount": {"amount": "1210.00"},
        "amountDue": {"amount": "0.00"},
        "creditNote": {"number": "C2026-000001"},
    }
    assert await desk.told(invoice.key) == ["InvoiceIssued", "ContributionLevied", "InvoiceCredited"]
    body = await desk.body(invoice.key, "InvoiceCredited")
    assert (body["number"], body["contribution"]["minor"]) == ("C2026-000001", "6500")
    assert await balances(pools, desk) == {}


async def test_what_a_wage_has_spent_is_carried_and_what_is_left_is_given_back(
    desk: Any, pools: Pools, judge_of_invoices: Validator
) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    await desk.open_day(LAST_DAY)
    issued = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    await credited(desk, issued.key)
    assert await balances(pools, desk) == {"budget": "900.00", "guarantee": "-900.00"}
    await desk.compute_payslip(contract, "850.00")
    assert await balances(pools, desk) == {"guarantee": "-850.00", "labor": "850.00"}


async def test_a_credit_note_passes_the_rules_of_its_own_kind_of_document(
    desk: Any, invoice: Any, pools: Pools, judge_of_invoices: Validator
) -> None:
    note = await credited(desk, invoice.key)
    document = read_invoice(await pools.read.fetchval("select content from invoice where id = $1", note.key))
    assert document.preceding_invoice is not None
    assert document.preceding_invoice.number == "F2026-000001"
    xml = ubl.serialize(document)
    assert b"<CreditNote " in xml
    assert await judge_of_invoices.findings(xml, ubl.kind(document)) == []


async def test_without_cover_a_credited_invoice_leaves_the_budget_alone(desk: Any, pools: Pools) -> None:
    order = await desk.confirm()
    await desk.refuse_cover(order)
    await desk.open_day(LAST_DAY)
    issued = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    await credited(desk, issued.key)
    assert await balances(pools, desk) == {}


async def test_an_invoice_is_taken_back_once_and_a_credit_note_never(
    api: AskedApi, desk: Any, invoice: Any, pools: Pools
) -> None:
    key = desk.id("Invoice", invoice.key)
    answers = await asyncio.gather(*(api.ask(CREDIT, who=ACCOUNTANT, invoice=key) for _ in range(3)))
    kinds = sorted(answer.data["creditInvoice"]["__typename"] for answer in answers)
    assert kinds == ["Invoice", "Refusal", "Refusal"]
    with pytest.raises(InvoiceAlreadyCredited):
        await credited(desk, invoice.key)
    note = await pools.read.fetchval(
        "select id from invoice where preceding_invoice_id = $1::text::uuid", invoice.key
    )
    with pytest.raises(BuyerOfCreditNoteDiffers):
        await credited(desk, note)
    with pytest.raises(UnknownInvoice):
        await credited(desk, uuid7())


async def test_an_invoice_on_which_money_came_in_is_not_taken_back(
    desk: Any, invoice: Any, pools: Pools
) -> None:
    await pools.write.execute(
        """
        with statement as (
          insert into bank_statement values ($1, $2, 'B', $3, 0, 100, 'EUR', 1, '2026-08-03', '') returning id
        )
        insert into bank_line (id, statement_id, entity_id, iban, bank_reference, booking_date, amount_minor,
                               currency, reference, outcome, invoice_id, to_invoice_minor)
        select $1, id, $2, $3, 'R', '2026-08-03', 100, 'EUR', '', 'partial', $4, 100 from statement
        """,
        uuid7(),
        desk.entity,
        desk.iban,
        invoice.key,
    )
    with pytest.raises(InvoiceIsPaid):
        await credited(desk, invoice.key)
