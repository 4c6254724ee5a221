from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commons import ledger
from commons.claims import Claims
from commons.context import Ctx
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.documents.finding import FATAL, Finding
from invoicing.documents.validator import JUDGE_FAILED, Validator
from invoicing.domain.books import AccountKind, budget_of, entity_account
from invoicing.domain.errors import (
    InvoiceNotValid,
    IssueDateBeforeLastOfSeries,
    MembershipNotPaid,
    OrderAlreadyInvoiced,
    OrderIsClosed,
    OrderNotConfirmed,
    ValidatorNotReady,
    WorkNotEnded,
)

pytestmark = pytest.mark.usefixtures("judge_of_invoices")

LAST_DAY = date(2026, 7, 31)
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))

ISSUE = """
mutation ($order: ID!, $key: ID) {
  issueInvoice(orderId: $order, idempotencyKey: $key) {
    __typename
    ... on Invoice {
      id number typeCode issueDate paymentDueDate state paymentReference
      totalWithoutVat { amount } totalVat { amount } totalWithVat { amount currency } contribution { amount }
      paidAmount { amount } amountDue { amount }
      lines { itemName invoicedQuantity unit itemNetPrice lineNetAmount { amount } vatRate startDate endDate }
      vatBreakdown { categoryCode rate taxableAmount { amount } taxAmount { amount } exemptionReason }
      buyer { name } order { number state invoice { number } } entity { name }
      transmission { state reference evidence } documents { kind }
    }
    ... on Refusal { code message path facts }
  }
}
"""


async def issued(desk: Any, order: Any, who: Claims | None = None) -> Any:
    """What the capability answers."""
    return await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), who or desk.who)


async def balance(pools: Pools, account: Any) -> str:
    async with pools.read.acquire() as db:
        return str((await ledger.balance(db, account.id)).posted.amount)


async def sound(pools: Pools) -> bool:
    async with pools.read.acquire() as db:
        return await ledger.check_invariants(db) == []


@pytest.fixture
async def order(desk: Any) -> Any:
    """A confirmed and covered order whose work ends today."""
    made = await desk.confirm(payment_term_days=30, buyer_reference="PO-17")
    await desk.cover(made)
    await desk.open_day(LAST_DAY)
    return made


async def test_an_order_whose_work_has_ended_is_invoiced_with_number_due_date_and_reference(
    api: AskedApi, desk: Any, order: Any, pools: Pools
) -> None:
    answer = await api.ask(ISSUE, who=desk.who, order=desk.id("Order", order))
    invoice = answer.data["issueInvoice"]
    assert invoice["number"] == "F2026-000001"
    assert (invoice["typeCode"], invoice["state"]) == ("380", "ISSUED")
    assert (invoice["issueDate"], invoice["paymentDueDate"]) == ("2026-07-31", "2026-08-30")
    assert invoice["totalWithoutVat"]["amount"] == "1000.00"
    assert invoice["totalVat"]["amount"] == "210.00"
    assert invoice["totalWithVat"] == {"amount": "1210.00", "currency": "EUR"}
    assert invoice["contribution"]["amount"] == "65.00"
    assert invoice["amountDue"]["amount"] == "1210.00"
    assert invoice["paymentReference"].startswith("+++2")
    [line] = invoice["lines"]
    assert (line["startDate"], line["endDate"], line["vatRate"]) == ("2026-07-01", "2026-07-31", "0.21")
    assert invoice["vatBreakdown"][0]["categoryCode"] == "S"
    assert invoice["buyer"]["name"] == "Client SA"
    assert invoice["order"]["state"] == "DONE"
    assert invoice["order"]["invoice"]["number"] == "F2026-000001"
    assert invoice["transmission"] == {"state": "WAITING", "reference": None, "evidence": {}}
    assert invoice["documents"] == []


async def test_an_issued_invoice_is_announced_booked_and_its_documents_asked_for(
    desk: Any, order: Any, pools: Pools
) -> None:
    invoice = await issued(desk, order)
    assert await desk.told(invoice.key) == ["InvoiceIssued", "ContributionLevied"]
    body = await desk.body(invoice.key, "InvoiceIssued")
    assert body["contribution"] == {"minor": "6500", "currency": "EUR"}
    assert await balance(pools, entity_account(AccountKind.CONTRIBUTION, desk.entity)) == "65.00"
    assert await balance(pools, entity_account(AccountKind.VAT, desk.entity)) == "210.00"
    assert await balance(pools, entity_account(AccountKind.BUYER, desk.entity)) == "-1210.00"
    assert await balance(pools, budget_of(desk.activity)) == "935.00"
    effect = await pools.read.fetchrow("select kind, payload from effect where key = $1", invoice.key)
    assert effect is not None
    assert (effect["kind"], effect["payload"]) == ("invoice.documents", {})
    assert await sound(pools)


