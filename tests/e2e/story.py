"""A member, a client who pays late, and the fund: eleven weeks and a look into the next year, in seconds."""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from tests.e2e.addresses import Addresses, NoStack
from tests.e2e.answers import NoAnswer, get
from tests.e2e.client import Asked, Door, Failed, Gateway, Persona, Refused, open_gateway
from tests.e2e.house import Client, House, Person, amount, euros
from tests.e2e.outside import SignedLink
from tests.e2e.page import PAGE_FOLDER, write_page
from tests.e2e.told import CHAPTERS, Document, Entry, Facts, Told
from tests.e2e.wage_abroad import CASES, WageAbroad
from tests.e2e.waiting import NeverHappened, until

OPENING, PAYMENT_OF_SHARES = date(2026, 6, 5), date(2026, 6, 8)
QUOTE, CONFIRMATION = date(2026, 6, 10), date(2026, 6, 15)
CONTRACT, FIRST_DAY, LAST_DAY = date(2026, 6, 22), date(2026, 7, 1), date(2026, 7, 31)
CALL, DUE_DAY = date(2026, 8, 3), date(2026, 8, 8)
LATECOMER = date(2026, 8, 10)
ASSEMBLY, MINUTES = date(2026, 8, 20), date(2026, 8, 21)
YEAR_END, NEW_YEAR = date(2026, 12, 14), date(2027, 1, 4)
POSTERS_FROM, POSTERS_TO = date(2027, 1, 11), date(2027, 1, 15)

DAYS, DAY_RATE = 18, Decimal("320.00")
GROSS = Decimal("3600.00")
# Asked all the time, and no step of anybody's.
_BESIDES = ("open_business_day", "business_days", "fund", "activity")
_POSTERS: dict[str, Any] = {
    "title": "Posters for a festival",
    "quantity": 5,
    "unit_price": DAY_RATE,
    "start": POSTERS_FROM,
    "end": POSTERS_TO,
}


