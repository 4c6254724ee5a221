"""One sale, as often as an ending needs it: agreed, worked, invoiced, and whatever the client then does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door
from tests.e2e.house import Client, House, Person, amount, euros
from tests.e2e.waiting import until

OPENING = date(2026, 6, 5)
FIRST_DAY, LAST_DAY = date(2026, 6, 8), date(2026, 6, 12)
DAYS, DAY_RATE = 5, Decimal("320.00")
GROSS_A_DAY = Decimal("150.00")


@dataclass(slots=True)
class Seller:
    """A member at work in an entity of an ending's own."""

    house: House
    person: Person
    activity_id: str

    @classmethod
    async def at_work(
        cls, door: Door, stack: Addresses, *, name: str, endowment: Decimal = Decimal("10000.00")
    ) -> Seller:
        """The entity, its fund, a member whose share and payroll profile are there, an activity."""
        gateway, http = door
        house = await House.founded(gateway, http, stack, name=name, day=OPENING)
        await house.endow_the_fund(endowment)
        person = await house.stranger("Anna", "Peeters", date(1991, 3, 14))
        await house.admit([person])
        await person.persona.ask(
            "complete_payroll_profile",
            member_id=person.id,
            entity_id=house.entity_id,
            national_number=person.national_number,
            iban=person.iban,
            holder_name=person.name,
            language="fr",
            family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
        )
        await house.bank.open_account(person.iban)
        return cls(house, person, await house.open_activity(person, "Illustration"))

    async def client(self, name: str = "Studio Noord BV", *, vat_number: str = "") -> Client:
        """Somebody who orders work; with a VAT number that is known, the same company once more.

        The link of an order comes by mail: whoever gets a second order is registered with another address.
        """
        return await self.house.client(
            self.person, name=name, contact="Sofie Janssens", vat_number=vat_number
        )

    async def sale(
        self,
        client: Client,
        *,
        start: date = FIRST_DAY,
        end: date = LAST_DAY,
        days: int = DAYS,
        day_rate: Decimal = DAY_RATE,
    ) -> Sale:
        """An order that the client has confirmed and the fund has decided on."""
        house = self.house
        order = await house.draft(
            self.person,
            self.activity_id,
            client,
            title="Illustrations",
            quantity=days,
            unit_price=day_rate,
            start=start,
            end=end,
        )
        link = await house.send(self.person, order["id"], client)
        nobody = house.gateway.nobody(client.contact)
        await nobody.ask("confirm_order", link=link.link, name=client.contact, consent=True)
        decided = await until(
            "the fund's verdict on the order",
            lambda: self.person.persona.ask("order", id=order["id"]),
            lambda one: one["cover"] is not None,
        )
        return Sale(self, client, order["id"], start, end, days, cover=decided["cover"])

    async def budget(self) -> tuple[Decimal, Decimal]:
        """What the member's budget has, and what of it is held."""
        activity = await self.person.persona.ask("activity", id=self.activity_id)
        balance = activity["balance"]
        return amount(balance["posted"]), amount(balance["held"])

    async def fund(self) -> Any:
        """The fund as the credit controller sees it."""
        return await self.house.staff.credit_controller.ask("fund", entity_id=self.house.entity_id)

    async def advances(self) -> Sequence[Any]:
        """What the fund advanced, as the credit controller sees it."""
        found = await self.house.staff.credit_controller.ask("advances", entity_id=self.house.entity_id)
        nodes: Sequence[Any] = found["nodes"]
        return nodes

    async def waiting(self, **narrowed: Any) -> Sequence[Any]:
        """The payments that wait for the accountant."""
        found = await self.house.staff.accountant.ask(
            "unallocated_payments", entity_id=self.house.entity_id, **narrowed
        )
        nodes: Sequence[Any] = found["nodes"]
        return nodes


