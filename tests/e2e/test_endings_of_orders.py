"""Orders, budgets and credit notes that end otherwise than in the happy story; what each persona sees of it."""

from __future__ import annotations

import base64
import os
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.e2e.addresses import STACK_VARIABLE, Addresses
from tests.e2e.answers import get
from tests.e2e.at_work import (
    BUDGET,
    CONTRIBUTION,
    DAY_RATE,
    DAYS,
    DUE_DAY,
    FIRST_DAY,
    LAST_DAY,
    PRICE,
    AtWork,
)
from tests.e2e.client import Door, Failed
from tests.e2e.databases import Databases
from tests.e2e.house import ENDOWMENT, Staff, amount, staff_of
from tests.e2e.tomorrows_law import RATE_AFTER, RATE_CHANGES_ON
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

NOTHING = Decimal("0.00")
DURING, CREDITED = date(2026, 7, 10), date(2026, 8, 3)
DONE_DAYS, DONE_PRICE, DONE_CONTRIBUTION = 4, Decimal("1280.00"), Decimal("83.20")
UBL = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}


@pytest.fixture(scope="module")
async def staff(door: Door) -> Staff:
    """Those who work for all these houses."""
    gateway, _ = door
    return await staff_of(gateway)


async def books_are_sound(databases: Databases) -> None:
    """The invariants of both ledgers."""
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