class Story:
    """Eight chapters, to be played in the order of `play`. Each asks, waits and keeps what it was told."""

    house: House
    anna: Person
    bruno: Person
    chloe: Person
    dirk: Person
    eva: Person
    client: Client
    link: SignedLink
    sofie: Persona
    activity_id: str
    order_id: str
    contract_id: str
    payslip_id: str
    invoice_id: str
    meeting_id: str
    resolution_id: str

    def __init__(
        self,
        gateway: Gateway,
        http: httpx.AsyncClient,
        addresses: Addresses,
        *,
        say: Callable[[str], None] = print,
    ) -> None:
        self.gateway = gateway
        self.http = http
        self.addresses = addresses
        self.facts = Facts()
        self.timeline: list[Entry] = []
        self.documents: list[Document] = []
        self._say = say
        self._began = time.monotonic()
        self._chapter = 0
        self._told = 0

    @property
    def members(self) -> list[Person]:
        """The members at the time of the call to the assembly."""
        return [self.anna, self.bruno, self.chloe, self.dirk]

    @property
    def told(self) -> Told:
        """What the page shows."""
        return Told(
            house=self.house.name,
            member=self.anna.name,
            client=self.client.name,
            timeline=tuple(self.timeline),
            documents=tuple(self.documents),
            facts=self.facts,
            seconds=self.seconds,
        )

    @property
    def seconds(self) -> float:
        """How long it has been played."""
        return time.monotonic() - self._began

    async def play(self) -> None:
        """All chapters in the order of the calendar."""
        await self.admission()
        await self.activity_and_quote()
        await self.contract()
        await self.invoice()
        await self.wage()
        await self.assembly_is_called()
        await self.fund_advances_the_wage()
        await self.latecomer_joins()
        await self.client_pays()
        await self.democracy()
        await self.next_year()

    async def admission(self) -> None:
        """1. Anyone applies, pays a share with private money, and is entered in the register."""
        self._begin(1)
        self.house = await House.founded(
            self.gateway, self.http, self.addresses, name="Ateliers Partagés SC", day=OPENING
        )
        house = self.house
        await house.endow_the_fund()
        self._tell("Operator", f"opens {house.name}; the credit controller puts 10,000.00 EUR in its fund.")
        await self._remember_fund()
        self.anna = await house.stranger("Anna", "Peeters", date(1991, 3, 14))
        self.bruno = await house.stranger("Bruno", "Lambert", date(1984, 11, 2))
        self.chloe = await house.stranger("Chloé", "Dubois", date(2001, 5, 30))
        self.dirk = await house.stranger("Dirk", "Maes", date(1977, 1, 21))
        await asyncio.gather(*(house.apply(person) for person in self.members))
        await asyncio.gather(*(house.subscribe(person) for person in self.members))
        self._tell(
            self.anna.name,
            "applies for membership, as do three others, and subscribes one share: 30.00 EUR to be paid "
            f"privately with the reference {self.anna.subscription['reference']}.",
        )
        await self._refused(
            "an activity before the share is paid",
            self.anna.persona,
            "open_activity",
            entity_id=house.entity_id,
            name="Illustration",
        )
        await house.turn_to(PAYMENT_OF_SHARES)
        for person in self.members:
            await house.pay_share(person)
        await house.import_statement()
        await asyncio.gather(*(house.is_admitted(person) for person in self.members))
        membership = await house.membership(self.anna)
        assert membership is not None, "she was just admitted"
        self.facts.membership = membership
        register = await house.staff.board.ask("share_register", entity_id=house.entity_id)
        self.facts.register = register["nodes"]
        number = next(line["number"] for line in register["nodes"] if line["memberId"] == self.anna.id)
        self._tell(
            "Accountant",
            f"imports the bank statement: four shares are paid. Anna is number {number} of the register and "
            f"entitled until {_day(membership['entitledUntil'])} {OPENING.year}.",
        )

    async def activity_and_quote(self) -> None:
        """2. A budget, a client, a quote that the client confirms under a signed link, the fund's verdict."""
        self._begin(2)
        house, anna = self.house, self.anna
        await house.turn_to(QUOTE)
        self.activity_id = await house.open_activity(anna, "Illustration")
        self.client = await house.client(anna, name="Studio Noord BV", contact="Sofie Janssens")
        order = await house.draft(
            anna,
            self.activity_id,
            self.client,
            title="Illustrations for a children's museum",
            quantity=DAYS,
            unit_price=DAY_RATE,
            start=FIRST_DAY,
            end=LAST_DAY,
        )
        self.order_id = order["id"]
        self.link = await house.send(anna, self.order_id, self.client)
        self._tell(
            anna.name,
            f"opens an activity and sends {self.client.name} ({self.client.vat_number}) the quote "
            f"{order['number']} of {_shown(order['totalWithoutVat'])} plus VAT.",
        )
        await self._remember_budget()
        await house.turn_to(CONFIRMATION)
        page = await get(self.http, self.link.url)
        assert order["number"] in page.text, "the page shows the quote"
        # She has no account and no token: the link alone is the permission.
        self.sofie = self.gateway.nobody(f"{self.client.contact} ({self.client.name})")
        offer = await self.sofie.ask("order_by_link", link=self.link.link)
        await self.sofie.ask("confirm_order", link=self.link.link, name=self.client.contact, consent=True)
        self._tell(
            self.sofie.name,
            f"opens the signed link, reads the quote over {_shown(offer['totalWithVat'])} and confirms it.",
        )
        self.facts.covered_order = await house.is_covered(anna, self.order_id)
        cover = self.facts.covered_order["cover"]
        await self._remember_budget()
        self._tell(
            "Guarantee fund",
            f"covers the order, {_shown(cover['amount'])}, after {len(cover['reasons'])} checks, and keeps the "
            "finding of each; the budget has "
            f"{_shown(self.facts.budgets[CONFIRMATION]['available'])}: the price less 6.5 %.",
            operations=("order",),
        )

    async def contract(self) -> None:
        """3. A contract for July: simulated both ways, its budget held, its hire declared before it starts."""
        self._begin(3)
        house, anna = self.house, self.anna
        await house.turn_to(CONTRACT)
        await anna.persona.ask(
            "complete_payroll_profile",
            member_id=anna.id,
            entity_id=house.entity_id,
            national_number=anna.national_number,
            iban=anna.iban,
            holder_name=anna.name,
            language="fr",
            family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
        )
        await house.bank.open_account(anna.iban)
        july = {
            "entity_id": house.entity_id,
            "regime": "white_collar",
            "kind": "MONTH",
            "start_date": FIRST_DAY,
            "end_date": LAST_DAY,
        }
        available = amount(self.facts.budgets[CONFIRMATION]["available"])
        self.facts.from_budget = await anna.persona.ask("simulate_wage", budget=euros(available), **july)
        wished = await anna.persona.ask("simulate_wage", gross_wage=euros(GROSS), **july)
        self.facts.from_net = await anna.persona.ask(
            "simulate_wage", net_wage=euros(wished["netPayable"]["amount"]), **july
        )
        self._tell(
            anna.name,
            f"completes her payroll profile and simulates July both ways: the whole budget would pay a gross "
            f"of {_shown(self.facts.from_budget['grossWage'])}; a net of {_shown(wished['netPayable'])} "
            f"costs {_shown(self.facts.from_net['laborCost'])}.",
        )
        contract = await anna.persona.ask(
            "request_contract",
            order_id=self.order_id,
            regime="white_collar",
            kind="MONTH",
            gross_wage=euros(GROSS),
            start_date=FIRST_DAY,
            end_date=LAST_DAY,
            function_title="Illustrator",
        )
        self.contract_id = contract["id"]
        self.facts.declared = await until(
            "the hire is declared and accepted",
            lambda: anna.persona.ask("contract", id=self.contract_id),
            lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
        )
        assert self.facts.declared["refusalCode"] is None, self.facts.declared
        await self._remember_budget()
        [declaration] = self.facts.declared["declarations"]
        self._tell(
            anna.name,
            f"asks for a contract of {_euros(GROSS)} gross. Its cost of {_shown(contract['price'])} is held on "
            f"the budget, and the authority accepts the hire ({declaration['reference']}) nine days before "
            "it begins.",
        )
        await house.turn_to(FIRST_DAY)
        started = await until(
            "the contract is active",
            lambda: anna.persona.ask("contract", id=self.contract_id),
            lambda one: one["state"] == "ACTIVE",
        )
        assert started["undeclaredOn"] is None, "the hire was accepted before the work began"
        self._tell(anna.name, "begins to work: the contract is active.")

    async def invoice(self) -> None:
        """4. The work ends, and the invoice goes to the client through the network."""
        self._begin(4)
        house, anna = self.house, self.anna
        await house.turn_to(LAST_DAY)
        issued = await anna.persona.ask("issue_invoice", order_id=self.order_id)
        self.invoice_id = issued["id"]
        self.facts.invoice = await until(
            "the invoice has its documents and was delivered",
            lambda: anna.persona.ask("invoice", id=self.invoice_id),
            lambda one: (
                len(one["documents"]) >= 2
                and one["transmission"] is not None
                and one["transmission"]["state"] in ("DELIVERED", "BY_MAIL", "FAILED")
            ),
        )
        invoice = self.facts.invoice
        assert invoice["transmission"]["state"] == "DELIVERED", invoice["transmission"]
        for kind, file, title in (
            ("PDF", "invoice.pdf", f"Invoice {invoice['number']}"),
            ("UBL", "invoice.xml", f"E-invoice {invoice['number']} (UBL)"),
        ):
            found = await anna.persona.ask("invoice_document", id=self.invoice_id, kind=kind)
            self._keep(file, title, found["document"])
        self._tell(
            anna.name,
            f"has the invoice {invoice['number']} issued: {_shown(invoice['totalWithoutVat'])}, VAT of "
            f"{_shown(invoice['totalVat'])}, to be paid by {_day(invoice['paymentDueDate'])}. The official rules "
            "find no fault in it and the network delivers it.",
        )
        await self._remember_fund()

    async def wage(self) -> None:
        """5. The payslip, with every line and the day on which it must be paid."""
        self._begin(5)
        anna = self.anna
        contract = await until(
            "the payslip is computed",
            lambda: anna.persona.ask("contract", id=self.contract_id),
            lambda one: one["payslip"] is not None,
        )
        self.payslip_id = contract["payslip"]["id"]
        self.facts.payslip = await until(
            "the fund holds the wage",
            lambda: anna.persona.ask("payslip", id=self.payslip_id),
            lambda one: one["funding"] is not None and one["funding"]["state"] == "HELD",
        )
        found = await anna.persona.ask("payslip_document", id=self.payslip_id)
        self._keep("payslip.pdf", "Payslip of July 2026", found["document"])
        payslip = self.facts.payslip
        self._tell(
            anna.name,
            f"reads her payslip: {_shown(payslip['grossWage'])} gross, {_shown(payslip['netPayable'])} to be "
            f"paid by {_day(payslip['dueDate'])}, the seventh working day (Saturdays count), whatever the "
            "client does.",
        )
        await until(
            "the budget is charged with the wage",
            self._remembered_budget,
            lambda budget: amount(budget["held"]) == 0,
        )
        await self._remember_fund()

    async def assembly_is_called(self) -> None:
        """7, first part. The board calls the assembly with more than fifteen days' notice."""
        self._begin(7)
        house = self.house
        await house.turn_to(CALL)
        self.facts.convened = await house.staff.board.ask(
            "convene_meeting",
            entity_id=house.entity_id,
            title="Ordinary general meeting",
            meeting_date=ASSEMBLY,
            place="Rue du Travail 1, Saint-Gilles",
            agenda=[
                {
                    "title": "A studio that everybody may use",
                    "kind": "ordinary",
                    "texts": [
                        {
                            "language": "fr",
                            "text": "La coopérative loue un atelier ouvert à tous les membres.",
                        },
                        {
                            "language": "nl",
                            "text": "De coöperatie huurt een atelier dat open is voor alle leden.",
                        },
                    ],
                }
            ],
        )
        self.meeting_id = self.facts.convened["id"]
        self.resolution_id = self.facts.convened["resolutions"][0]["id"]
        self._tell(
            "Board",
            f"calls the general meeting for {_day(ASSEMBLY)}, {(ASSEMBLY - CALL).days} days ahead; the "
            f"register of {_day(self.facts.convened['recordDate'])} says who may vote.",
        )

    async def fund_advances_the_wage(self) -> None:
        """6, first part. The client has not paid on the due day: the fund does, once."""
        self._begin(6)
        house, anna = self.house, self.anna
        await house.turn_to(DUE_DAY)
        self.facts.paid_payslip = await until(
            "the wage is paid",
            lambda: anna.persona.ask("payslip", id=self.payslip_id),
            lambda one: one["state"] in ("PAID", "RETURNED"),
        )
        assert self.facts.paid_payslip["state"] == "PAID", self.facts.paid_payslip
        self.facts.unpaid_invoice = await anna.persona.ask("invoice", id=self.invoice_id)
        advances = await house.staff.credit_controller.ask("advances", entity_id=house.entity_id)
        [self.facts.advance] = advances["nodes"]
        files = await house.staff.payroll_officer.ask("payment_files", entity_id=house.entity_id)
        [self.facts.payment_file] = files["nodes"]
        self._keep(
            "payment.xml",
            "Payment file of the wage (pain.001)",
            self.facts.payment_file["document"],
        )
        await self._remember_fund()
        self._tell(
            "Guarantee fund",
            f"finds the invoice unpaid, advances {_shown(self.facts.advance['amount'])}; the bank executes the "
            f"payment file and Anna has her {_shown(self.facts.payslip['netPayable'])} on the due day.",
            operations=("payslip", "advances", "payment_files"),
        )
        await house.import_statement()
        self._tell("Accountant", "imports the statement of the day with the wage on it.")

    async def latecomer_joins(self) -> None:
        """7, second part. Who is entered after the record date is a member and has no vote in this assembly."""
        self._begin(7)
        house = self.house
        await house.turn_to(LATECOMER)
        self.eva = await house.stranger("Eva", "Willems", date(1995, 9, 9))
        await house.admit([self.eva])
        self._tell(
            self.eva.name,
            f"becomes a member, a week after the record date of {_day(self.facts.convened['recordDate'])}: she has "
            "no vote in this assembly.",
        )

    async def client_pays(self) -> None:
        """6, second part. The client pays; the fund gets back what it advanced."""
        self._begin(6)
        house, anna = self.house, self.anna
        await house.turn_to(ASSEMBLY)
        await house.bank.pay_in(
            to=house.iban,
            amount=amount(self.facts.invoice["totalWithVat"]),
            reference=self.facts.invoice["paymentReference"],
            by=self.client.name,
            day=ASSEMBLY,
        )
        await house.import_statement()
        self.facts.paid_invoice = await until(
            "the invoice is paid",
            lambda: anna.persona.ask("invoice", id=self.invoice_id),
            lambda one: one["state"] == "PAID",
        )
        recovered = await until(
            "the advance is back",
            lambda: house.staff.credit_controller.ask("advances", entity_id=house.entity_id),
            lambda found: found["nodes"][0]["state"] == "RECOVERED",
        )
        [self.facts.recovered_advance] = recovered["nodes"]
        await self._remember_fund()
        await self._remember_budget()
        self._tell(
            "Accountant",
            f"imports the statement: {self.client.name} paid {_shown(self.facts.paid_invoice['paidAmount'])}, "
            "ten days late. The fund has its "
            f"{_shown(self.facts.recovered_advance['recovered'])} back.",
        )

    async def democracy(self) -> None:
        """7, third part. One person, one vote; the minutes say how the decision came about."""
        self._begin(7)
        house = self.house
        officer = house.staff.returning_officer
        await officer.ask("open_meeting", meeting_id=self.meeting_id)
        for person in self.members:
            await person.persona.ask("register_attendance", meeting_id=self.meeting_id)
        await officer.ask("open_ballot", resolution_id=self.resolution_id)
        self._tell("Returning officer", "opens the meeting and the ballot; four members are present.")
        for person, choice in zip(self.members, ("FOR", "FOR", "AGAINST", "ABSTAIN"), strict=True):
            await person.persona.ask("cast_vote", resolution_id=self.resolution_id, choice=choice)
        self._tell("Four members", "vote: two for, one against, one abstains.")
        await self._refused(
            "a second vote",
            self.anna.persona,
            "cast_vote",
            resolution_id=self.resolution_id,
            choice="FOR",
        )
        await self._refused(
            "a vote without being on the roll",
            self.eva.persona,
            "cast_vote",
            resolution_id=self.resolution_id,
            choice="AGAINST",
        )
        closed = await officer.ask("close_ballot", resolution_id=self.resolution_id)
        self._tell("Returning officer", f"counts the votes: the resolution is {closed['state'].lower()}.")
        await house.turn_to(MINUTES)
        await officer.ask(
            "close_meeting", meeting_id=self.meeting_id, chair="Karim Benali", secretary="Lotte Claes"
        )
        self.facts.meeting = await self.anna.persona.ask("meeting", id=self.meeting_id)
        roll = await officer.ask("electoral_roll", meeting_id=self.meeting_id)
        self.facts.roll = roll["nodes"]
        minutes = self.facts.meeting["minutes"]
        self._keep("minutes.html", "Minutes of the general meeting", minutes["document"])
        [resolution] = self.facts.meeting["resolutions"]
        self._tell(
            "Returning officer",
            f"closes the meeting; the minutes show {resolution['forCount']} for, "
            f"{resolution['againstCount']} against, {resolution['abstainCount']} abstaining.",
        )

    async def next_year(self) -> None:
        """8. In January, on another entity: no new money without this year's share; spending goes on."""
        self._begin(8)
        anna = self.anna
        other = await House.founded(
            self.gateway,
            self.http,
            self.addresses,
            name="Atelier d'Hiver SC",
            day=YEAR_END,
            staff=self.house.staff,
        )
        await other.endow_the_fund()
        # The person is known; only the membership of this entity is new.
        anna.persona = await self.gateway.persona("applicant", anna.login, title=anna.name)
        await other.admit([anna])
        activity_id = await other.open_activity(anna, "Posters")
        client = await other.client(anna, name="Studio Noord BV", contact="Sofie Janssens")
        order = await other.draft(anna, activity_id, client, **_POSTERS)
        link = await other.send(anna, order["id"], client)
        await self.sofie.ask("confirm_order", link=link.link, name=client.contact, consent=True)
        await other.is_covered(anna, order["id"])
        self._tell(anna.name, f"joins {other.name} as well and brings an order there.", day=other.day)
        await other.turn_to(NEW_YEAR)
        refusal = await _refusal(lambda: other.draft(anna, activity_id, client, **_POSTERS))
        why = "a quote without a share for the new year"
        self.facts.refusals[why] = refusal
        self._tell(anna.name, f"is refused {why}: “{refusal.message}”", day=other.day)
        contract = await anna.persona.ask(
            "request_contract",
            order_id=order["id"],
            regime="white_collar",
            kind="DAYS",
            gross_wage=euros("180.00"),
            days=5,
            start_date=POSTERS_FROM,
            end_date=POSTERS_TO,
            function_title="Illustrator",
        )
        self.facts.spent_without_share = await until(
            "the hire is declared although the new year is not paid",
            lambda: anna.persona.ask("contract", id=contract["id"]),
            lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
        )
        assert self.facts.spent_without_share["refusalCode"] is None, self.facts.spent_without_share
        self._tell(
            anna.name,
            f"spends what the budget has all the same: a contract at {_shown(contract['price'])} is declared.",
            day=other.day,
        )

    async def _refused(self, why: str, persona: Persona, name: str, /, **variables: Any) -> None:
        """Keep the refusal that an operation meets, and tell its sentence."""
        refusal = await _refusal(lambda: persona.ask(name, **variables))
        self.facts.refusals[why] = refusal
        self._tell(persona.name, f"is refused {why}: “{refusal.message}”")

    async def _remember_fund(self) -> None:
        house = self.house
        self.facts.funds[house.day] = await house.staff.credit_controller.ask(
            "fund", entity_id=house.entity_id
        )

    async def _remembered_budget(self) -> dict[str, Any]:
        activity = await self.anna.persona.ask("activity", id=self.activity_id)
        balance: dict[str, Any] = activity["balance"]
        self.facts.budgets[self.house.day] = balance
        return balance

    async def _remember_budget(self) -> None:
        await self._remembered_budget()

    def _begin(self, chapter: int) -> None:
        if chapter != self._chapter:
            self._chapter = chapter
            self._say(f"\n{chapter}. {CHAPTERS[chapter - 1]}")

    def _tell(
        self,
        who: str,
        sentence: str,
        *,
        operations: tuple[str, ...] | None = None,
        day: date | None = None,
    ) -> None:
        """A line of the timeline, with what was asked since the line before."""
        asked, self._told = self.gateway.asked[self._told :], len(self.gateway.asked)
        entry = Entry(
            chapter=self._chapter,
            day=day or self.house.day,
            who=who,
            operations=operations or _operations(asked),
            sentence=sentence,
            seconds=self.seconds,
        )
        self.timeline.append(entry)
        self._say(f"  {entry.day}  {entry.seconds:5.1f} s  {who} {sentence}")

    def _keep(self, file: str, title: str, document: dict[str, Any]) -> None:
        content = base64.b64decode(document["content"])
        self.documents.append(
            Document(file, title, document["mediaType"], document.get("sha256") or "", content)
        )