@dataclass(slots=True)
class Sale:
    """One order and what comes of it."""

    seller: Seller
    client: Client
    order_id: str
    start: date
    end: date
    days: int
    cover: Mapping[str, Any]
    contract_id: str = ""
    invoice_id: str = ""
    payslip_id: str = ""
    number: str = ""
    reference: str = ""
    total: Decimal = Decimal(0)
    labor_cost: Decimal = Decimal(0)
    due_day: date = date.min

    async def budget_has_its_money(self) -> None:
        """Wait until the covered order has brought its budget."""
        await until("the budget has its money", self.seller.budget, lambda found: found[0] > 0)

    async def ask_for_contract(self, **changed: Any) -> Any:
        """The member asks for a contract over the days of the order; the contract once it is settled."""
        given = {
            "order_id": self.order_id,
            "regime": "white_collar",
            "kind": "DAYS",
            "gross_wage": euros(GROSS_A_DAY),
            "days": self.days,
            "start_date": self.start,
            "end_date": self.end,
            "function_title": "Illustrator",
            **changed,
        }
        persona = self.seller.person.persona
        contract = await persona.ask("request_contract", **given)
        return await until(
            "the hire is declared, or refused",
            lambda: persona.ask("contract", id=contract["id"]),
            lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
        )

    async def hire(self, **changed: Any) -> None:
        """The same, where nothing speaks against it."""
        declared = await self.ask_for_contract(**changed)
        assert declared["refusalCode"] is None, declared
        self.contract_id = declared["id"]

    async def work_and_invoice(self) -> None:
        """The work ends, the invoice is issued, and the wage has its due day."""
        house, persona = self.seller.house, self.seller.person.persona
        if house.day < self.end:
            await house.turn_to(self.end)
        await self.issue_invoice()
        contract = await until(
            "the payslip is computed",
            lambda: persona.ask("contract", id=self.contract_id),
            lambda one: one["payslip"] is not None,
        )
        self.payslip_id = contract["payslip"]["id"]
        payslip = await until(
            "the fund expects the wage",
            lambda: persona.ask("payslip", id=self.payslip_id),
            lambda one: one["funding"] is not None,
        )
        self.labor_cost = amount(payslip["laborCost"])
        self.due_day = date.fromisoformat(payslip["dueDate"])

    async def issue_invoice(self) -> None:
        """The member has the invoice issued."""
        persona = self.seller.person.persona
        issued = await persona.ask("issue_invoice", order_id=self.order_id)
        self.invoice_id = issued["id"]
        invoice = await self.invoice()
        self.number, self.reference = invoice["number"], invoice["paymentReference"]
        self.total = amount(invoice["totalWithVat"])

    async def invoiced(self) -> Sale:
        """Everything until the wage waits for its day, and the client has not paid."""
        await self.budget_has_its_money()
        await self.hire()
        await self.work_and_invoice()
        return self

    async def client_pays(
        self, paid: Decimal, *, with_reference: bool = True, text: str = "", times: int = 1
    ) -> Any:
        """The client transfers money today; what the accountant sees after importing the statement."""
        house = self.seller.house
        await house.bank.pay_in(
            to=house.iban,
            amount=paid,
            reference=self.reference if with_reference else "",
            text=text,
            by=self.client.name,
            day=house.day,
            times=times,
        )
        return await house.import_statement()

    async def invoice(self) -> Any:
        """The invoice as the member sees it."""
        return await self.seller.person.persona.ask("invoice", id=self.invoice_id)

    async def invoice_is(self, state: str) -> Any:
        """Wait until the member sees the invoice in a state."""
        return await until(f"the invoice is {state}", self.invoice, lambda one: one["state"] == state)

    async def payslip(self) -> Any:
        """The wage as the member sees it."""
        return await self.seller.person.persona.ask("payslip", id=self.payslip_id)

    async def funding_is(self, state: str) -> Any:
        """Wait until the member sees how far the funding of the wage is."""
        return await until(f"the wage is {state}", self.payslip, lambda one: one["funding"]["state"] == state)

    async def due_day_comes(self) -> Any:
        """The wage falls due; the payslip once it is paid."""
        house = self.seller.house
        await house.turn_to(self.due_day)
        paid = await until("the wage is paid", self.payslip, lambda one: one["state"] in ("PAID", "RETURNED"))
        assert (paid["state"], paid["paidOn"]) == ("PAID", self.due_day.isoformat())
        received, _ = await asyncio.gather(
            house.bank.bookings(self.seller.person.iban, OPENING, self.due_day), house.import_statement()
        )
        assert [each.amount for each in received if each.day == self.due_day] == [amount(paid["netPayable"])]
        return await self.funding_is("PAID")

    async def advance_is(self, state: str) -> Any:
        """Wait until the credit controller sees this sale's advance in a state."""
        found = await until(
            f"the advance is {state}",
            self.seller.advances,
            lambda nodes: any(one["order"]["id"] == self.order_id and one["state"] == state for one in nodes),
        )
        return next(one for one in found if one["order"]["id"] == self.order_id)
