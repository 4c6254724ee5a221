"""Play many stories of one legal entity together: each asks for itself, the days and the statements are shared."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import httpx

from commons.global_id import decode, encode
from tests.chaos.asking import PatientGateway
from tests.chaos.facts import Facts
from tests.chaos.plan import (
    CLAIM_DAY,
    LATE_DAY,
    OPENING,
    PAYING_LATE,
    PAYMENT_DAY,
    WITHOUT_WAGE,
    Ending,
    StoryPlan,
    WavePlan,
)
from tests.e2e import made_up
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.answers import get, post_once
from tests.e2e.house import ENDOWMENT, Client, House, Person, Staff, euros
from tests.e2e.outside import Bank, Mail

CHAPTERS: Final = ("found", "admit", "quote", "hire", "work", "wages", "settle")
OVER: Final = "over"
IN_FLIGHT_MAX: Final = 12
LETTERS_MAX: Final = 200
DOCUMENTS_ONE_IN: Final = 50
_NUMBER_AND_LINK: Final = re.compile(r"/orders/(?P<link>[^\s\"'<>?]+)")


@dataclass(slots=True)
class Told:
    """What a story was told by the services: everything here was answered, so it must be true for ever."""

    plan: StoryPlan
    order_id: UUID | None = None
    order_number: str = ""
    contract_id: UUID | None = None
    invoice_id: UUID | None = None
    invoice_number: str = ""
    reference: str = ""
    total: Decimal = Decimal(0)
    payslip_id: UUID | None = None
    is_paid_again: bool = False
    documents: list[bytes] = field(default_factory=list)
    """The first bytes of the payslip and of the invoice, where they were read."""
    credited: list[Decimal] = field(default_factory=list)
    """What the client transferred, by the bank's account."""

    @property
    def has_wage(self) -> bool:
        """Whether the story is one of a wage."""
        return self.plan.ending not in WITHOUT_WAGE


@dataclass(slots=True)
class Worker:
    """A member with the activity and the client of their own."""

    person: Person
    activity_id: str = ""
    client: Client | None = None


@dataclass(slots=True)
class World:
    """What all waves of a run share."""

    gateway: PatientGateway
    http: httpx.AsyncClient
    addresses: Addresses
    facts: Facts
    staff: Staff
    authority: str
    in_flight: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT_MAX))

    async def each(self, asked: Iterable[Callable[[], Awaitable[None]]]) -> None:
        """Ask all, as many at once as the run allows; the first failure ends the rest."""

        async def bounded(ask: Callable[[], Awaitable[None]]) -> None:
            async with self.in_flight:
                await ask()

        async with asyncio.TaskGroup() as group:
            for ask in asked:
                group.create_task(bounded(ask))