async def play(door: Door, addresses: Addresses, *, say: Callable[[str], None] = print) -> Story:
    """Play the story on a running stack and leave its page in the data folder."""
    story = Story(*door, addresses, say=say)
    await story.play()
    write_page(story.told, addresses.run_dir / PAGE_FOLDER)
    return story


async def _play_alone(addresses: Addresses) -> str:
    """The long story, or that of a wage in a country which has one; what to say at its end."""
    async with open_gateway(addresses) as door:
        case = CASES.get(addresses.country)
        if case is not None:
            wage = WageAbroad(case, door, addresses)
            await wage.play()
            return f"Played in {wage.seconds:.1f} s."
        story = await play(door, addresses)
        return f"Played in {story.seconds:.1f} s. Read it: {addresses.run_dir / PAGE_FOLDER / 'index.html'}"


def main() -> int:
    """The story for a person at a terminal; the exit status is 1 where it stops before its end."""
    try:
        addresses = Addresses.found()
        end = asyncio.run(_play_alone(addresses))
    except (Refused, Failed, NeverHappened, NoAnswer, NoStack, httpx.HTTPError) as failure:
        print(f"\nThe story stops: {failure or failure.__doc__}", file=sys.stderr)
        return 1
    print(f"\n{end}")
    return 0


async def _refusal(asking: Callable[[], Awaitable[Any]]) -> Refused:
    try:
        done = await asking()
    except Refused as refusal:
        return refusal
    raise AssertionError(f"It should have been refused, and gave {done!r}.")


def _operations(asked: Sequence[Asked]) -> tuple[str, ...]:
    """What changed something, in order; where nothing did, what was read."""
    asked = [one for one in asked if one.operation not in _BESIDES]
    mutations = [one.operation for one in asked if one.is_mutation]
    return tuple(dict.fromkeys(mutations or [one.operation for one in asked]))


def _shown(money: dict[str, Any]) -> str:
    return _euros(amount(money))


def _day(day: date | str) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%B}"


def _euros(number: Decimal) -> str:
    return f"{number:,.2f} EUR"


if __name__ == "__main__":
    sys.exit(main())
