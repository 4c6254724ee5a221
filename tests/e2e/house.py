"""A legal entity of one's own, the people who work for it, and what they do again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from commons.global_id import decode
from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Gateway, Persona, Refused
from tests.e2e.outside import Bank, Mail, SignedLink
from tests.e2e.places import PLACES, Place
from tests.e2e.waiting import until

ENDOWMENT = Decimal("10000.00")
SHARE = Decimal("30.00")
_DAYS = (
    "businessDay",
    "membersBusinessDay",
    "payrollBusinessDay",
    "guaranteeBusinessDay",
    "governanceBusinessDay",
)


@dataclass(slots=True)
class Person:
    """Somebody who joins: invented, with numbers of their own in each run."""

    given_name: str
    family_name: str
    email: str
    birth_date: date
    national_number: str
    iban: str
    login: str
    persona: Persona
    id: str = ""
    subscription: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Both parts of the name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Client:
    """Who orders the work, and where the quote is sent to."""

    id: str
    name: str
    contact: str
    email: str
    vat_number: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who work for the cooperative, one for each role."""

    operator: Persona
    accountant: Persona
    credit_controller: Persona
    payroll_officer: Persona
    adviser: Persona
    board: Persona
    returning_officer: Persona
    auditor: Persona


@dataclass(slots=True)
class House:
    """An entity on its business day."""

    gateway: Gateway
    http: httpx.AsyncClient
    addresses: Addresses
    bank: Bank
    mail: Mail
    staff: Staff
    tag: str
    name: str
    entity_id: str
    iban: str
    day: date

    @classmethod
    async def founded(
        cls,
        gateway: Gateway,
        http: httpx.AsyncClient,
        addresses: Addresses,
        *,
        name: str,
        day: date,
        staff: Staff | None = None,
    ) -> House:
        """The operator opens an entity for simulation; every service knows it when this returns."""
        staff = staff or await staff_of(gateway)
        place = PLACES[addresses.country]
        enterprise, iban = place.enterprise_number(), place.iban()
        entity = await staff.operator.ask(
            "register_entity",
            name=name,
            legal_form=place.legal_form,
            enterprise_number=enterprise,
            vat_number=place.vat_number(enterprise),
            iban=iban,
            street=place.street,
            post_code=place.post_code,
            city=place.city,
            simulated=True,
            day=day,
        )
        house = cls(
            gateway=gateway,
            http=http,
            addresses=addresses,
            bank=Bank(http, addresses.bank, place.currency),
            mail=Mail(http, addresses.mail),
            staff=staff,
            tag=made_up.tag(),
            name=name,
            entity_id=entity["id"],
            iban=iban,
            day=day,
        )
        await house.everybody_is_on_the_day()
        await house.bank.open_account(iban, opening_balance=place.opening_balance)
        return house

    async def endow_the_fund(self, endowment: Decimal | None = None) -> Any:
        """The credit controller opens the fund."""
        return await self.staff.credit_controller.ask(
            "open_fund",
            entity_id=self.entity_id,
            endowment=self.money(self.place.endowment if endowment is None else endowment),
            name=f"Fonds {self.name}",
        )

    @property
    def place(self) -> Place:
        """The country where the house stands."""
        return PLACES[self.addresses.country]

    def money(self, amount: Decimal | str) -> dict[str, str]:
        """An amount in the currency of the house, as an input."""
        return {"amount": str(amount), "currency": self.place.currency}

    async def turn_to(self, day: date) -> None:
        """Turn the page of the calendar, and wait until all five services have turned it."""
        await self.staff.operator.ask("open_business_day", entity_id=self.entity_id, day=day)
        self.day = day
        await self.everybody_is_on_the_day()

    async def everybody_is_on_the_day(self) -> None:
        """Wait until each service acts on the entity's business day."""
        await until(
            f"all five services on {self.day}",
            lambda: self.staff.operator.ask("business_days", entity_id=self.entity_id),
            lambda entity: entity is not None and {entity[name] for name in _DAYS} == {self.day.isoformat()},
        )

    async def stranger(self, given_name: str, family_name: str, birth_date: date) -> Person:
        """Somebody whom nobody knows yet, with a login and no role."""
        login = f"{given_name}.{self.tag}".lower().encode("ascii", "ignore").decode()
        return Person(
            given_name=given_name,
            family_name=family_name,
            email=f"{login}@example.org",
            birth_date=birth_date,
            national_number=self.place.national_number(birth_date),
            iban=self.place.iban(),
            login=login,
            persona=await self.gateway.persona("applicant", login, title=f"{given_name} {family_name}"),
        )

    async def apply(self, person: Person) -> None:
        """Apply for membership, then sign in again: the login now names the member.

        Signing in as a member opens nothing by itself: what counts is the share.
        """
        member = await person.persona.ask(
            "apply_for_membership",
            entity_id=self.entity_id,
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            birth_date=person.birth_date,
            language=self.place.language,
        )
        person.id = member["id"]
        person.persona = await self.gateway.persona(
            "member", person.login, title=person.name, member_id=decode(person.id).key
        )

    async def subscribe(self, person: Person, quantity: int = 1) -> None:
        """Promise to pay for shares."""
        person.subscription = await person.persona.ask(
            "subscribe_shares", member_id=person.id, entity_id=self.entity_id, quantity=quantity
        )

    async def pay_share(self, person: Person) -> None:
        """A private transfer with the reference of the subscription."""
        await self.bank.pay_in(
            to=person.subscription["payTo"]["iban"],
            amount=Decimal(person.subscription["amount"]["amount"]),
            reference=person.subscription["reference"],
            by=person.name,
            day=self.day,
        )

    async def import_statement(self) -> Any:
        """The accountant imports the bank's statement of the day."""
        statement = await self.bank.statement(self.iban, self.day)
        return await self.staff.accountant.ask(
            "import_bank_statement", entity_id=self.entity_id, statement=statement
        )

    async def is_admitted(self, person: Person) -> dict[str, Any]:
        """Wait until a person is a member and entitled. Gives the membership."""
        membership = await until(
            f"{person.name} is a member",
            lambda: self.membership(person),
            lambda found: found is not None and found["entitledUntil"] is not None,
        )
        assert membership is not None, "it was waited for"
        return membership

    async def membership(self, person: Person) -> dict[str, Any] | None:
        """A person's membership of this entity, as the person sees it."""
        me = await person.persona.ask("me")
        found = [one for one in me["memberships"] if one["entity"]["id"] == self.entity_id]
        return found[0] if found else None

    async def admit(self, people: Sequence[Person]) -> None:
        """The whole way for several people on one day: apply, subscribe, pay, be entered."""

        async def promise(person: Person) -> None:
            await self.apply(person)
            await self.subscribe(person)
            await self.pay_share(person)

        await asyncio.gather(*(promise(person) for person in people))
        await self.import_statement()
        await asyncio.gather(*(self.is_admitted(person) for person in people))

    async def open_activity(self, person: Person, name: str) -> str:
        """An activity of a member; waits until invoicing has heard of the admission."""

        async def opened() -> Any:
            return await answer_or_refusal(
                person.persona, "open_activity", entity_id=self.entity_id, name=name
            )

        found = await until(
            f"{person.name} may open an activity", opened, lambda one: not isinstance(one, Refusing)
        )
        assert isinstance(found, dict), "it was waited for"
        return str(found["id"])

    async def client(self, person: Person, *, name: str, contact: str, vat_number: str = "") -> Client:
        """A member registers a client with a VAT number, its own where none is given."""
        vat_number = vat_number or self.place.vat_number(self.place.enterprise_number())
        email = f"{contact.split()[0]}.{made_up.tag()}@example.net".lower()
        party = await person.persona.ask(
            "register_party",
            entity_id=self.entity_id,
            name=name,
            vat_number=vat_number,
            street=self.place.client_street,
            post_code=self.place.client_post_code,
            city=self.place.client_city,
            country=self.addresses.country,
            email=email,
            language="en",
        )
        return Client(party["id"], name, contact, email, vat_number)

    async def draft(
        self,
        person: Person,
        activity_id: str,
        client: Client,
        *,
        title: str,
        quantity: int,
        unit_price: Decimal,
        start: date,
        end: date,
        payment_term_days: int | None = None,
    ) -> Any:
        """A quote with one line of days of work; without a payment term it has the standard one, ten days."""
        return await person.persona.ask(
            "draft_order",
            activity_id=activity_id,
            buyer_id=client.id,
            title=title,
            lines=[
                {
                    "description": title,
                    "nature": "service",
                    "quantity": str(quantity),
                    "unit": "DAY",
                    "unitPrice": self.money(unit_price),
                    "firstDay": start,
                    "lastDay": end,
                }
            ],
            payment_term_days=payment_term_days,
        )

    async def send(self, person: Person, order_id: str, client: Client) -> SignedLink:
        """Send a quote; the link that the client finds in the letter."""
        await person.persona.ask("send_order", order_id=order_id)
        return await self.mail.signed_link(client.email)

    async def is_covered(self, person: Person, order_id: str) -> Any:
        """Wait for the fund's verdict, and until the budget has its money; the order then."""
        return await until(
            "the fund's verdict on the order, and its money on the budget",
            lambda: person.persona.ask("order", id=order_id),
            lambda order: (
                order["cover"] is not None
                and (
                    not order["cover"]["covered"]
                    or Decimal(order["activity"]["balance"]["available"]["amount"]) > 0
                )
            ),
        )


@dataclass(frozen=True, slots=True)
class Refusing:
    """A refusal as a value, for what is asked until it is no longer refused."""

    code: str
    message: str


async def answer_or_refusal(persona: Persona, name: str, /, **variables: Any) -> Any:
    """The answer of an operation, or the refusal as a value."""
    try:
        return await persona.ask(name, **variables)
    except Refused as refusal:
        return Refusing(refusal.code, refusal.message)


async def staff_of(gateway: Gateway) -> Staff:
    """One person for each role."""

    async def of(role: str) -> Persona:
        return await gateway.persona(role, title=role.replace("_", " ").capitalize())

    return Staff(
        operator=await of("operator"),
        accountant=await of("accountant"),
        credit_controller=await of("credit_controller"),
        payroll_officer=await of("payroll_officer"),
        adviser=await of("adviser"),
        board=await of("board"),
        returning_officer=await of("returning_officer"),
        auditor=await of("auditor"),
    )


def euros(amount: Decimal | str) -> dict[str, str]:
    """An amount as an input."""
    return {"amount": str(amount), "currency": "EUR"}


def amount(money: dict[str, Any]) -> Decimal:
    """The number of an amount that was answered."""
    return Decimal(money["amount"])
