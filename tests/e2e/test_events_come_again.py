"""An event that comes three times counts once, in whatever order it comes again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from commons.global_id import decode
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door
from tests.e2e.databases import Databases
from tests.e2e.delivery import Delivery, open_delivery
from tests.e2e.engagement import Engagement
from tests.e2e.house import amount
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SPRING, FIRST_DAY, LAST_DAY = date(2026, 6, 22), date(2026, 7, 1), date(2026, 7, 31)
DUE_DAY, PAID_DAY = date(2026, 8, 8), date(2026, 8, 20)


@pytest.fixture
async def delivery(stack: Addresses) -> AsyncIterator[Delivery]:
    """The broker of the stack, and the outboxes."""
    async with open_delivery(stack) as opened:
        yield opened


async def what_is_seen(work: Engagement, payslip_id: str, invoice_id: str) -> dict[str, Any]:
    """All that the personas see of an engagement."""
    house, staff = work.house, work.house.staff
    return {
        "order": await work.anna.persona.ask("order", id=work.order_id),
        "budget": await work.anna.persona.ask("activity", id=work.activity_id),
        "payslip": await work.anna.persona.ask("payslip", id=payslip_id),
        "invoice": await work.anna.persona.ask("invoice", id=invoice_id),
        "membership": await house.membership(work.anna),
        "files": await staff.payroll_officer.ask("payment_files", entity_id=house.entity_id),
        "fund": await staff.credit_controller.ask("fund", entity_id=house.entity_id),
        "advances": await staff.credit_controller.ask("advances", entity_id=house.entity_id),
        "register": await staff.board.ask("share_register", entity_id=house.entity_id),
        "bank": await house.bank.bookings(house.iban, SPRING, PAID_DAY),
        "letters": len(await house.mail.letters(work.client.email)),
        "declarations": await work.authority.declarations(work.anna.national_number),
    }


async def test_every_event_of_an_engagement_delivered_three_times_changes_nothing(
    door: Door, stack: Addresses, databases: Databases, delivery: Delivery
) -> None:
    work = await Engagement.covered(
        door, stack, name="Trois Fois SC", day=SPRING, start=FIRST_DAY, end=LAST_DAY
    )
    house = work.house
    contract_id = await work.request(gross="3600.00", start=FIRST_DAY, end=LAST_DAY)
    await work.is_declared(contract_id)
    await house.turn_to(LAST_DAY)
    payslip_id = await work.has_payslip(contract_id)
    invoice = await work.anna.persona.ask("issue_invoice", order_id=work.order_id)
    await house.turn_to(DUE_DAY)
    await work.wage_is(payslip_id, "PAID")
    await house.turn_to(PAID_DAY)
    total = amount((await work.anna.persona.ask("invoice", id=invoice["id"]))["totalWithVat"])
    await house.bank.pay_in(
        to=house.iban, amount=total, reference=invoice["paymentReference"], by="Studio Noord BV", day=PAID_DAY
    )
    await house.import_statement()
    await until(
        "the advance is back",
        lambda: house.staff.credit_controller.ask("advances", entity_id=house.entity_id),
        lambda found: [one["state"] for one in found["nodes"]] == ["RECOVERED"],
    )
    rows = await databases.when_quiet()
    seen = await what_is_seen(work, payslip_id, invoice["id"])
    rows = await databases.when_quiet()

    events = await delivery.events_of(decode(house.entity_id).key)
    told = {event.type.split(".")[1] for event in events}
    assert {
        "MemberAdmitted",
        "SharesPaid",
        "OrderConfirmed",
        "OrderCovered",
        "ContractRequested",
        "BudgetHeld",
        "HireDeclared",
        "PayslipComputed",
        "WageFunded",
        "AdvanceGranted",
        "WagePaid",
        "InvoicePaid",
        "AdvanceRecovered",
    } <= told
    # The last bytes of an id are drawn: an order that no key has.
    shuffled = sorted(events, key=lambda event: event.id.bytes[::-1])
    for again in (events, list(reversed(events)), shuffled):
        await delivery.publish(again)
    await delivery.until_all_is_read()

    assert await databases.when_quiet() == rows
    assert await what_is_seen(work, payslip_id, invoice["id"]) == seen
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}
