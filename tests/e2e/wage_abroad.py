"""A member's wage in a country other than that of the long story: an engagement, a client who pays late, the fund."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import yaml

from local.paths import ROOT
from tests.e2e.addresses import Addresses
from tests.e2e.at_work import AtWork
from tests.e2e.client import Door
from tests.e2e.house import House, Person, amount
from tests.e2e.outside import Authority, Booking
from tests.e2e.waiting import until

OPENING, FIRST_DAY, LAST_DAY = date(2026, 6, 15), date(2026, 7, 1), date(2026, 7, 31)
PAYS_AT_LAST = date(2026, 8, 28)
DAYS: Final = 10


@dataclass(frozen=True)
class Case:
    """What a country's law makes of a month of work: worked out by hand, and by a kept case for the payslip.

    `kept` names a case of shared/countries/<cc>/cases by its file and its id; `lines` says which line of the
    payslip is which of its figures, counted in `unit`.
    """

    country: str
    language: str
    people: tuple[str, str, str, str]
    day_rate: Decimal
    kind: str
    wage: Decimal
    days: int
    contribution: Decimal
    vat_rate: str
    vat: Decimal
    due_day: date
    cost: Decimal
    scheme: str
    kept: tuple[str, str]
    unit: Decimal
    decimals: int
    lines: Mapping[str, str]
    net_payable: Decimal

    @property
    def figures(self) -> dict[str, Decimal]:
        """The figures of the kept case in units of the currency, by the names of the payslip's lines."""
        file, case_id = self.kept
        path = ROOT / "shared" / "countries" / self.country / "cases" / f"{file}.yaml"
        cases = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)["cases"]  # noqa: S506 (texts alone)
        [expected] = [case["expected"] for case in cases if case["id"] == case_id]
        return {line: Decimal(expected[name]) * self.unit for name, line in self.lines.items()}


FRANCE = Case(
    country="fr",
    language="fr",
    people=("Camille", "Moreau", "Studio du Rhône", "Jeanne Martin"),
    day_rate=Decimal("400.00"),
    kind="MONTH",
    wage=Decimal("2200.00"),
    days=0,
    contribution=Decimal("340.00"),  # 8.5 % of 4,000
    vat_rate="0.2",
    vat=Decimal("800.00"),
    due_day=date(2026, 8, 8),  # Saturdays are working days, and no bank settles on one
    cost=Decimal("3124.00"),  # 2,200 at the coefficient of 1.42
    scheme="instant",
    kept=("payslip-standard", "fr-b-2026-11-30-nc-250-220000"),
    unit=Decimal("0.01"),
    decimals=2,
    lines={
        "vieillesse_plafonnee_salarie": "old_age_capped.worker",
        "vieillesse_deplafonnee_salarie": "old_age.worker",
        "retraite_compl_salarie": "supplementary_pension.worker",
        "ceg_salarie": "balance.worker",
        "csg_deductible": "csg.deductible",
        "csg_non_deductible": "csg.taxed",
        "crds": "csg.debt",
        "maladie_employeur": "health.employer",
        "chomage": "unemployment.employer",
        "rgdu": "reduction",
        "net_imposable": "taxable",
        "net_avant_impot": "net_before_tax",
    },
    # 1,741.51 before tax, less 1.3 % of the 1,804.20 that is taxed: the neutral rate of July.
    net_payable=Decimal("1718.06"),
)
HUNGARY = Case(
    country="hu",
    language="hu",
    people=("Ágnes", "Gőgös", "Duna Stúdió Kft.", "Zsófia Kovács"),
    day_rate=Decimal("120000"),
    kind="DAYS",
    wage=Decimal("50000"),
    days=DAYS,
    contribution=Decimal("102000"),  # 8.5 % of 1,200,000
    vat_rate="0.27",
    vat=Decimal("324000"),
    due_day=date(2026, 8, 11),  # Saturdays are none
    cost=Decimal("575000"),  # 500,000 at the coefficient of 1.15
    scheme="domestic",
    kept=("payslip", "hu-500000"),
    unit=Decimal(1),
    decimals=0,
    lines={"szja": "szja", "tb": "tb", "szocho": "szocho"},
    net_payable=Decimal("332500"),
)


CASES: Final[Mapping[str, Case]] = {case.country.upper(): case for case in (FRANCE, HUNGARY)}