class Wave:
    """The stories of one entity. After `play`, `told` and `opened` say what must be found in the books."""

    house: House

    def __init__(self, world: World, plan: WavePlan) -> None:
        self._world = world
        self.plan = plan
        self.told = [Told(story) for story in plan.stories]
        self.opened: list[date] = []
        self.chapter = "not begun"
        self._played = 0
        self._workers: list[Worker] = []

    @property
    def entity_id(self) -> UUID:
        """The entity of this wave."""
        return decode(self.house.entity_id).key

    async def play(self, last: str = CHAPTERS[-1]) -> None:
        """The chapters that were not played yet, up to the last one wanted.

        Raises NeverHappened, Refused, Failed, NoAnswer.
        """
        for chapter in CHAPTERS[self._played : CHAPTERS.index(last) + 1]:
            self.chapter = chapter
            await getattr(self, chapter)()
            self._played += 1
        if self._played == len(CHAPTERS):
            self.chapter = OVER

    async def issue(self, story: Told) -> None:
        """The invoice of a story, once."""
        if story.invoice_id is None:
            persona = self._workers[story.plan.member].person.persona
            invoice = await persona.ask("issue_invoice", order_id=self._global("Order", story.order_id))
            story.invoice_id = decode(invoice["id"]).key
            story.invoice_number, story.reference = invoice["number"], invoice["paymentReference"]

    async def turn_to(self, day: date) -> None:
        """Open a day where it is not open, and wait until every service is on it."""
        if day != self.house.day:
            await self.say_day(day)
        await self._everybody_is_on(day)

    async def say_day(self, day: date) -> None:
        """Open a day and wait for nobody."""
        await self.house.staff.operator.ask("open_business_day", entity_id=self.house.entity_id, day=day)
        self.house.day = day
        self.opened.append(day)

    async def open_another_activity(self) -> None:
        """One activity more of the first member."""
        await self._workers[0].person.persona.ask(
            "open_activity", entity_id=self.house.entity_id, name="Something else"
        )

    async def complete_profile_again(self) -> None:
        """The first member corrects the payroll profile."""
        await self._completes_profile(self._workers[0].person)

    async def ask_again(self) -> tuple[int, int]:
        """Tell a restored payroll what its members told it alone: profiles, contracts; how many of each it lacked.

        Raises ValueError where a contract comes back under another id than the one that was answered.
        """
        profiles = contracts = 0
        for worker in self._workers:
            member = decode(worker.person.id).key
            sql = "select exists (select from payroll_profile where member_id = $1)"
            if not await self._world.facts.value("payroll", sql, member):
                await self._completes_profile(worker.person)
                profiles += 1
        for story in self._stories(lambda story: story.contract_id is not None):
            sql = "select exists (select from contract where id = $1)"
            if not await self._world.facts.value("payroll", sql, story.contract_id):
                known = story.contract_id
                await self._world.facts.until(
                    f"payroll knows the order of {story.plan.title}",
                    "payroll",
                    "select count(*) from confirmed_order where id = $1",
                    story.order_id,
                    seen=1,
                )
                await self._asks_for_contract(story)()
                contracts += 1
                if story.contract_id != known:
                    raise ValueError(f"{story.plan.title}: contract {known} came back as {story.contract_id}")
        return profiles, contracts

    async def repeat_again(self) -> None:
        """A payroll officer pays again what the bank returned, where a restored payroll has forgotten it."""
        for story in self._stories(lambda story: story.is_paid_again):
            await self._world.facts.until(
                f"{story.plan.title}: payroll knows again that the bank returned the wage",
                "payroll",
                "select count(*) from payment_order where payslip_id = $1 and returned_on is not null",
                story.payslip_id,
                seen=1,
            )
            sql = "select count(*) from payment_order where payslip_id = $1"
            if await self._world.facts.value("payroll", sql, story.payslip_id) == 1:
                story.is_paid_again = False
                await self._pays_again(story)()

    async def found(self) -> None:
        """An entity for simulation, with its fund."""
        world, enterprise = self._world, made_up.enterprise_number()
        iban = made_up.iban()
        entity = await world.staff.operator.ask(
            "register_entity",
            name=f"Chaos {self.plan.name} SC",
            legal_form="SC agréée",
            enterprise_number=enterprise,
            vat_number=made_up.vat_number(enterprise),
            iban=iban,
            street="Rue du Travail 1",
            post_code="1060",
            city="Saint-Gilles",
            simulated=True,
            day=OPENING,
        )
        self.house = House(
            gateway=world.gateway,
            http=world.http,
            addresses=world.addresses,
            bank=Bank(world.http, world.addresses.bank),
            mail=Mail(world.http, world.addresses.mail),
            staff=world.staff,
            tag=made_up.tag(),
            name=f"Chaos {self.plan.name} SC",
            entity_id=entity["id"],
            iban=iban,
            day=OPENING,
        )
        self.opened.append(OPENING)
        await self.house.bank.open_account(iban, opening_balance="250000.00")
        await self._everybody_is_on(OPENING)
        await self.house.endow_the_fund(ENDOWMENT)

    async def admit(self) -> None:
        """Members with a share, a payroll profile, an activity and a client each."""
        house = self.house
        names = [f"Member{number}" for number in range(self.plan.members)]
        self._workers = [
            Worker(await house.stranger(name, "Chaos", date(1980 + number % 20, 3, 14)))
            for number, name in enumerate(names)
        ]
        await self._world.each(self._joins(worker) for worker in self._workers)
        await house.import_statement()
        for service in ("invoicing", "guarantee"):
            await self._until(
                f"{service} knows {len(names)} members",
                service,
                "select count(*) from member_standing where entity_id = $1 "
                "and admitted_on is not null and entitled_until is not null",
                seen=len(names),
            )
        await self._world.each(self._settles_in(worker) for worker in self._workers)
        await self._refuse_hires()

    async def quote(self) -> None:
        """Each story gets its quote; the client confirms or refuses it under the signed link."""
        await self._world.each(self._drafts(story) for story in self.told)
        orders = [str(story.order_id) for story in self.told]
        await self._world.facts.until(
            f"{len(orders)} letters with quotes",
            "invoicing",
            "select count(*) from effect where kind = 'mail.order' and state = 'done' and key = any($1)",
            orders,
            seen=len(orders),
        )
        links: dict[str, str] = {}
        for worker in self._workers:
            links |= await self._letters(worker)
        await self._world.each(self._decides(story, links[story.order_number]) for story in self.told)
        confirmed = len(self._stories(lambda story: story.plan.ending is not Ending.QUOTE_REFUSED))
        await self._until(
            f"payroll knows {confirmed} orders",
            "payroll",
            "select count(*) from confirmed_order where entity_id = $1",
            seen=confirmed,
        )
        if self.plan.waits_for_cover:
            await self._until(
                f"the fund covers {confirmed} orders",
                "invoicing",
                "select count(*) from sales_order where entity_id = $1 and is_covered",
                seen=confirmed,
            )

    async def hire(self) -> None:
        """A contract for each confirmed order: declared before it starts, or refused with a reason."""
        asked = self._stories(lambda story: story.plan.ending is not Ending.QUOTE_REFUSED)
        await self._world.each(self._asks_for_contract(story) for story in asked)
        hired = self._stories(lambda story: story.has_wage)
        await self._until(
            f"{len(hired)} hires are declared",
            "payroll",
            "select count(*) from contract where entity_id = $1 and declared_on is not null",
            seen=len(hired),
        )
        await self._until(
            f"{len(asked) - len(hired)} contracts are refused",
            "payroll",
            "select count(*) from contract where entity_id = $1 and refused_on is not null",
            seen=len(asked) - len(hired),
        )

    async def work(self) -> None:
        """The last day of work: invoices go out while payslips are computed; some clients pay at once."""
        await self.turn_to(PAYMENT_DAY)
        worked = self._stories(lambda story: story.has_wage)
        await self._world.each(self._issues(story) for story in worked)
        early = self._stories(lambda story: story.plan.ending is Ending.PAID_BEFORE)
        for story in early:
            await self._pays(story, story.total)
        for story in self._stories(lambda story: story.plan.ending is Ending.PAID_IN_PARTS):
            await self._pays(story, (story.total / 5).quantize(Decimal("0.01")))
        await self._import_twice()
        await self._world.facts.until(
            f"the fund knows of {len(early)} invoices paid",
            "guarantee",
            "select count(*) from invoice where id = any($1) and paid_minor = total_minor",
            [story.invoice_id for story in early],
            seen=len(early),
        )
        await self._until(
            f"{len(worked)} payslips",
            "guarantee",
            "select count(*) from wage_process where entity_id = $1 and payslip_id is not null",
            seen=len(worked),
        )
        await self._return_wages()

    async def wages(self) -> None:
        """Day after day, with jumps: what is due by then is paid, by the client's money or by the fund's."""
        for day in self.plan.days:
            await self.turn_to(day)
            due = self._stories(lambda story: story.has_wage and story.plan.due_date <= self.house.day)
            returned = [story for story in due if story.plan.ending is Ending.WAGE_RETURNED]
            await self._until(
                f"{len(returned)} wages are returned",
                "payroll",
                "select count(*) from payment_order join payslip on payslip.id = payslip_id "
                "where payslip.entity_id = $1 and returned_on is not null",
                seen=len(returned),
            )
            await self._world.each(self._pays_again(story) for story in returned)
            await self._until(
                f"{len(due)} wages that are due by {day} are paid",
                "payroll",
                "select count(*) from payment_order join payslip on payslip.id = payslip_id "
                "where payslip.entity_id = $1 and paid_on is not null",
                seen=len(due),
            )

    async def settle(self) -> None:
        """Late clients pay, one of them twice; what the others owe is claimed."""
        await self.turn_to(LATE_DAY)
        late = self._stories(lambda story: story.plan.ending in PAYING_LATE)
        for story in late:
            await self._pays(story, story.total - sum(story.credited))
            if story.plan.ending is Ending.PAID_TWICE:
                await self._pays(story, story.total)
        await self._import_twice()
        await self._until(
            f"{len(late)} advances are back",
            "guarantee",
            "select count(*) from wage_process where entity_id = $1 and state = 'recovered'",
            seen=len(late),
        )
        await self.turn_to(CLAIM_DAY)
        never = self._stories(lambda story: story.plan.ending is Ending.NEVER_PAID)
        await self._until(
            f"{len(never)} advances are claimed",
            "guarantee",
            "select count(*) from wage_process where entity_id = $1 and state = 'recovery_opened'",
            seen=len(never),
        )
        await self._world.each(self._reads_documents(story) for story in self._to_be_read())

    def _to_be_read(self) -> list[Told]:
        """One story in DOCUMENTS_ONE_IN with a wage, at least one of a wave that has any."""
        return self._stories(lambda story: story.has_wage)[::DOCUMENTS_ONE_IN]

    def _reads_documents(self, story: Told) -> Callable[[], Awaitable[None]]:
        async def reads() -> None:
            await self._world.facts.until(
                f"{story.plan.title}: the documents of its invoice",
                "invoicing",
                "select count(*) from invoice_document where invoice_id = $1",
                story.invoice_id,
                seen=2,
            )
            payslip_id = await self._world.facts.value(
                "payroll", "select id from payslip where contract_id = $1", story.contract_id
            )
            persona = self._workers[story.plan.member].person.persona
            payslip = await persona.ask("payslip_document", id=self._global("Payslip", payslip_id))
            invoice_id = self._global("Invoice", story.invoice_id)
            invoice = await persona.ask("invoice_document", id=invoice_id, kind="PDF")
            for found in (payslip, invoice):
                story.documents.append(base64.b64decode(found["document"]["content"])[:5])

        return reads

    def _joins(self, worker: Worker) -> Callable[[], Awaitable[None]]:
        async def joins() -> None:
            await self.house.apply(worker.person)
            await self.house.subscribe(worker.person)
            await self.house.pay_share(worker.person)

        return joins

    def _settles_in(self, worker: Worker) -> Callable[[], Awaitable[None]]:
        async def settles_in() -> None:
            person = worker.person
            await self._completes_profile(person)
            activity = await person.persona.ask(
                "open_activity", entity_id=self.house.entity_id, name=f"Work of {person.name}"
            )
            worker.activity_id = activity["id"]
            worker.client = await self.house.client(person, name="Studio Noord BV", contact="Sofie Janssens")

        return settles_in

    async def _completes_profile(self, person: Person) -> None:
        await person.persona.ask(
            "complete_payroll_profile",
            member_id=person.id,
            entity_id=self.house.entity_id,
            national_number=person.national_number,
            iban=person.iban,
            holder_name=person.name,
            language="fr",
            family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
        )

    async def _refuse_hires(self) -> None:
        refused = {story.plan.member for story in self.told if story.plan.ending is Ending.HIRE_REFUSED}
        for member in refused:
            rule = {
                "match": {"operation": "declare", "ssin": self._workers[member].person.national_number},
                "outcome": "refused",
            }
            await post_once(self._world.http, f"{self._world.authority}/simulate/behavior", rule)

    async def _return_wages(self) -> None:
        """The bank is told to reject the transfer of some wages once."""
        rows = await self._world.facts.rows(
            "payroll", "select id, contract_id from payslip where entity_id = $1", self.entity_id
        )
        payslips = {row["contract_id"]: row["id"] for row in rows}
        for story in self._stories(lambda story: story.plan.ending is Ending.WAGE_RETURNED):
            assert story.contract_id is not None, "hire() asked for it"
            story.payslip_id = payslips[story.contract_id]
            rule = {
                "match": {"operation": "transfer", "end_to_end_id": story.payslip_id.hex},
                "outcome": "rejected",
                "reason": "AC04",
                "times": 1,
            }
            await post_once(self._world.http, f"{self._world.addresses.bank}/simulate/behavior", rule)

    def _pays_again(self, story: Told) -> Callable[[], Awaitable[None]]:
        async def pays_again() -> None:
            if not story.is_paid_again:
                payslip = self._global("Payslip", story.payslip_id)
                await self.house.staff.payroll_officer.ask("repeat_wage_payment", payslip_id=payslip)
                story.is_paid_again = True

        return pays_again

    def _drafts(self, story: Told) -> Callable[[], Awaitable[None]]:
        async def drafts() -> None:
            worker, plan = self._workers[story.plan.member], story.plan
            assert worker.client is not None, "admit() registered it"
            order = await self.house.draft(
                worker.person,
                worker.activity_id,
                worker.client,
                title=plan.title,
                quantity=1,
                unit_price=plan.price,
                start=plan.work_day,
                end=plan.work_day,
            )
            story.order_id, story.order_number = decode(order["id"]).key, order["number"]
            story.total = Decimal(order["totalWithVat"]["amount"])
            await worker.person.persona.ask("send_order", order_id=order["id"])

        return drafts

    async def _letters(self, worker: Worker) -> dict[str, str]:
        assert worker.client is not None, "admit() registered it"
        answer = await get(
            self._world.http,
            f"{self._world.addresses.mail}/messages",
            {"to": worker.client.email, "limit": LETTERS_MAX},
        )
        found = {}
        for letter in answer.json()["messages"]:
            link = _NUMBER_AND_LINK.search(letter["text"])
            for story in self.told:
                if link and f" {story.order_number} " in letter["subject"]:
                    found[story.order_number] = link["link"].rstrip(".")
        return found

    def _decides(self, story: Told, link: str) -> Callable[[], Awaitable[None]]:
        async def decides() -> None:
            client = self._world.gateway.nobody("Sofie Janssens")
            if story.plan.ending is Ending.QUOTE_REFUSED:
                await client.ask("refuse_order", link=link, reason="too expensive")
            else:
                await client.ask("confirm_order", link=link, name="Sofie Janssens", consent=True)

        return decides

    def _asks_for_contract(self, story: Told) -> Callable[[], Awaitable[None]]:
        async def asks() -> None:
            plan = story.plan
            contract = await self._workers[plan.member].person.persona.ask(
                "request_contract",
                order_id=self._global("Order", story.order_id),
                regime="white_collar",
                kind="DAYS",
                gross_wage=euros(plan.gross),
                days=1,
                start_date=plan.work_day,
                end_date=plan.work_day,
                function_title="Illustrator",
            )
            story.contract_id = decode(contract["id"]).key

        return asks

    def _issues(self, story: Told) -> Callable[[], Awaitable[None]]:
        async def issues() -> None:
            await self.issue(story)

        return issues

    async def _pays(self, story: Told, amount: Decimal) -> None:
        await self.house.bank.pay_in(
            to=self.house.iban,
            amount=amount,
            reference=story.reference,
            by="Studio Noord BV",
            day=self.house.day,
        )
        story.credited.append(amount)

    async def _import_twice(self) -> None:
        """The statement of the day, and once more: a person who is not sure does so."""
        await self.house.import_statement()
        await self.house.import_statement()

    async def _everybody_is_on(self, day: date) -> None:
        for service in SERVICES:
            await self._until(
                f"{service} is on {day}",
                service,
                "select day from business_day where entity_id = $1",
                seen=day,
            )

    async def _until(self, what: str, service: str, sql: str, *, seen: object) -> None:
        await self._world.facts.until(f"{self.plan.name}: {what}", service, sql, self.entity_id, seen=seen)

    def _stories(self, is_meant: Callable[[Told], bool]) -> list[Told]:
        return [story for story in self.told if is_meant(story)]

    def _global(self, kind: str, key: UUID | None) -> str:
        return encode(self._world.addresses.country, kind, str(key))