async def test_an_order_cancelled_before_the_work_undoes_contract_hold_budget_and_hire(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Annulé Avant SC")
    await work.complete_profile()
    contract = await work.request_contract()
    assert contract["refusalCode"] is None
    price = amount(contract["price"])
    assert await work.balance() == (BUDGET, price, BUDGET - price)
    assert (await work.refused("issue_invoice", order_id=work.order_id)).code == "WorkNotEnded"

    cancelled = await work.member.persona.ask(
        "cancel_order", order_id=work.order_id, reason="Le festival n'a pas lieu"
    )
    assert (cancelled["state"], cancelled["cancelReason"]) == ("CANCELLED", "Le festival n'a pas lieu")

    # The member: no contract, no money, and the hire taken back.
    assert await work.balance() == (NOTHING, NOTHING, NOTHING)
    refused = await until(
        "the authority has taken the hire back",
        lambda: work.contract(contract["id"]),
        lambda one: any(each["kind"] == "cancel" and each["result"] for each in one["declarations"]),
    )
    assert (refused["state"], refused["refusalCode"]) == ("REFUSED", "OrderCancelled")
    assert {each["kind"]: each["state"] for each in refused["declarations"]} == {
        "in": "ACCEPTED",
        "cancel": "ACCEPTED",
    }
    activity = await work.member.persona.ask("activity", id=work.activity_id)
    assert [entry["code"] for entry in reversed(activity["ledgerEntries"])] == [
        "budget_credited",
        "budget_hold",
        "budget_release",
        "budget_withdrawn",
    ]
    # The client: a page that says so in words, and offers no form.
    assert (await work.page())["state"] == "CANCELLED"
    page = await get(door[1], work.link.url)
    assert "This order is cancelled" in page.text
    assert "You owe nothing" in page.text
    assert "<form" not in page.text
    # The accountant sees that nothing is left to carry; the fund holds and stands for nothing.
    seen = await work.order(staff.accountant)
    assert (seen["state"], seen["cancelledOn"], seen["isRefused"]) == ("CANCELLED", "2026-06-15", False)
    assert seen["budgetWithdrawal"] == {
        "amount": {"amount": str(BUDGET)},
        "taken": {"amount": str(BUDGET)},
        "carried": {"amount": "0.00"},
    }
    fund = await work.fund()
    assert (amount(fund["posted"]), amount(fund["held"])) == (ENDOWMENT, NOTHING)
    # Nothing is left to be done with it.
    assert (await work.refused("cancel_order", order_id=work.order_id, reason="")).code == "OrderIsClosed"
    assert (await work.refused("issue_invoice", order_id=work.order_id)).code == "OrderIsClosed"
    again = await work.refused(
        "request_contract",
        order_id=work.order_id,
        regime="white_collar",
        kind="DAYS",
        gross_wage={"amount": "200.00", "currency": "EUR"},
        days=DAYS,
        start_date=FIRST_DAY,
        end_date=LAST_DAY,
        function_title="Illustrator",
    )
    assert again.code == "OrderIsCancelled"
    await books_are_sound(databases)


async def test_an_order_cancelled_during_the_work_pays_what_was_worked_and_invoices_what_was_done(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Annulé Pendant SC")
    await work.complete_profile()
    contract = await work.request_contract()
    await work.house.turn_to(DURING)
    too_much = await work.refused(
        "cancel_order", order_id=work.order_id, reason="", done=[{"position": 1, "quantity": "10.5"}]
    )
    assert too_much.code == "MoreDoneThanOrdered"
    cancelled = await work.member.persona.ask(
        "cancel_order",
        order_id=work.order_id,
        reason="Le musée ferme",
        done=[{"position": 1, "quantity": str(DONE_DAYS)}],
    )
    assert cancelled["state"] == "CANCELLED"

    # The contract ended that day; the authority knows; what was worked of it falls due.
    payslip = await work.payslip(contract["id"], is_held)
    assert (payslip["dueDate"], amount(payslip["grossWage"])) == ("2026-07-18", Decimal("800.00"))
    ended = await until(
        "the authority knows that the hire has ended",
        lambda: work.contract(contract["id"], staff.payroll_officer),
        lambda one: any(each["kind"] == "out" and each["result"] for each in one["declarations"]),
    )
    assert (ended["state"], ended["endDate"], ended["endedOn"]) == ("ENDED", "2026-07-10", "2026-07-10")
    assert {each["kind"]: each["state"] for each in ended["declarations"]} == {
        "in": "ACCEPTED",
        "out": "ACCEPTED",
    }
    # The budget has the part done less its wage; nothing is left to carry.
    kept, charged = DONE_PRICE - DONE_CONTRIBUTION, amount(ended["price"])
    await work.until_balance(kept - charged, NOTHING)
    order = await work.order()
    assert Decimal(order["lines"][0]["doneQuantity"]) == DONE_DAYS
    assert amount(order["budgetWithdrawal"]["taken"]) == BUDGET - kept
    assert amount(order["budgetWithdrawal"]["carried"]) == NOTHING
    # The client reads what is still invoiced, and gets the invoice for it.
    assert (await work.page())["state"] == "CANCELLED"
    page = (await get(door[1], work.link.url)).text
    assert "The part done by then" in page
    assert "1,280.00" in page
    invoice = await work.invoiced()
    assert amount(invoice["totalWithoutVat"]) == DONE_PRICE
    assert amount(invoice["contribution"]) == DONE_CONTRIBUTION
    assert (invoice["issueDate"], invoice["transmission"]["state"]) == ("2026-07-10", "DELIVERED")
    assert (await work.order())["state"] == "CANCELLED"

    # The fund stands for the part done: it advances the wage, and has it back when the client pays.
    await work.house.turn_to(date(2026, 7, 18))
    await work.payslip(contract["id"], is_paid)
    [advance] = await work.advances()
    assert (advance["state"], amount(advance["amount"])) == ("OPEN", charged)
    await work.house.bank.pay_in(
        to=work.house.iban,
        amount=amount(invoice["totalWithVat"]),
        reference=invoice["paymentReference"],
        by=work.client.name,
        day=work.house.day,
    )
    await work.house.import_statement()
    await until("the advance is back", work.advances, lambda found: found[0]["state"] == "RECOVERED")
    assert await work.balance() == (kept - charged, NOTHING, kept - charged)
    await books_are_sound(databases)


async def test_a_cancellation_after_the_work_is_refused_and_says_that_a_credit_note_is_the_way(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Annulé Après SC")
    await work.house.turn_to(LAST_DAY)
    done = await work.refused("cancel_order", order_id=work.order_id, reason="")
    assert done.code == "OrderIsDone"
    assert done.facts["last_day"] == LAST_DAY.isoformat()
    await work.member.persona.ask("issue_invoice", order_id=work.order_id)
    for persona in (work.member.persona, staff.accountant):
        invoiced = await work.refused("cancel_order", persona, order_id=work.order_id, reason="")
        assert invoiced.code == "OrderIsInvoiced"
        assert "credit note" in invoiced.message
    assert (await work.order())["state"] == "DONE"
    assert (await work.page())["state"] == "CONFIRMED"
    assert await work.balance() == (BUDGET, NOTHING, BUDGET)
    await books_are_sound(databases)


async def test_a_budget_that_is_too_small_refuses_the_contract_with_both_amounts_and_holds_nothing(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Budget Serré SC")
    await work.complete_profile()
    too_large = await work.request_contract(DAY_RATE)
    assert (too_large["state"], too_large["refusalCode"]) == ("REFUSED", "BudgetTooSmall")
    assert too_large["budgetRefusal"] == {
        "requested": too_large["price"],
        "available": {"amount": str(BUDGET)},
    }
    assert amount(too_large["price"]) > BUDGET
    assert (too_large["budgetHeldOn"], too_large["declarations"]) == (None, [])
    assert await work.balance() == (BUDGET, NOTHING, BUDGET)
    officer = await work.contract(too_large["id"], staff.payroll_officer)
    assert officer["budgetRefusal"] == too_large["budgetRefusal"]

    smaller = await work.request_contract(Decimal("200.00"))
    assert (smaller["refusalCode"], smaller["budgetRefusal"]) == (None, None)
    assert [each["kind"] for each in smaller["declarations"]] == ["in"]
    price = amount(smaller["price"])
    assert await work.balance() == (BUDGET, price, BUDGET - price)
    # What is left is too small again for the same once more.
    once_more = await work.request_contract(Decimal("200.00"))
    assert once_more["budgetRefusal"]["available"] == {"amount": str(BUDGET - price)}
    order = await work.order()
    assert sorted(one["state"] for one in order["contracts"]) == ["DECLARED", "REFUSED", "REFUSED"]
    assert amount(order["totalWithoutVat"]) == PRICE
    await books_are_sound(databases)


@pytest.mark.skipif(STACK_VARIABLE in os.environ, reason="the running stack has the law as it is published")
async def test_when_the_contribution_changes_the_day_of_confirmation_decides_for_budget_and_invoice(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    day = RATE_CHANGES_ON - timedelta(days=10)
    work = await AtWork.opened(door, stack, staff, name="Taux Changé SC", day=day)
    start, end = RATE_CHANGES_ON + timedelta(days=9), RATE_CHANGES_ON + timedelta(days=27)
    await work.send_order(start=start, end=end)
    await work.confirm()
    early = work.order_id
    assert await work.balance() == (BUDGET, NOTHING, BUDGET)
    await work.send_order(start=start, end=end)
    late = work.order_id
    # While it is a quote, it shows what would hold today.
    assert amount((await work.order())["contribution"]) == CONTRIBUTION
    await work.house.turn_to(RATE_CHANGES_ON)
    await work.confirm()
    after = PRICE * RATE_AFTER
    both = BUDGET + PRICE - after
    await work.until_balance(both, NOTHING)

    await work.house.turn_to(end)
    for order_id, contribution in ((early, CONTRIBUTION), (late, after)):
        work.order_id = order_id
        order = await work.order()
        assert amount(order["contribution"]) == contribution
        assert amount(order["cover"]["amount"]) == amount(order["budget"]) == PRICE - contribution
        invoice = await work.invoiced()
        assert amount(invoice["contribution"]) == contribution
    # Issuing adjusted nothing, and the fund had its quarter of each.
    assert await work.balance() == (both, NOTHING, both)
    fund = await until(
        "both contributions are in the fund", work.fund, lambda one: len(one["movements"]) == 3
    )
    assert [(one["kind"], amount(one["amount"])) for one in fund["movements"]] == [
        ("CONTRIBUTION", after / 4),
        ("CONTRIBUTION", CONTRIBUTION / 4),
        ("ENDOWMENT", ENDOWMENT),
    ]
    await books_are_sound(databases)


async def test_a_credit_note_before_the_advance_frees_the_fund_and_the_wage_of_work_done_is_still_paid(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Note Avant SC")
    await work.complete_profile()
    contract = await work.request_contract()
    price = amount(contract["price"])
    await work.house.turn_to(LAST_DAY)
    invoice = await work.invoiced()
    payslip = await work.payslip(contract["id"], is_held)
    before = await work.fund()
    assert amount(before["held"]) == price
    await work.house.turn_to(CREDITED)

    # A member asks; those who keep the books decide.
    with pytest.raises(Failed) as denied:
        await work.member.persona.ask("credit_invoice", invoice_id=invoice["id"], reason="Non")
    assert denied.value.codes == ["FORBIDDEN"]
    note = await staff.accountant.ask("credit_invoice", invoice_id=invoice["id"], reason="Rien n'a été livré")
    assert (note["number"], note["typeCode"]) == ("C2026-000001", "381")
    note = await work.delivered(note["id"])
    assert note["transmission"]["state"] == "DELIVERED"
    assert note["precedingInvoice"]["number"] == invoice["number"]
    assert amount(note["totalWithVat"]) == amount(invoice["totalWithVat"])
    found = await work.member.persona.ask("invoice_document", id=note["id"], kind="UBL")
    ubl = etree.fromstring(base64.b64decode(found["document"]["content"]))
    assert etree.QName(ubl).localname == "CreditNote"
    assert ubl.findtext("cbc:CreditNoteTypeCode", namespaces=UBL) == "381"
    reference = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:"
    assert ubl.findtext(f"{reference}ID", namespaces=UBL) == invoice["number"]
    assert ubl.findtext(f"{reference}IssueDate", namespaces=UBL) == LAST_DAY.isoformat()

    # The client owes nothing; the member's budget gave back what the wage had not taken.
    seen = await work.member.persona.ask("invoice", id=invoice["id"])
    assert (seen["state"], amount(seen["amountDue"])) == ("CREDITED", NOTHING)
    assert seen["creditNote"]["number"] == note["number"]
    await work.until_balance(NOTHING, NOTHING)
    order = await work.order()
    assert amount(order["budgetWithdrawal"]["carried"]) == price
    # The fund holds nothing for it, and has given its part of the contribution back.
    fund = await until("the fund is free", work.fund, lambda one: amount(one["held"]) == NOTHING)
    assert (amount(fund["posted"]), fund["movements"][0]["kind"]) == (ENDOWMENT, "CONTRIBUTION_REVERSAL")
    due = await staff.payroll_officer.ask("wages_due", entity_id=work.house.entity_id)
    assert [(one["state"], amount(one["amount"])) for one in due["nodes"]] == [("NOT_HELD", price)]

    # The work was done: its wage is paid on its day, and the fund carries it.
    await work.house.turn_to(DUE_DAY)
    paid = await work.payslip(contract["id"], is_paid)
    assert (paid["id"], paid["funding"]["source"]) == (payslip["id"], "advance")
    [advance] = await work.advances()
    assert (advance["state"], amount(advance["outstanding"])) == ("RECOVERY_OPENED", price)
    assert amount((await work.fund())["posted"]) == ENDOWMENT - price
    # Money that comes for it all the same belongs to no invoice.
    await work.house.bank.pay_in(
        to=work.house.iban,
        amount=amount(invoice["totalWithVat"]),
        reference=invoice["paymentReference"],
        by=work.client.name,
        day=DUE_DAY,
    )
    await work.house.import_statement()
    assert (await work.member.persona.ask("invoice", id=invoice["id"]))["state"] == "CREDITED"
    assert await work.balance() == (NOTHING, NOTHING, NOTHING)
    await books_are_sound(databases)


async def test_a_credit_note_after_the_advance_leaves_the_wage_paid_and_the_advance_with_the_fund(
    door: Door, stack: Addresses, staff: Staff, databases: Databases
) -> None:
    work = await AtWork.covered(door, stack, staff, name="Note Après SC")
    await work.complete_profile()
    contract = await work.request_contract()
    price = amount(contract["price"])
    await work.house.turn_to(LAST_DAY)
    invoice = await work.invoiced()
    await work.payslip(contract["id"], is_held)
    await work.house.turn_to(DUE_DAY)
    paid = await work.payslip(contract["id"], is_paid)
    [advance] = await work.advances()
    assert (advance["state"], amount(advance["outstanding"])) == ("OPEN", price)
    await staff.credit_controller.ask("credit_invoice", invoice_id=invoice["id"], reason="Litige perdu")

    # The fund: nothing comes from this client any more; what it advanced stays open, with it.
    [carried] = await until(
        "the advance is the fund's", work.advances, lambda found: found[0]["state"] == "RECOVERY_OPENED"
    )
    assert (amount(carried["outstanding"]), amount(carried["recovered"])) == (price, NOTHING)
    fund = await until(
        "the contribution is given back", work.fund, lambda one: amount(one["posted"]) == ENDOWMENT - price
    )
    assert [one["kind"] for one in fund["movements"]] == [
        "CONTRIBUTION_REVERSAL",
        "ADVANCE",
        "CONTRIBUTION",
        "ENDOWMENT",
    ]
    # The member keeps the wage; the budget gives back what is left, and no more.
    after = await work.member.persona.ask("payslip", id=paid["id"])
    assert (after["state"], after["netPayable"]) == ("PAID", paid["netPayable"])
    assert await work.balance() == (NOTHING, NOTHING, NOTHING)
    assert (await work.order(staff.accountant))["budgetWithdrawal"] == {
        "amount": {"amount": str(BUDGET)},
        "taken": {"amount": str(BUDGET - price)},
        "carried": {"amount": str(price)},
    }
    again = await work.refused("credit_invoice", staff.accountant, invoice_id=invoice["id"], reason="Encore")
    assert again.code == "InvoiceAlreadyCredited"
    # What the member earns next is not touched, and the client is judged as one who owes nothing.
    await work.send_order(start=date(2026, 9, 1), end=date(2026, 9, 30))
    await work.confirm()
    assert await work.balance() == (BUDGET, NOTHING, BUDGET)
    [standing] = [
        one for one in (await work.order())["cover"]["reasons"] if one["rule"] == "buyer_credit_status"
    ]
    assert standing["passed"]
    await books_are_sound(databases)


def is_held(payslip: Any) -> bool:
    """The fund keeps the wage until it is due."""
    return payslip["funding"] is not None and payslip["funding"]["state"] == "HELD"


def is_paid(payslip: Any) -> bool:
    """The bank has executed the wage."""
    return bool(payslip["state"] == "PAID")
