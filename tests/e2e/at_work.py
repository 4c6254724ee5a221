"""A member at work in a house of a test's own: an order that its client confirmed, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Persona, Refused
from tests.e2e.house import Client, House, Person, Staff, amount, euros
from tests.e2e.outside import SignedLink
from tests.e2e.waiting import until

OPENING: Final = date(2026, 6, 15)
FIRST_DAY, LAST_DAY, DUE_DAY = date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 8)
DAYS, DAY_RATE = 10, Decimal("320.00")
PRICE: Final = DAYS * DAY_RATE
CONTRIBUTION: Final = Decimal("208.00")  # 6.5 %
BUDGET: Final = PRICE - CONTRIBUTION


@dataclass(slots=True)
class AtWork:
    """Somebody with an activity and an order, and the client who holds its link."""

    house: House
    member: Person
    client: Client
    buyer: Persona
    activity_id: str
    order_id: str
    link: SignedLink

    @classmethod
    async def opened(
        cls, door: Door, addresses: Addresses, staff: Staff, *, name: str, day: date = OPENING
    ) -> AtWork:
        """A house with a fund, a member admitted with an activity, and a client."""
        gateway, http = door
        house = await House.founded(gateway, http, addresses, name=name, day=day, staff=staff)
        await house.endow_the_fund()
        member = await house.stranger("Anna", "Peeters", date(1991, 3, 14))
        await house.admit([member])
        activity_id = await house.open_activity(member, "Illustration")
        client = await house.client(member, name="Studio Noord BV", contact="Sofie Janssens")
        return cls(house, member, client, gateway.nobody(client.contact), activity_id, "", SignedLink("", ""))

    @classmethod
    async def covered(cls, door: Door, addresses: Addresses, staff: Staff, *, name: str) -> AtWork:
        """The same with ten days of July, confirmed and covered by the fund: the budget has its money."""
        work = await cls.opened(door, addresses, staff, name=name)
        await work.send_order()
        await work.confirm()
        return work

    async def send_order(self, *, start: date = FIRST_DAY, end: date = LAST_DAY, days: int = DAYS) -> None:
        """Draft and send a quote, from here on the one that is looked at."""
        order = await self.house.draft(
            self.member,
            self.activity_id,
            self.client,
            title="Illustrations",
            quantity=days,
            unit_price=DAY_RATE,
            start=start,
            end=end,
        )
        self.order_id = order["id"]
        await self.member.persona.ask("send_order", order_id=self.order_id)
        self.link = await until(
            "a letter with the link to this quote",
            lambda: self.house.mail.signed_link(self.client.email),
            lambda link: link != self.link,
        )

    async def confirm(self) -> None:
        """The client says yes, and the fund covers it."""
        await self.buyer.ask("confirm_order", link=self.link.link, name=self.client.contact, consent=True)
        await until(
            "the fund's verdict, and the money on the budget",
            self.order,
            lambda order: (
                order["cover"] is not None and amount(order["activity"]["balance"]["available"]) > 0
            ),
        )

    async def complete_profile(self) -> None:
        """What payroll must know of the member."""
        await self.member.persona.ask(
            "complete_payroll_profile",
            member_id=self.member.id,
            entity_id=self.house.entity_id,
            national_number=self.member.national_number,
            iban=self.member.iban,
            holder_name=self.member.name,
            language="fr",
            family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
        )
        await self.house.bank.open_account(self.member.iban)

    async def request_contract(
        self,
        gross_per_day: Decimal = Decimal("200.00"),
        *,
        days: int = DAYS,
        start: date = FIRST_DAY,
        end: date = LAST_DAY,
    ) -> Any:
        """A contract by the day under the order; it is declared or refused when this returns."""
        asked = await self.member.persona.ask(
            "request_contract",
            order_id=self.order_id,
            regime="white_collar",
            kind="DAYS",
            gross_wage=euros(gross_per_day),
            days=days,
            start_date=start,
            end_date=end,
            function_title="Illustrator",
        )
        return await until(
            "the hire is declared, or the contract refused",
            lambda: self.contract(asked["id"]),
            lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
        )

    async def invoiced(self) -> Any:
        """Issue the invoice; it has its documents and was delivered when this returns."""
        issued = await self.member.persona.ask("issue_invoice", order_id=self.order_id)
        return await self.delivered(issued["id"])

    async def delivered(self, invoice_id: str) -> Any:
        """Wait until an invoice or credit note has its documents and is with the client."""
        return await until(
            "the document is delivered",
            lambda: self.member.persona.ask("invoice", id=invoice_id),
            lambda one: (
                len(one["documents"]) >= 2
                and one["transmission"]["state"] in ("DELIVERED", "BY_MAIL", "FAILED")
            ),
        )

    async def payslip(self, contract_id: str, is_there: Callable[[Any], bool]) -> Any:
        """Wait until the payslip of a contract is as awaited, and give it."""
        contract = await until(
            "the payslip is computed",
            lambda: self.contract(contract_id),
            lambda one: one["payslip"] is not None,
        )
        return await until(
            "the wage is as awaited",
            lambda: self.member.persona.ask("payslip", id=contract["payslip"]["id"]),
            is_there,
        )

    async def order(self, persona: Persona | None = None) -> Any:
        """The order as the member sees it, or somebody else."""
        return await (persona or self.member.persona).ask("order", id=self.order_id)

    async def page(self) -> Any:
        """The order as its client sees it."""
        return await self.buyer.ask("order_by_link", link=self.link.link)

    async def contract(self, contract_id: str, persona: Persona | None = None) -> Any:
        """A contract as the member sees it, or somebody else."""
        return await (persona or self.member.persona).ask("contract", id=contract_id)

    async def balance(self) -> tuple[Decimal, Decimal, Decimal]:
        """What is booked on the budget, what is held of it, and what may be spent, as the member sees it."""
        activity = await self.member.persona.ask("activity", id=self.activity_id)
        found = activity["balance"]
        return amount(found["posted"]), amount(found["held"]), amount(found["available"])

    async def until_balance(self, posted: Decimal, held: Decimal) -> None:
        """Wait until the budget has this booked and held."""
        await until(
            f"a budget of {posted} of which {held} is held",
            self.balance,
            lambda found: found[:2] == (posted, held),
        )

    async def fund(self) -> Any:
        """The fund as the credit controller sees it."""
        return await self.house.staff.credit_controller.ask("fund", entity_id=self.house.entity_id)

    async def advances(self) -> list[Any]:
        """What the fund advanced, as the credit controller sees it."""
        found = await self.house.staff.credit_controller.ask("advances", entity_id=self.house.entity_id)
        nodes: list[Any] = found["nodes"]
        return nodes

    async def refused(self, name: str, /, persona: Persona | None = None, **variables: Any) -> Refused:
        """The refusal that an operation of the member meets."""
        try:
            done = await (persona or self.member.persona).ask(name, **variables)
        except Refused as refusal:
            return refusal
        raise AssertionError(f"It should have been refused, and gave {done!r}.")