async def test_without_cover_the_budget_waits_for_the_payment(desk: Any, pools: Pools) -> None:
    order = await desk.confirm()
    await desk.refuse_cover(order)
    await desk.open_day(LAST_DAY)
    await issued(desk, order)
    assert await balance(pools, budget_of(desk.activity)) == "0.00"
    assert await balance(pools, entity_account(AccountKind.BUYER, desk.entity)) == "-275.00"
    assert await sound(pools)


async def test_an_order_has_one_invoice(api: AskedApi, desk: Any, order: Any) -> None:
    await issued(desk, order)
    with pytest.raises(OrderAlreadyInvoiced):
        await issued(desk, order, ACCOUNTANT)


async def test_the_same_request_a_hundred_times_at_once_makes_one_invoice(
    api: AskedApi, desk: Any, order: Any, pools: Pools
) -> None:
    answers = await asyncio.gather(
        *(
            api.ask(ISSUE, who=desk.who, order=desk.id("Order", order), key=f"issue-{order}")
            for _ in range(100)
        )
    )
    assert {answer.data["issueInvoice"]["number"] for answer in answers} == {"F2026-000001"}
    assert await pools.read.fetchval("select count(*) from invoice where order_id = $1", order) == 1


async def test_two_who_ask_at_once_without_a_key_make_one_invoice(
    api: AskedApi, desk: Any, order: Any, pools: Pools
) -> None:
    answers = await asyncio.gather(
        *(api.ask(ISSUE, who=who, order=desk.id("Order", order)) for who in (desk.who, ACCOUNTANT))
    )
    kinds = sorted(answer.data["issueInvoice"]["__typename"] for answer in answers)
    assert kinds == ["Invoice", "Refusal"]
    assert await pools.read.fetchval("select count(*) from invoice where order_id = $1", order) == 1


async def test_numbers_have_no_gap_under_eight_at_once_when_some_of_them_fail(
    desk: Any, pools: Pools
) -> None:
    orders = [await desk.confirm() for _ in range(16)]
    await desk.open_day(LAST_DAY)

    class Failed(Exception):
        pass

    async def issue(index: int, order: Any) -> None:
        async def work(ctx: Ctx) -> None:
            await issue_invoice(ctx, order_id=order)
            if index % 3 == 0:
                raise Failed  # after the number was taken

        with contextlib.suppress(Failed):
            await desk.do(work, ACCOUNTANT)

    gate = asyncio.Semaphore(8)

    async def one(index: int, order: Any) -> None:
        async with gate:
            await issue(index, order)

    await asyncio.gather(*(one(index, order) for index, order in enumerate(orders)))
    rows = await pools.read.fetch(
        "select counter, number, reference from invoice where entity_id = $1 order by counter", desk.entity
    )
    assert [row["counter"] for row in rows] == list(range(1, 11))
    assert [row["number"] for row in rows] == [f"F2026-{n:06}" for n in range(1, 11)]
    assert len({row["reference"] for row in rows}) == 10
    done = await pools.read.fetchval(
        "select count(*) from sales_order where entity_id = $1 and done_on is not null", desk.entity
    )
    assert done == 10
    assert await sound(pools)


async def test_issue_dates_of_a_series_never_go_back(desk: Any, order: Any, pools: Pools) -> None:
    other = await desk.confirm(valid_until=date(2026, 12, 31))
    await pools.write.execute(
        "insert into number_counter values ($1, 'invoice', 2026, 7, '2026-08-01')", desk.entity
    )
    with pytest.raises(IssueDateBeforeLastOfSeries):
        await issued(desk, order)
    assert (
        await pools.read.fetchval(
            "select last from number_counter where entity_id = $1 and series = 'invoice'", desk.entity
        )
        == 7
    )
    await desk.open_day(date(2026, 8, 1))
    assert (await issued(desk, order)).number == "F2026-000008"
    assert (await issued(desk, other)).number == "F2026-000009"


