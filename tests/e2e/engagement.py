"""A member with work to be paid for: an order that the fund covers, contracts under it, and their wages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Persona
from tests.e2e.house import Client, House, Person, euros
from tests.e2e.outside import Authority
from tests.e2e.waiting import until

DAY_RATE = Decimal("320.00")


@dataclass(slots=True)
class Engagement:
    """One member's order in an entity of its own, on its business day."""

    house: House
    authority: Authority
    anna: Person
    client: Client
    sofie: Persona
    activity_id: str
    order_id: str
    link: str

    @classmethod
    async def sent(
        cls, door: Door, stack: Addresses, *, name: str, day: date, start: date, end: date, days: int = 18
    ) -> Engagement:
        """A member is admitted and has sent a quote; the client has not decided."""
        gateway, http = door
        house = await House.founded(gateway, http, stack, name=name, day=day)
        await house.endow_the_fund()
        anna = await house.stranger("Anna", "Peeters", date(1991, 3, 14))
        await house.admit([anna])
        activity_id = await house.open_activity(anna, "Illustration")
        client = await house.client(anna, name="Studio Noord BV", contact="Sofie Janssens")
        order = await house.draft(
            anna,
            activity_id,
            client,
            title="Illustrations",
            quantity=days,
            unit_price=DAY_RATE,
            start=start,
            end=end,
        )
        link = await house.send(anna, order["id"], client)
        return cls(
            house=house,
            authority=Authority(http, stack.authority),
            anna=anna,
            client=client,
            sofie=gateway.nobody(client.contact),
            activity_id=activity_id,
            order_id=order["id"],
            link=link.link,
        )

    @classmethod
    async def covered(
        cls, door: Door, stack: Addresses, *, name: str, day: date, start: date, end: date, days: int = 18
    ) -> Engagement:
        """The client has confirmed, the fund covers the order, and the member's payroll profile is complete."""
        self = await cls.sent(door, stack, name=name, day=day, start=start, end=end, days=days)
        await self.confirm()
        await self.complete_profile()
        return self

    @property
    def officer(self) -> Persona:
        """The payroll officer."""
        return self.house.staff.payroll_officer

    async def confirm(self) -> None:
        """The client confirms, and the fund gives its verdict."""
        await self.sofie.ask("confirm_order", link=self.link, name=self.client.contact, consent=True)
        order = await self.house.is_covered(self.anna, self.order_id)
        assert order["cover"]["covered"], order["cover"]

    async def complete_profile(self, **changes: Any) -> None:
        """The member tells payroll who she is and where her wage goes."""
        told: dict[str, Any] = {
            "member_id": self.anna.id,
            "entity_id": self.house.entity_id,
            "national_number": self.anna.national_number,
            "iban": self.anna.iban,
            "holder_name": self.anna.name,
            "language": "fr",
            "family_situation": {"spouse": "NONE", "children": 0, "isSingleParent": False},
        }
        await self.anna.persona.ask("complete_payroll_profile", **(told | changes))

    async def request(self, *, gross: str, start: date, end: date, **changes: Any) -> str:
        """The member asks for a contract by the month, changed as wished; its id."""
        asked: dict[str, Any] = {
            "order_id": self.order_id,
            "regime": "white_collar",
            "kind": "MONTH",
            "gross_wage": euros(gross),
            "start_date": start,
            "end_date": end,
            "function_title": "Illustrator",
        }
        contract = await self.anna.persona.ask("request_contract", **(asked | changes))
        return str(contract["id"])

    async def hire(self, contract_id: str, by: Persona | None = None) -> Any:
        """How a contract stands with the authority, as the member or somebody else sees it."""
        return await (by or self.anna.persona).ask("hire", id=contract_id)

    async def is_declared(self, contract_id: str) -> Any:
        """Wait until the authority has accepted the hire."""
        return await until(
            "the hire is accepted",
            lambda: self.hire(contract_id),
            lambda one: one["declaredOn"] is not None,
        )

    async def is_refused(self, contract_id: str) -> Any:
        """Wait until the contract is refused."""
        return await until(
            "the contract is refused", lambda: self.hire(contract_id), lambda one: one["state"] == "REFUSED"
        )

    async def is_flagged(self, contract_id: str, flag: str) -> Any:
        """Wait until the day of a flag is set on a contract."""
        return await until(
            f"{flag} is set", lambda: self.hire(contract_id), lambda one: one[flag] is not None
        )

    async def waiting(self) -> list[Any]:
        """Contracts whose hire is not accepted, as the payroll officer sees them."""
        found = await self.officer.ask("declarations_waiting", entity_id=self.house.entity_id)
        return list(found["nodes"])

    async def to_check(self) -> list[Any]:
        """Contracts whose hire the payroll officer should look at."""
        found = await self.officer.ask("declarations_to_check", entity_id=self.house.entity_id)
        return list(found["nodes"])

    async def budget(self) -> dict[str, Decimal]:
        """What the activity has, what is held of it, and what may be spent."""
        activity = await self.anna.persona.ask("activity", id=self.activity_id)
        return {name: Decimal(money["amount"]) for name, money in activity["balance"].items()}

    async def budget_is(self, **amounts: Decimal) -> None:
        """Wait until the budget has these amounts."""
        await until(
            f"the budget of {amounts}",
            self.budget,
            lambda found: all(found[name] == amount for name, amount in amounts.items()),
        )

    async def has_payslip(self, contract_id: str) -> str:
        """Wait until the payslip of a contract is computed and the fund knows it; its id."""
        contract = await until(
            "the payslip is computed",
            lambda: self.anna.persona.ask("contract", id=contract_id),
            lambda one: one["payslip"] is not None,
        )
        payslip_id = str(contract["payslip"]["id"])
        await until(
            "the fund knows the wage",
            lambda: self.wage(payslip_id),
            lambda one: one["funding"] is not None,
        )
        return payslip_id

    async def wage(self, payslip_id: str, by: Persona | None = None) -> Any:
        """What became of a wage, as the member or somebody else sees it."""
        return await (by or self.anna.persona).ask("wage", id=payslip_id)

    async def wage_is(self, payslip_id: str, state: str) -> Any:
        """Wait until a wage is in a state."""
        return await until(
            f"the wage is {state.lower()}",
            lambda: self.wage(payslip_id),
            lambda one: one["state"] == state,
        )


def another_national_number(person: Person) -> str:
    """A number of somebody else who was born on the same day."""
    while (number := made_up.national_number(person.birth_date)) == person.national_number:
        continue
    return number
