"""A wage is paid on its day in France and in Hungary too, each a cell of its own that knows no other country."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.paths import ROOT
from local.stack import Stack
from tests.e2e.addresses import Addresses
from tests.e2e.at_work import AtWork
from tests.e2e.client import Door, Refused, open_gateway
from tests.e2e.databases import open_databases
from tests.e2e.house import House, Person, amount
from tests.e2e.outside import Authority
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

OPENING, FIRST_DAY, LAST_DAY = date(2026, 6, 15), date(2026, 7, 1), date(2026, 7, 31)
PAYS_AT_LAST = date(2026, 8, 28)
DAYS = 10


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
    lines={"szja": "szja", "tb": "tb", "szocho": "szocho"},
    net_payable=Decimal("332500"),
)


@dataclass
class Cell:
    """A country's stack, while it runs."""

    case: Case
    addresses: Addresses
    door: Door


@pytest.fixture(scope="module", params=[FRANCE, HUNGARY], ids=lambda case: case.country)
async def cell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cell]:
    """The stack of a country on free ports."""
    case: Case = request.param
    run_dir: Path = tmp_path_factory.mktemp(case.country)
    async with AsyncExitStack() as opened:
        stack = await opened.enter_async_context(
            Stack(run_dir, country=case.country, port_base=0, durable=False)
        )
        addresses = Addresses.of(stack.addresses)
        yield Cell(case, addresses, await opened.enter_async_context(open_gateway(addresses)))


async def test_a_wage_is_paid_on_its_day_although_the_client_is_late(cell: Cell) -> None:
    case, (gateway, http) = cell.case, cell.door
    house = await House.founded(gateway, http, cell.addresses, name="Közös Munka", day=OPENING)
    await house.endow_the_fund()
    member = await house.stranger(case.people[0], case.people[1], date(1991, 3, 14))
    await house.admit([member])
    work = await at_work(house, member, case)
    price = DAYS * case.day_rate
    assert (await work.balance())[2] == price - case.contribution

    # The hire is declared in the country's own form before the work begins.
    await complete_profile(work, case)
    contract = await request_contract(work, case)
    assert (contract["refusalCode"], contract["declaredOn"]) == (None, OPENING.isoformat())
    authority = Authority(http, cell.addresses.authority)
    [declared] = await authority.declarations(member.national_number)
    assert (declared["kind"], declared["is_cancelled"]) == ("hire", False)
    assert amount(contract["price"]) == case.cost

    # The invoice: the country's VAT, and a reference that its banks know.
    await house.turn_to(LAST_DAY)
    invoice = await work.invoiced()
    assert amount(invoice["totalWithoutVat"]) == price
    assert amount(invoice["contribution"]) == case.contribution
    assert (amount(invoice["totalVat"]), amount(invoice["amountDue"])) == (case.vat, price + case.vat)
    [vat] = invoice["vatBreakdown"]
    assert Decimal(vat["rate"]) == Decimal(case.vat_rate)
    assert invoice["paymentReference"].startswith("RF")
    assert invoice["transmission"]["state"] == "DELIVERED"

    payslip = await work.payslip(contract["id"], lambda one: one["funding"] is not None)
    assert payslip["dueDate"] == case.due_day.isoformat()
    lines = {line["code"]: abs(amount(line["amount"])) for line in payslip["lines"]}
    assert {line: lines[line] for line in case.figures} == case.figures
    assert all(line["label"] for line in payslip["lines"])
    net = amount(payslip["netPayable"])
    assert net == case.net_payable
    assert amount(payslip["amounts"]["provisioned"]) == case.cost

    # The due day: the client has not paid, the fund advances, the bank pays.
    await house.turn_to(case.due_day)
    paid = await work.payslip(contract["id"], lambda one: one["paidOn"] is not None)
    assert (paid["paidOn"], paid["funding"]["source"]) == (case.due_day.isoformat(), "advance")
    received = await house.bank.bookings(member.iban, OPENING, case.due_day)
    assert [(one.day, one.amount) for one in received] == [(case.due_day, net)]
    [file] = (await house.staff.payroll_officer.ask("payment_files", entity_id=house.entity_id))["nodes"]
    assert (file["scheme"], amount(file["total"])) == (case.scheme, net)
    [advance] = await work.advances()
    assert (advance["state"], amount(advance["amount"])) == ("OPEN", case.cost)

    # The client pays at last, and the fund has its money back.
    await house.turn_to(PAYS_AT_LAST)
    await house.bank.pay_in(
        to=house.iban,
        amount=amount(invoice["amountDue"]),
        reference=invoice["paymentReference"],
        by=work.client.name,
        day=PAYS_AT_LAST,
    )
    await house.import_statement()
    await until("the advance is recovered", work.advances, lambda found: found[0]["state"] == "RECOVERED")
    settled = await member.persona.ask("invoice", id=invoice["id"])
    assert (settled["state"], amount(settled["amountDue"])) == ("PAID", Decimal(0))
    async with open_databases(cell.addresses) as databases:
        await databases.when_quiet()
        assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
        assert await databases.parked() == {}


async def test_a_number_of_another_country_is_refused(cell: Cell) -> None:
    gateway, http = cell.door
    house = await House.founded(gateway, http, cell.addresses, name="Második", day=OPENING)
    member = await house.stranger("Bruno", "Varga", date(1988, 5, 2))
    await house.admit([member])
    with pytest.raises(Refused) as refused:
        await member.persona.ask(
            "complete_payroll_profile",
            member_id=member.id,
            entity_id=house.entity_id,
            national_number="85.07.30-033.28",  # a number of Belgium
            iban=member.iban,
            holder_name=member.name,
            language=cell.case.language,
        )
    assert refused.value.code == "MalformedNationalNumber"


async def at_work(house: House, member: Person, case: Case) -> AtWork:
    """An order over ten days of July that its client confirmed and the fund covers."""
    activity_id = await house.open_activity(member, "Illustration")
    client = await house.client(member, name=case.people[2], contact=case.people[3])
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
    work = AtWork(house, member, client, house.gateway.nobody(client.contact), activity_id, order["id"], link)
    await work.confirm()
    return work


async def complete_profile(work: AtWork, case: Case) -> None:
    """What payroll must know of the member; the country's own facts stay at the law's defaults."""
    await work.member.persona.ask(
        "complete_payroll_profile",
        member_id=work.member.id,
        entity_id=work.house.entity_id,
        national_number=work.member.national_number,
        iban=work.member.iban,
        holder_name=work.member.name,
        language=case.language,
    )
    await work.house.bank.open_account(work.member.iban)


async def request_contract(work: AtWork, case: Case) -> Any:
    """A contract over July as an employee; it is declared or refused when this returns."""
    asked = await work.member.persona.ask(
        "request_contract",
        order_id=work.order_id,
        regime="employee",
        kind=case.kind,
        gross_wage=work.house.money(case.wage),
        days=case.days,
        start_date=FIRST_DAY,
        end_date=LAST_DAY,
        function_title="Illustrator",
    )
    contract = await until(
        "the hire is declared, or the contract refused",
        lambda: work.contract(asked["id"]),
        lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
    )
    return {**asked, **contract}