async def test_a_new_year_begins_a_new_series(desk: Any, order: Any) -> None:
    assert (await issued(desk, order)).number == "F2026-000001"
    await desk.join(desk.member, entitled_until=date(2027, 12, 31))
    later = await desk.confirm()
    await desk.open_day(date(2027, 1, 4))
    assert (await issued(desk, later)).number == "F2027-000001"


async def test_an_issued_invoice_never_changes(desk: Any, order: Any, pools: Pools) -> None:
    invoice = await issued(desk, order)
    for statement in (
        "update invoice set total_vat_minor = 0, total_with_vat_minor = total_without_vat_minor where id = $1",
        "update invoice set content = '{}' where id = $1",
        "delete from invoice where id = $1",
        "delete from invoice_document where invoice_id = $1",
    ):
        with pytest.raises(Exception, match="never changed"):
            await pools.write.execute(statement, invoice.key)
    with pytest.raises(Exception, match="never changed"):
        await pools.write.execute("truncate invoice cascade")


@pytest.mark.parametrize(
    ("nature", "category", "rate", "vat"),
    [
        ("service", "S", "0.21", "210.00"),
        ("copyright", "S", "0.06", "60.00"),
        ("copyright_software_advertising", "S", "0.21", "210.00"),
        ("performance", "S", "0.06", "60.00"),
        ("performer_to_organizer", "E", "0", "0.00"),
        ("publishing_contract", "E", "0", "0.00"),
    ],
)
async def test_every_nature_of_service_passes_the_official_rules(
    desk: Any, line: Callable[..., Any], pools: Pools, nature: str, category: str, rate: str, vat: str
) -> None:
    order = await desk.confirm(line(nature=nature))
    await desk.open_day(LAST_DAY)
    invoice = await issued(desk, order)
    assert str(Money(invoice.total_vat_minor, "EUR").amount) == vat
    content = await pools.read.fetchval("select content from invoice where id = $1", invoice.key)
    assert content["lines"][0]["vat"]["category_code"] == category
    assert Decimal(content["lines"][0]["vat"]["rate"]) == Decimal(rate)
    assert bool(content["lines"][0]["vat"]["exemption_reason"]) == (category == "E")
    assert await sound(pools)


async def test_two_natures_on_one_invoice_are_two_lines_of_vat(desk: Any, line: Callable[..., Any]) -> None:
    order = await desk.confirm(line(), line(nature="copyright", quantity=Decimal("2.5"), unit="HUR"))
    await desk.open_day(LAST_DAY)
    assert (await issued(desk, order)).total_vat_minor == 21_000 + 1_500


async def test_a_taxable_buyer_in_another_country_accounts_for_the_vat_itself(desk: Any) -> None:
    buyer = await desk.register_buyer(
        name="Kunde GmbH", country="DE", vat_number="DE136695976", language="de"
    )
    desk.buyer = buyer.key
    order = await desk.confirm()
    await desk.open_day(LAST_DAY)
    invoice = await issued(desk, order)
    assert invoice.total_vat_minor == 0


async def test_a_private_client_is_invoiced_with_vat(desk: Any) -> None:
    buyer = await desk.register_buyer(name="Jeanne Dupont", vat_number="")
    desk.buyer = buyer.key
    order = await desk.confirm()
    await desk.open_day(LAST_DAY)
    assert (await issued(desk, order)).total_vat_minor == 21_000


async def test_nothing_is_invoiced_before_the_work_has_ended(desk: Any) -> None:
    order = await desk.confirm()
    await desk.open_day(date(2026, 7, 30))
    with pytest.raises(WorkNotEnded) as refused:
        await issued(desk, order)
    assert refused.value.facts["last_day"] == LAST_DAY
    await desk.open_day(LAST_DAY)
    assert (await issued(desk, order)).number


async def test_an_order_that_nobody_confirmed_is_not_invoiced(desk: Any) -> None:
    draft, sent = (await desk.draft()).key, await desk.send()
    await desk.open_day(LAST_DAY)
    for order in (draft, sent):
        with pytest.raises(OrderNotConfirmed):
            await issued(desk, order)


async def test_a_cancelled_order_is_not_invoiced(desk: Any, order: Any, pools: Pools) -> None:
    await pools.write.execute(
        "update sales_order set cancelled_on = '2026-07-02', cancel_reason = 'ill', is_refusal = false where id = $1",
        order,
    )
    with pytest.raises(OrderIsClosed):
        await issued(desk, order)


