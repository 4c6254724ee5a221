"""How clients pay otherwise than in the story: each ending played to its end in an entity of its own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.house import amount
from tests.e2e.sale import LAST_DAY, Seller
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

TOTAL = Decimal("1936.00")  # five days at 320.00 and 21 % of VAT
FOR_WAGES = Decimal("1496.00")  # the price less 6.5 %
FUND_SHARE = Decimal("26.00")  # a quarter of the contribution
NOTHING = Decimal(0)
PROPOSAL = date(2026, 9, 18)  # ninety days after the due day of 20 June


async def test_a_client_who_pays_before_the_due_day_pays_the_wage_and_the_fund_is_not_needed(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Payé d'avance SC")
    sale = await (await seller.sale(await seller.client())).invoiced()
    assert (await sale.payslip())["funding"]["state"] == "HELD"
    assert amount((await seller.fund())["held"]) == sale.labor_cost
    await seller.house.turn_to(date(2026, 6, 15))
    [line] = (await sale.client_pays(sale.total))["lines"]
    assert line["outcome"] == "FULL"
    await sale.invoice_is("PAID")
    await sale.funding_is("COLLECTED")
    fund = await seller.fund()
    assert (amount(fund["posted"]), amount(fund["held"])) == (Decimal("10000.00") + FUND_SHARE, NOTHING)
    paid = await sale.due_day_comes()
    assert paid["funding"]["source"] == "collection"
    assert await seller.advances() == []
    assert [each["kind"] for each in (await seller.fund())["movements"]] == ["CONTRIBUTION", "ENDOWMENT"]
    assert await seller.budget() == (FOR_WAGES - sale.labor_cost, NOTHING)
    await books_are_whole(databases)


async def test_a_client_who_pays_half_brings_back_half_of_the_advance_and_then_the_rest(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Payé à moitié SC")
    sale = await (await seller.sale(await seller.client())).invoiced()
    half = sale.total / 2
    await seller.house.turn_to(date(2026, 6, 15))
    [line] = (await sale.client_pays(half))["lines"]
    assert line["outcome"] == "PARTIAL"
    partly = await sale.invoice_is("PARTLY_PAID")
    assert (amount(partly["paidAmount"]), amount(partly["amountDue"])) == (half, half)
    # Half is not the wage: the fund advances all of it, and takes the half that is there at once.
    assert (await sale.payslip())["funding"]["state"] == "HELD"
    paid = await sale.due_day_comes()
    assert paid["funding"]["source"] == "advance"
    advance = await sale.advance_is("OPEN")
    assert amount(advance["amount"]) == sale.labor_cost
    assert amount(advance["recovered"]) == half
    assert amount(advance["outstanding"]) == sale.labor_cost - half
    [line] = (await sale.client_pays(Decimal("20.00")))["lines"]
    assert line["outcome"] == "PARTIAL"
    await until(
        "the next part went to the advance first",
        lambda: sale.advance_is("OPEN"),
        lambda one: amount(one["recovered"]) == half + 20,
    )
    await sale.client_pays(half - 20)
    invoice = await sale.invoice_is("PAID")
    assert (amount(invoice["amountDue"]), amount(invoice["overpaidAmount"])) == (NOTHING, NOTHING)
    recovered = await sale.advance_is("RECOVERED")
    assert (amount(recovered["recovered"]), amount(recovered["outstanding"])) == (sale.labor_cost, NOTHING)
    fund = await seller.fund()
    assert (amount(fund["posted"]), amount(fund["held"])) == (Decimal("10000.00") + FUND_SHARE, NOTHING)
    assert await seller.budget() == (FOR_WAGES - sale.labor_cost, NOTHING)
    await books_are_whole(databases)


async def test_a_client_who_pays_twice_loses_nothing_and_a_person_decides_what_becomes_of_it(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Payé deux fois SC")
    house, client = seller.house, await seller.client()
    sale = await (await seller.sale(client)).invoiced()
    await house.turn_to(date(2026, 6, 15))
    lines = (await sale.client_pays(sale.total, times=2))["lines"]
    assert [line["outcome"] for line in lines] == ["FULL", "SETTLED"]
    invoice = await sale.invoice_is("PAID")
    assert (amount(invoice["paidAmount"]), amount(invoice["overpaidAmount"])) == (sale.total, sale.total)
    # Imported again, nothing is booked again.
    assert (await house.import_statement())["newLines"] == 0
    [waiting] = await seller.waiting()
    assert (amount(waiting["inSuspense"]), waiting["invoice"]["number"]) == (sale.total, sale.number)
    assert waiting["proposals"] == []
    with pytest.raises(Failed) as failed:
        await seller.person.persona.ask("unallocated_payments", entity_id=house.entity_id)
    assert failed.value.codes == ["FORBIDDEN"]
    # Half of it stays for the client: kept, seen by those who may, and used for the next invoice.
    accountant = house.staff.accountant
    back = await accountant.ask(
        "refund_payment",
        payment_id=waiting["id"],
        amount={"amount": str(sale.total - 500), "currency": "EUR"},
    )
    [refund] = back["decisions"]
    assert amount(back["inSuspense"]) == 500
    kept = await accountant.ask("keep_payment", payment_id=waiting["id"], party_id=client.id)
    assert (kept["keptFor"]["id"], amount(kept["inSuspense"])) == (client.id, Decimal(500))
    assert await seller.waiting(is_kept=False) == []
    controller = house.staff.credit_controller
    credits = await controller.ask("unallocated_payments", entity_id=house.entity_id, is_kept=True)
    assert [each["id"] for each in credits["nodes"]] == [waiting["id"]]
    # The rest goes back by hand, under the reference of the decision; the statement proves it, once.
    await house.bank.pay_out(
        of=house.iban,
        to=made_up.iban(),
        amount=sale.total - 500,
        reference=refund["refundReference"],
        name=client.name,
        day=house.day,
    )
    [line] = (await house.import_statement())["lines"]
    assert line["outcome"] == "REFUND"
    proven = await accountant.ask("payment", id=waiting["id"])
    assert [(each["kind"], each["sentOn"]) for each in proven["decisions"]] == [
        ("REFUNDED", house.day.isoformat()),
        ("KEPT", None),
    ]
    with pytest.raises(Refused) as refused:
        await accountant.ask(
            "refund_payment",
            payment_id=waiting["id"],
            amount={"amount": "500.01", "currency": "EUR"},
        )
    assert refused.value.code == "MoreThanInSuspense"
    assert amount((await sale.invoice())["overpaidAmount"]) == 500
    await sale.due_day_comes()
    assert await seller.advances() == []
    await books_are_whole(databases)


async def test_a_wrong_amount_without_a_reference_waits_in_suspense_until_the_accountant_decides(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Payé sans référence SC")
    house = seller.house
    sale = await (await seller.sale(await seller.client())).invoiced()
    await sale.due_day_comes()
    wrong = Decimal("1600.00")
    words = f"Sofie Janssens {sale.number.lower()} merci"
    [line] = (await sale.client_pays(wrong, with_reference=False, text=words))["lines"]
    assert (line["outcome"], line["reference"]) == ("UNKNOWN", "")
    # Nobody guesses: the member sees an unpaid invoice, the credit controller an open advance.
    assert (await sale.invoice())["state"] == "ISSUED"
    await sale.advance_is("OPEN")
    controller = house.staff.credit_controller
    seen = await controller.ask("unallocated_payments", entity_id=house.entity_id)
    [waiting] = seen["nodes"]
    [proposal] = waiting["proposals"]
    assert (proposal["invoice"]["number"], proposal["reasons"]) == (sale.number, ["NUMBER_IN_TEXT"])
    assert amount(proposal["amount"]) == wrong
    given = {"payment_id": waiting["id"], "invoice_id": proposal["invoice"]["id"]}
    for who in (controller, seller.person.persona, house.staff.auditor):
        with pytest.raises(Failed) as failed:
            await who.ask("allocate_payment", **given)
        assert failed.value.codes == ["FORBIDDEN"]
    decided = await house.staff.accountant.ask("allocate_payment", **given)
    assert amount(decided["inSuspense"]) == 0
    assert [each["kind"] for each in decided["decisions"]] == ["ALLOCATED"]
    assert await seller.waiting() == []
    partly = await sale.invoice_is("PARTLY_PAID")
    assert amount(partly["amountDue"]) == sale.total - wrong
    # What wages are paid from comes first: the whole advance is back before VAT and contribution.
    recovered = await sale.advance_is("RECOVERED")
    assert amount(recovered["recovered"]) == sale.labor_cost
    with pytest.raises(Refused) as refused:
        await house.staff.accountant.ask("allocate_payment", **given)
    assert refused.value.code == "NothingInSuspense"
    await books_are_whole(databases)


async def test_a_client_who_goes_bankrupt_costs_the_fund_and_not_the_member_until_it_pays_after_all(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Client en faillite SC")
    house, client = seller.house, await seller.client()
    sale = await (await seller.sale(client)).invoiced()
    paid = await sale.due_day_comes()
    assert paid["funding"]["source"] == "advance"
    # Overdue since 22 June: the member sees that the client was reminded.
    await house.turn_to(date(2026, 6, 23))
    await until("the client is reminded", sale.invoice, lambda one: one["dunningLevel"] == 1)
    controller, board = house.staff.credit_controller, house.staff.board
    given = {"party_id": client.id, "reason": "BANKRUPTCY", "defaulted_on": house.day}
    for who in (seller.person.persona, house.staff.accountant, board):
        with pytest.raises(Failed) as failed:
            await who.ask("declare_default", **given)
        assert failed.value.codes == ["FORBIDDEN"]
    assert (await controller.ask("declare_default", **given))["defaultReason"] == "BANKRUPTCY"
    advance = await sale.advance_is("RECOVERY_OPENED")
    assert amount(advance["outstanding"]) == sale.labor_cost
    # The same company is not covered again, under whatever registration it comes; the member reads why.
    again = await seller.client("Studio Noord bis BV", vat_number=client.vat_number)
    refused = await seller.sale(again, start=date(2026, 7, 1), end=date(2026, 7, 3), days=3)
    assert not refused.cover["covered"]
    [reason] = [each for each in refused.cover["reasons"] if not each["passed"]]
    assert (reason["rule"], reason["required"]) == ("buyer_credit_status", True)
    assert reason["facts"]["buyer_credit_status"] == "defaulted"
    assert reason["sentence"] == "The credit of the client is not good enough."
    # Ninety days after the advance the loss is proposed; the board alone decides.
    await house.turn_to(PROPOSAL)
    proposed = await until(
        "giving up is proposed",
        lambda: board.ask("write_offs", entity_id=house.entity_id, is_approved=False),
        lambda found: len(found["nodes"]) == 1,
    )
    [proposal] = proposed["nodes"]
    assert (proposal["orderId"], amount(proposal["amount"])) == (sale.order_id, sale.labor_cost)
    decision = {"write_off_id": proposal["id"], "grounds": "The bankruptcy was closed without a dividend."}
    for who in (controller, seller.person.persona, house.staff.auditor):
        with pytest.raises(Failed) as failed:
            await who.ask("approve_write_off", **decision)
        assert failed.value.codes == ["FORBIDDEN"]
    assert (await sale.invoice())["state"] == "ISSUED"
    await board.ask("approve_write_off", **decision)
    with pytest.raises(Refused) as twice:
        await board.ask("approve_write_off", **decision)
    assert twice.value.code == "WriteOffAlreadyApproved"
    lost = await sale.advance_is("LOSS_CARRIED")
    assert (amount(lost["lost"]), amount(lost["outstanding"])) == (sale.labor_cost, NOTHING)
    written_off = await sale.invoice_is("WRITTEN_OFF")
    assert (amount(written_off["writtenOffAmount"]), amount(written_off["amountDue"])) == (
        sale.total,
        NOTHING,
    )
    # The member keeps the wage.
    assert (await sale.payslip())["state"] == "PAID"
    without = Decimal("10000.00") + FUND_SHARE - sale.labor_cost
    assert amount((await seller.fund())["posted"]) == without
    await books_are_whole(databases)
    # The client pays after the write-off: the money goes to the fund, and the invoice is paid after all.
    half = sale.total / 2
    await sale.client_pays(half)
    part = await until(
        "a part of the loss is back",
        lambda: sale.advance_is("LOSS_CARRIED"),
        lambda one: amount(one["recovered"]) == half,
    )
    assert amount(part["lost"]) == sale.labor_cost - half
    still = await sale.invoice()
    assert (still["state"], amount(still["writtenOffAmount"])) == ("WRITTEN_OFF", half)
    await sale.client_pays(half)
    back = await sale.advance_is("RECOVERED")
    assert (amount(back["recovered"]), amount(back["lost"])) == (sale.labor_cost, NOTHING)
    at_last = await sale.invoice_is("PAID")
    assert (amount(at_last["writtenOffAmount"]), amount(at_last["overpaidAmount"])) == (NOTHING, NOTHING)
    fund = await seller.fund()
    assert amount(fund["posted"]) == Decimal("10000.00") + FUND_SHARE
    assert fund["movements"][0]["kind"] == "LOSS_RECOVERY"
    await books_are_whole(databases)


async def test_without_cover_the_budget_waits_for_the_client_and_so_does_the_wage(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    seller = await Seller.at_work(door, stack, name="Sans garantie SC")
    house, persona = seller.house, seller.person.persona
    # Above what the fund stands for on one order.
    sale = await seller.sale(
        await seller.client(), start=LAST_DAY, end=LAST_DAY, days=1, day_rate=Decimal("50000.01")
    )
    assert not sale.cover["covered"]
    [reason] = [each for each in sale.cover["reasons"] if each["required"] and not each["passed"]]
    assert (reason["rule"], reason["invented"]) == ("amount_cap", True)
    assert reason["sentence"] == "The price is higher than what the fund stands for on one order."
    assert await seller.budget() == (NOTHING, NOTHING)
    too_early = await sale.ask_for_contract()
    assert (too_early["state"], too_early["refusalCode"]) == ("REFUSED", "BudgetTooSmall")
    await house.turn_to(LAST_DAY)
    await sale.issue_invoice()
    await sale.client_pays(sale.total - 1)
    partly = await sale.invoice_is("PARTLY_PAID")
    assert amount(partly["amountDue"]) == 1
    await databases.when_quiet()
    assert await seller.budget() == (NOTHING, NOTHING)
    await sale.client_pays(Decimal(1))
    await sale.invoice_is("PAID")
    await sale.budget_has_its_money()
    await sale.hire()
    await house.turn_to(LAST_DAY + timedelta(days=1))
    contract = await until(
        "the payslip is computed",
        lambda: persona.ask("contract", id=sale.contract_id),
        lambda one: one["payslip"] is not None,
    )
    sale.payslip_id = contract["payslip"]["id"]
    collected = await until(
        "the wage is collected",
        sale.payslip,
        lambda one: one["funding"] is not None and one["funding"]["state"] == "COLLECTED",
    )
    sale.due_day = date.fromisoformat(collected["dueDate"])
    paid = await sale.due_day_comes()
    assert paid["funding"]["source"] == "collection"
    assert await seller.advances() == []
    await books_are_whole(databases)


async def test_a_fund_below_its_reserve_keeps_its_promise_and_covers_nothing_new_until_it_is_filled(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    # Five percent of 1,496.00 is 74.80: enough for one order and not for its advance.
    seller = await Seller.at_work(door, stack, name="Petit fonds SC", endowment=Decimal("100.00"))
    house = seller.house
    sale = await seller.sale(await seller.client())
    assert sale.cover["covered"]
    await sale.invoiced()
    await sale.due_day_comes()
    again: dict[str, Any] = {"start": date(2026, 7, 1), "end": date(2026, 7, 3), "days": 3}
    refused = await seller.sale(await seller.client(), **again)
    assert not refused.cover["covered"]
    [reason] = [each for each in refused.cover["reasons"] if not each["passed"]]
    assert (reason["rule"], reason["required"]) == ("reserve_ratio", True)
    assert reason["sentence"] == "The reserve of the fund is smaller than it should be for all it stands for."
    for who in (house.staff.credit_controller, house.staff.board):
        seen = await who.ask("fund_standing", entity_id=house.entity_id)
        assert amount(seen["posted"]) == 100 + FUND_SHARE - sale.labor_cost
        standing = seen["standing"]
        assert (standing["isBelowReserve"], standing["warnedOn"]) == (True, house.day.isoformat())
        assert amount(standing["exposure"]) >= sale.labor_cost
    with pytest.raises(Failed) as failed:
        await seller.person.persona.ask("fund_standing", entity_id=house.entity_id)
    assert failed.value.codes == ["FORBIDDEN"]
    await sale.client_pays(sale.total)
    await sale.advance_is("RECOVERED")
    filled = await house.staff.board.ask("fund_standing", entity_id=house.entity_id)
    assert not filled["standing"]["isBelowReserve"]
    covered = await seller.sale(await seller.client(), **again)
    assert covered.cover["covered"]
    await books_are_whole(databases)


async def books_are_whole(databases: Databases) -> None:
    """Nothing is under way or parked, and both ledgers keep their rules."""
    await databases.when_quiet()
    assert await databases.parked() == {}
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
