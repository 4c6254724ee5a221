"""An engagement over a quarter's or a year's end: a payslip a period by the law of its days, and a share a year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Refused
from tests.e2e.databases import Databases
from tests.e2e.engagement import DAY_RATE, Engagement
from tests.e2e.house import amount, euros
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

AUTUMN, FIRST_DAY, LAST_DAY = date(2026, 11, 23), date(2026, 12, 1), date(2027, 1, 30)
# Begin, end, days, and the seventh working day after: Saturdays count, Sundays and New Year's Day do not.
EARLY_DECEMBER = (date(2026, 12, 1), date(2026, 12, 11), 8, date(2026, 12, 19))
LATE_DECEMBER = (date(2026, 12, 14), date(2026, 12, 31), 10, date(2027, 1, 9))
JANUARY = (date(2027, 1, 11), date(2027, 1, 22), 10, date(2027, 1, 30))
DAILY, PRICE_OF_A_DAY = Decimal("200.00"), Decimal("272.00")
DAYS_OF_ORDER = 36
BUDGET = DAYS_OF_ORDER * DAY_RATE * Decimal("0.935")

Piece = tuple[date, date, int, date]


async def simulated(work: Engagement, piece: Piece) -> Any:
    """What a piece of work would pay by itself, by the law of its days."""
    start, end, days, _ = piece
    return await work.anna.persona.ask(
        "simulate_wage",
        entity_id=work.house.entity_id,
        regime="white_collar",
        kind="DAYS",
        days=days,
        gross_wage=euros(DAILY),
        start_date=start,
        end_date=end,
    )


def line(payslip: Any, code: str) -> Any:
    [found] = [one for one in payslip["lines"] if one["code"] == code]
    return found


async def test_each_period_has_its_own_payslip_law_and_due_day_and_each_year_its_share(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(
        door, stack, name="Réveillon SC", day=AUTUMN, start=FIRST_DAY, end=LAST_DAY, days=DAYS_OF_ORDER
    )
    house, anna = work.house, work.anna
    membership = await house.membership(anna)
    assert membership is not None
    assert membership["entitledUntil"] == "2026-12-31"

    # One contract over both months is refused in a sentence that says what to do.
    with pytest.raises(Refused) as refused:
        await work.request(kind="DAYS", gross=str(DAILY), days=28, start=FIRST_DAY, end=LAST_DAY)
    assert refused.value.code == "ContractSpansMonths"
    assert "each month" in refused.value.message

    pieces = (EARLY_DECEMBER, LATE_DECEMBER, JANUARY)
    contracts = [
        await work.request(kind="DAYS", gross=str(DAILY), days=days, start=start, end=end)
        for start, end, days, _ in pieces
    ]
    for contract_id in contracts:
        assert (await work.is_declared(contract_id))["state"] == "DECLARED"
    cost = sum((PRICE_OF_A_DAY * days for _, _, days, _ in pieces), Decimal(0))
    await work.budget_is(held=cost, available=BUDGET - cost)

    payslips: list[Any] = []
    for contract_id, (_, end, _, due_day) in zip(contracts, pieces, strict=True):
        await house.turn_to(end)
        payslip_id = await work.has_payslip(contract_id)
        if end.year == 2027:
            await _a_share_for_the_new_year(work)
        await house.turn_to(due_day)
        await work.wage_is(payslip_id, "PAID")
        payslips.append(await anna.persona.ask("payslip_lines", id=payslip_id))

    for payslip, contract_id, (start, end, days, due_day) in zip(payslips, contracts, pieces, strict=True):
        assert (payslip["periodStart"], payslip["periodEnd"]) == (start.isoformat(), end.isoformat())
        assert (payslip["dueDate"], payslip["paidOn"]) == (due_day.isoformat(), due_day.isoformat())
        assert amount(payslip["grossWage"]) == DAILY * days
        contract = await anna.persona.ask("contract", id=contract_id)
        assert (contract["state"], contract["payslip"]["id"]) == ("PAID", payslip["id"])
    early, late, january = payslips

    # What December counted is over in January: month, quarter and year begin anew.
    for payslip, piece in ((early, EARLY_DECEMBER), (january, JANUARY)):
        assert amount(payslip["netPayable"]) == amount((await simulated(work, piece))["netPayable"])
    assert amount(line(late, "special_contribution")["base"]) == DAILY * 18
    assert amount(line(january, "special_contribution")["base"]) == DAILY * 10

    # The last wage was advanced like the others; the invoice of the year in which it is issued pays all three.
    issued = await anna.persona.ask("issue_invoice", order_id=work.order_id)
    invoice = await anna.persona.ask("invoice", id=issued["id"])
    assert invoice["issueDate"] == "2027-01-30"
    assert "2027" in invoice["number"]
    assert amount(invoice["totalWithoutVat"]) == DAYS_OF_ORDER * DAY_RATE
    advances = (await house.staff.credit_controller.ask("advances", entity_id=house.entity_id))["nodes"]
    assert [one["grantedOn"] for one in advances] == [due.isoformat() for *_, due in pieces]
    assert sum(amount(one["amount"]) for one in advances) == cost
    await house.bank.pay_in(
        to=house.iban,
        amount=amount(invoice["totalWithVat"]),
        reference=issued["paymentReference"],
        by=work.client.name,
        day=LAST_DAY,
    )
    await house.import_statement()
    await until(
        "all three advances are back",
        lambda: house.staff.credit_controller.ask("advances", entity_id=house.entity_id),
        lambda found: [one["state"] for one in found["nodes"]] == ["RECOVERED"] * 3,
    )
    await databases.when_quiet()
    await work.budget_is(posted=BUDGET - cost, held=Decimal(0), available=BUDGET - cost)
    assert len(await work.authority.declarations(anna.national_number)) == 3
    files = (await work.officer.ask("payment_files", entity_id=house.entity_id))["nodes"]
    assert [(one["state"], one["executionDate"]) for one in files] == [
        ("EXECUTED", due.isoformat()) for *_, due in pieces
    ]
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}


async def test_each_side_of_a_quarters_end_is_computed_by_its_own_figures(
    door: Door, stack: Addresses
) -> None:
    work = await Engagement.covered(
        door,
        stack,
        name="Trimestre SC",
        day=date(2026, 5, 22),
        start=date(2026, 6, 1),
        end=date(2026, 7, 31),
        days=24,
    )
    june = (date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 8))
    july = (date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 8))
    contracts = [await work.request(gross="2600.00", start=start, end=end) for start, end, _ in (june, july)]
    payslips = []
    for contract_id, (_, end, due_day) in zip(contracts, (june, july), strict=True):
        await work.is_declared(contract_id)
        await work.house.turn_to(end)
        payslip = await work.anna.persona.ask("payslip_lines", id=await work.has_payslip(contract_id))
        assert payslip["dueDate"] == due_day.isoformat()
        payslips.append(payslip)
    # ONSS instructions 2026/2 and 2026/3: part A is flat at this gross, part B falls with it.
    assert [amount(line(payslip, "work_bonus.a")["amount"]) for payslip in payslips] == [
        Decimal("125.04"),
        Decimal("127.54"),
    ]
    assert [amount(line(payslip, "work_bonus.b")["amount"]) for payslip in payslips] == [
        Decimal("75.64"),
        Decimal("91.19"),
    ]


async def _a_share_for_the_new_year(work: Engagement) -> None:
    """Without one no new money comes in, and what the budget has is spent; with one the year is open."""
    house, anna = work.house, work.anna
    with pytest.raises(Refused) as refused:
        await work.house.draft(
            anna,
            work.activity_id,
            work.client,
            title="More illustrations",
            quantity=1,
            unit_price=DAY_RATE,
            start=LAST_DAY,
            end=LAST_DAY,
        )
    assert refused.value.code == "MembershipNotPaid"
    await house.subscribe(anna)
    await house.pay_share(anna)
    await house.import_statement()
    await until(
        "the new year is open",
        lambda: house.membership(anna),
        lambda found: found is not None and found["entitledUntil"] == "2027-12-31",
    )