async def test_a_member_whose_share_is_not_paid_brings_no_new_money(
    desk: Any, order: Any, pools: Pools
) -> None:
    await desk.open_day(date(2027, 1, 4))
    with pytest.raises(MembershipNotPaid):
        await issued(desk, order)
    with pytest.raises(MembershipNotPaid):
        await issued(desk, order, ACCOUNTANT)
    assert await pools.read.fetchval("select count(*) from invoice where order_id = $1", order) == 0


@pytest.mark.parametrize("role", ["member", "adviser", "auditor", "board"])
async def test_nobody_else_issues_a_members_invoice(api: AskedApi, desk: Any, order: Any, role: str) -> None:
    who = Claims(subject="other", roles=frozenset({role}), member_id=uuid7())
    answer = await api.ask(ISSUE, who=who, order=desk.id("Order", order))
    if role == "member":
        assert answer.data["issueInvoice"]["code"] == "NotYours"
    else:
        assert answer.codes == ["FORBIDDEN"]


async def test_what_breaks_a_rule_takes_no_number(
    api: AskedApi, desk: Any, order: Any, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def strict(self: Validator, xml: bytes, kind: str = "invoice") -> list[Finding]:
        return [Finding("BR-CO-15", "en16931", FATAL, "wrong"), Finding("BR-S-08", "en16931", FATAL, "wrong")]

    with monkeypatch.context() as patched:
        patched.setattr(Validator, "findings", strict)
        with pytest.raises(InvoiceNotValid) as refused:
            await issued(desk, order)
    assert refused.value.facts["rules"] == ["BR-CO-15", "BR-S-08"]
    assert (
        await pools.read.fetchval(
            "select count(*) from number_counter where entity_id = $1 and series = 'invoice'", desk.entity
        )
        == 0
    )
    assert (await issued(desk, order)).number == "F2026-000001"


async def test_a_judge_that_fails_refuses_nothing_about_the_invoice(
    desk: Any, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dead(self: Validator, xml: bytes, kind: str = "invoice") -> list[Finding]:
        return [Finding(JUDGE_FAILED, "xml", FATAL, "died")]

    monkeypatch.setattr(Validator, "findings", dead)
    with pytest.raises(ValidatorNotReady):
        await issued(desk, order)


async def test_an_invoice_is_read_by_its_member_and_staff_and_by_nobody_else(
    api: AskedApi, desk: Any, order: Any
) -> None:
    invoice = await issued(desk, order)
    ask = "query ($id: ID!) { invoice(id: $id) { number } }"
    key = desk.id("Invoice", invoice.key)
    for who in (desk.who, ACCOUNTANT, Claims(subject="a", roles=frozenset({"auditor"}))):
        assert (await api.ask(ask, who=who, id=key)).data["invoice"]["number"] == invoice.number
    stranger = Claims(subject="s", roles=frozenset({"member"}), member_id=uuid7())
    assert (await api.ask(ask, who=stranger, id=key)).codes == ["FORBIDDEN"]
    missing = await api.ask(ask, who=stranger, id=desk.id("Invoice", uuid7()))
    assert missing.codes == ["FORBIDDEN"]


async def test_a_member_finds_the_own_invoices_and_an_accountant_all(
    api: AskedApi, desk: Any, order: Any
) -> None:
    await issued(desk, order)
    ask = """query ($e: ID!, $t: TransmissionState, $first: Int! = 20, $after: String) {
      invoices(entityId: $e, transmission: $t, first: $first, after: $after) {
        nodes { number } pageInfo { hasNextPage endCursor } } }"""
    entity = desk.id("Entity", desk.entity)
    for who, count in (
        (desk.who, 1),
        (ACCOUNTANT, 1),
        (Claims(subject="s", roles=frozenset({"member"}), member_id=uuid7()), 0),
    ):
        answer = await api.ask(ask, who=who, e=entity)
        assert len(answer.data["invoices"]["nodes"]) == count
    assert (await api.ask(ask, who=ACCOUNTANT, e=entity, t="FAILED")).data["invoices"]["nodes"] == []
    assert len((await api.ask(ask, who=ACCOUNTANT, e=entity, t="WAITING")).data["invoices"]["nodes"]) == 1


async def test_a_sent_order_keeps_its_price_whatever_day_it_is_invoiced(desk: Any, order: Any) -> None:
    await desk.open_day(date(2026, 11, 30))
    invoice = await issued(desk, order)
    assert invoice.total_without_vat_minor == 100_000
    assert invoice.issue_date == date(2026, 11, 30)
