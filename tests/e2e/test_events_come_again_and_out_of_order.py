"""An event that comes three times counts once, and one that comes before what it needs waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commons.global_id import decode
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door
from tests.e2e.databases import Databases
from tests.e2e.delivery import Delivery, held_still, open_delivery
from tests.e2e.engagement import DAY_RATE, Engagement
from tests.e2e.house import ENDOWMENT, amount
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


async def test_a_payment_that_is_heard_of_before_its_invoice_and_its_order_waits_for_them(
    door: Door, stack: Addresses, databases: Databases, delivery: Delivery
) -> None:
    work = await Engagement.sent(
        door, stack, name="Trop Tôt SC", day=SPRING, start=SPRING, end=SPRING, days=1
    )
    house, anna = work.house, work.anna
    await databases.when_quiet()

    # Invoicing's worker says nothing more: order, invoice and payment are facts that nobody has heard of.
    with held_still(stack, "invoicing worker"):
        await work.sofie.ask("confirm_order", link=work.link, name=work.client.contact, consent=True)
        issued = await anna.persona.ask("issue_invoice", order_id=work.order_id)
        invoice = await anna.persona.ask("invoice", id=issued["id"])
        await house.bank.pay_in(
            to=house.iban,
            amount=amount(invoice["totalWithVat"]),
            reference=issued["paymentReference"],
            by=work.client.name,
            day=SPRING,
        )
        await house.import_statement()
        untold = await delivery.events_of(decode(house.entity_id).key, ["invoicing"], unpublished=True)
        about_the_invoice = [event for event in untold if event.agg_type == "Invoice"]
        [confirmed] = [event for event in untold if event.type == "invoicing.OrderConfirmed.v1"]
        [paid] = [event for event in about_the_invoice if event.type == "invoicing.InvoicePaid.v1"]

        # The payment first: its invoice is missing, then its order.
        await delivery.publish([paid])
        await until(
            "the payment waits for what came before it",
            lambda: delivery.parked("guarantee", [paid.agg_id]),
            lambda waiting: waiting == [("InvoicePaid", "gap")],
        )
        await delivery.publish([event for event in about_the_invoice if event is not paid])
        await until(
            "the payment waits for its order",
            lambda: delivery.parked("guarantee", [paid.agg_id]),
            lambda waiting: ("InvoicePaid", "not_yet") in waiting,
        )
        assert (await anna.persona.ask("order", id=work.order_id))["cover"] is None

        await delivery.publish([confirmed])
        await until(
            "nothing waits at the fund",
            lambda: delivery.parked("guarantee", [paid.agg_id, confirmed.agg_id]),
            lambda waiting: waiting == [],
        )
        covered = (await anna.persona.ask("order", id=work.order_id))["cover"]
        assert covered["covered"]

    # The worker goes on and tells all of it once more, in its own order.
    await databases.when_quiet()
    order = await anna.persona.ask("order", id=work.order_id)
    assert order["cover"] == covered
    assert (await anna.persona.ask("invoice", id=issued["id"]))["state"] == "PAID"
    budget = await work.budget()
    assert budget["posted"] == DAY_RATE - amount(invoice["contribution"]) == Decimal("299.20")
    after = await house.staff.credit_controller.ask("fund", entity_id=house.entity_id)
    assert sorted(amount(one["amount"]) for one in after["movements"]) == [Decimal("5.20"), ENDOWMENT]
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}
    assert await databases.unpublished() == {}