class WageAbroad:
    """The story of one case, to be played in the order of `play`. Each step asks, waits and keeps what it was told."""

    house: House
    member: Person
    work: AtWork
    budget: Decimal
    contract: Any
    declared: Sequence[Mapping[str, Any]]
    invoice: Any
    payslip: Any
    paid: Any
    received: list[Booking]
    files: list[Any]
    advance: Any
    recovered: Any
    settled: Any

    def __init__(
        self, case: Case, door: Door, addresses: Addresses, *, say: Callable[[str], None] = print
    ) -> None:
        self.case = case
        self._gateway, self._http = door
        self.addresses = addresses
        self._say = say
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been played."""
        return time.monotonic() - self._began

    async def play(self) -> None:
        """All steps in the order of the calendar."""
        await self.order_is_covered()
        await self.hire_is_declared()
        await self.work_ends()
        await self.wage_is_paid()
        await self.client_pays()

    async def order_is_covered(self) -> None:
        """A house opens, a member is admitted, and a client confirms an order that the fund covers."""
        case = self.case
        self.house = house = await House.founded(
            self._gateway, self._http, self.addresses, name="Ateliers Partagés", day=OPENING
        )
        await house.endow_the_fund()
        given_name, family_name, client_name, contact = case.people
        self.member = member = await house.stranger(given_name, family_name, date(1991, 3, 14))
        await house.admit([member])
        self._tell(member.name, f"is a member of {house.name} in {house.place.city}.")
        activity_id = await house.open_activity(member, "Illustration")
        client = await house.client(member, name=client_name, contact=contact)
        order = await house.draft(
            member,
            activity_id,
            client,
            title="Illustration",
            quantity=DAYS,
            unit_price=case.day_rate,
            start=FIRST_DAY,
            end=LAST_DAY,
        )
        link = await house.send(member, order["id"], client)
        buyer = self._gateway.nobody(client.contact)
        self.work = AtWork(house, member, client, buyer, activity_id, order["id"], link)
        await self.work.confirm()
        self.budget = (await self.work.balance())[2]
        self._tell(client.contact, f"confirms {DAYS} days; the budget has {self._shown(self.budget)}.")

    async def hire_is_declared(self) -> None:
        """The hire is declared in the country's own form before the work begins."""
        case, work, member = self.case, self.work, self.member
        # The country's own questions stay unanswered: the defaults of its law hold.
        await member.persona.ask(
            "complete_payroll_profile",
            member_id=member.id,
            entity_id=self.house.entity_id,
            national_number=member.national_number,
            iban=member.iban,
            holder_name=member.name,
            language=case.language,
        )
        await self.house.bank.open_account(member.iban)
        asked = await member.persona.ask(
            "request_contract",
            order_id=work.order_id,
            regime="employee",
            kind=case.kind,
            gross_wage=self.house.money(case.wage),
            days=case.days,
            start_date=FIRST_DAY,
            end_date=LAST_DAY,
            function_title="Illustrator",
        )
        self.contract = asked | await until(
            "the hire is declared, or the contract refused",
            lambda: work.contract(asked["id"]),
            lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
        )
        self.declared = await Authority(self._http, self.addresses.authority).declarations(
            member.national_number
        )
        price = self._shown(amount(self.contract["price"]))
        self._tell(member.name, f"is hired for July; the authority was told, and the budget holds {price}.")

    async def work_ends(self) -> None:
        """The invoice goes out, and the payslip is computed."""
        await self.house.turn_to(LAST_DAY)
        self.invoice = await self.work.invoiced()
        self._tell(self.member.name, f"invoices {self._shown(amount(self.invoice['amountDue']))}.")
        self.payslip = await self.work.payslip(self.contract["id"], lambda one: one["funding"] is not None)
        gross, net = (self._shown(amount(self.payslip[name])) for name in ("grossWage", "netPayable"))
        self._tell("Payroll", f"computes {net} net of {gross}, due on {self.payslip['dueDate']}.")

    async def wage_is_paid(self) -> None:
        """On the due day the client has not paid: the fund advances, and the bank pays."""
        house, due_day = self.house, self.case.due_day
        await house.turn_to(due_day)
        self.paid = await self.work.payslip(self.contract["id"], lambda one: one["paidOn"] is not None)
        self.received = await house.bank.bookings(self.member.iban, OPENING, due_day)
        found = await house.staff.payroll_officer.ask("payment_files", entity_id=house.entity_id)
        self.files = found["nodes"]
        [self.advance] = await self.work.advances()
        credited = ", ".join(self._shown(one.amount) for one in self.received)
        self._tell(self.member.name, f"is paid {credited}, advanced by the fund.")

    async def client_pays(self) -> None:
        """The client pays at last, and the fund has its money back."""
        house, invoice = self.house, self.invoice
        await house.turn_to(PAYS_AT_LAST)
        await house.bank.pay_in(
            to=house.iban,
            amount=amount(invoice["amountDue"]),
            reference=invoice["paymentReference"],
            by=self.work.client.name,
            day=PAYS_AT_LAST,
        )
        await house.import_statement()
        [self.recovered] = await until(
            "the advance is recovered", self.work.advances, lambda found: found[0]["state"] == "RECOVERED"
        )
        self.settled = await self.member.persona.ask("invoice", id=invoice["id"])
        self._tell(self.work.client.name, "pays at last; the fund has its money back.")

    def _tell(self, who: str, sentence: str) -> None:
        self._say(f"  {self.house.day}  {self.seconds:5.1f} s  {who} {sentence}")

    def _shown(self, number: Decimal) -> str:
        return f"{number:,.{self.case.decimals}f} {self.house.place.currency}"
