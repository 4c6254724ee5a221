"""A wage that bounces is paid again, once: whoever corrects, asks or hears twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.engagement import Engagement
from tests.e2e.house import amount

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SPRING, FIRST_DAY, LAST_DAY = date(2026, 6, 22), date(2026, 7, 1), date(2026, 7, 31)
DUE_DAY, CORRECTED = date(2026, 8, 8), date(2026, 8, 11)
GROSS, COST = "3600.00", Decimal("4896.00")


async def test_a_wage_that_bounces_is_paid_again_once_when_the_member_corrects_the_account(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(door, stack, name="Retour SC", day=SPRING, start=FIRST_DAY, end=LAST_DAY)
    house, anna, officer = work.house, work.anna, work.officer
    wrong, right = anna.iban, made_up.iban()
    await house.bank.behave(match={"operation": "transfer", "iban": wrong}, outcome="rejected", reason="AC04")
    await house.bank.open_account(right)
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    await work.is_declared(contract_id)
    await house.turn_to(LAST_DAY)
    payslip_id = await work.has_payslip(contract_id)

    # The due day: the fund gives its money, the bank gives it back.
    await house.turn_to(DUE_DAY)
    returned = await work.wage_is(payslip_id, "RETURNED")
    assert (returned["returnedOn"], returned["returnReason"]) == (DUE_DAY.isoformat(), "AC04")
    assert returned["paidOn"] is None
    assert (await anna.persona.ask("contract", id=contract_id))["state"] == "ENDED"
    [waiting] = (await officer.ask("wages_returned", entity_id=house.entity_id))["nodes"]
    assert (waiting["id"], waiting["returnReason"]) == (payslip_id, "AC04")
    assert [booking.amount for booking in await house.bank.bookings(house.iban, SPRING, DUE_DAY)] == [
        Decimal("30.00")
    ]
    await databases.when_quiet()
    [advance] = (await house.staff.credit_controller.ask("advances", entity_id=house.entity_id))["nodes"]
    assert (advance["state"], amount(advance["amount"])) == ("OPEN", COST)
    fund = await house.staff.credit_controller.ask("fund", entity_id=house.entity_id)
    with pytest.raises(Failed) as failed:
        await anna.persona.ask("repeat_wage_payment", payslip_id=payslip_id)
    assert failed.value.codes == ["FORBIDDEN"]

    # Three days later the member gives the right account, and says so twice.
    await house.turn_to(CORRECTED)
    for key in ("corrected", "corrected", "corrected again"):
        corrected = await anna.persona.ask(
            "correct_account",
            member_id=anna.id,
            entity_id=house.entity_id,
            iban=right,
            idempotency_key=f"{key} {house.tag}",
        )
        assert corrected["payrollProfile"]["ibanMasked"] == f"{right[:4]}••••••••{right[-4:]}"
    paid = await work.wage_is(payslip_id, "PAID")
    assert paid["paidOn"] == CORRECTED.isoformat()
    with pytest.raises(Refused) as refused:
        await officer.ask("repeat_wage_payment", payslip_id=payslip_id)
    assert refused.value.code == "WageNotReturned"

    await databases.when_quiet()
    net = amount(paid["netPayable"])
    out = await house.bank.bookings(house.iban, SPRING, CORRECTED)
    assert [(one.day, one.amount) for one in out if one.amount < 0] == [(CORRECTED, -net)]
    received = await house.bank.bookings(right, SPRING, CORRECTED)
    assert [(one.day, one.amount) for one in received] == [(CORRECTED, net)]
    files = (await officer.ask("payment_files", entity_id=house.entity_id))["nodes"]
    assert [one["state"] for one in files] == ["REJECTED", "EXECUTED"]
    assert len({one["messageId"] for one in files}) == 2
    assert (await officer.ask("wages_returned", entity_id=house.entity_id))["nodes"] == []
    assert (await anna.persona.ask("contract", id=contract_id))["state"] == "PAID"

    # One advance and one funding: the fund's book is that of the due day, whatever the bank did.
    advances = (await house.staff.credit_controller.ask("advances", entity_id=house.entity_id))["nodes"]
    assert advances == [advance]
    assert await house.staff.credit_controller.ask("fund", entity_id=house.entity_id) == fund
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}


async def test_a_wage_that_comes_back_after_it_was_paid_is_owed_until_it_is_paid_again(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(
        door, stack, name="Aller-Retour SC", day=SPRING, start=FIRST_DAY, end=LAST_DAY
    )
    house, anna = work.house, work.anna
    closed, right = anna.iban, made_up.iban()
    # The bank of the payer executes it, the bank of the closed account gives it back.
    await house.bank.behave(match={"operation": "transfer", "iban": closed}, outcome="returned")
    await house.bank.open_account(right)
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    await work.is_declared(contract_id)
    await house.turn_to(LAST_DAY)
    payslip_id = await work.has_payslip(contract_id)
    await house.turn_to(DUE_DAY)
    paid = await work.wage_is(payslip_id, "PAID")
    assert (await anna.persona.ask("contract", id=contract_id))["state"] == "PAID"

    # Only the statement tells that it came back; it is imported twice.
    for _ in range(2):
        await house.import_statement()
    returned = await work.wage_is(payslip_id, "RETURNED")
    assert (returned["paidOn"], returned["returnReason"]) == (DUE_DAY.isoformat(), "AC04")
    assert (await anna.persona.ask("contract", id=contract_id))["state"] == "ENDED"
    assert len((await work.officer.ask("wages_returned", entity_id=house.entity_id))["nodes"]) == 1

    await house.turn_to(CORRECTED)
    await anna.persona.ask("correct_account", member_id=anna.id, entity_id=house.entity_id, iban=right)
    again = await work.wage_is(payslip_id, "PAID")
    assert again["paidOn"] == CORRECTED.isoformat()
    await house.import_statement()
    await databases.when_quiet()
    net = amount(paid["netPayable"])
    booked = await house.bank.bookings(house.iban, DUE_DAY, CORRECTED)
    assert [(one.day, one.amount) for one in booked] == [
        (DUE_DAY, -net),
        (DUE_DAY, net),
        (CORRECTED, -net),
    ]
    assert [one.amount for one in await house.bank.bookings(right, SPRING, CORRECTED)] == [net]
    assert (await anna.persona.ask("contract", id=contract_id))["state"] == "PAID"
    [advance] = (await house.staff.credit_controller.ask("advances", entity_id=house.entity_id))["nodes"]
    assert (advance["state"], amount(advance["amount"])) == ("OPEN", COST)
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}
