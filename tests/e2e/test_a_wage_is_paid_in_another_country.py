"""A wage is paid on its day in France and in Hungary too, each a cell of its own that knows no other country."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from local.stack import Stack
from tests.e2e.addresses import Addresses
from tests.e2e.client import Refused, open_gateway
from tests.e2e.databases import open_databases
from tests.e2e.house import amount
from tests.e2e.wage_abroad import DAYS, FIRST_DAY, FRANCE, HUNGARY, LAST_DAY, OPENING, Case, WageAbroad

# With the stories of the long stack, so that the two are never at work at the same time.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module", params=[FRANCE, HUNGARY], ids=lambda case: case.country)
def case(request: pytest.FixtureRequest) -> Case:
    """Each country, one after the other."""
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
async def story(case: Case, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WageAbroad]:
    """The story of the country, played once on a stack of its own."""
    run_dir: Path = tmp_path_factory.mktemp(case.country)
    async with Stack(run_dir, country=case.country, port_base=0, durable=False) as stack:
        addresses = Addresses.of(stack.addresses)
        async with open_gateway(addresses) as door:
            played = WageAbroad(case, door, addresses)
            await played.play()
            yield played


def test_the_hire_is_declared_before_the_work_and_its_cost_is_held(story: WageAbroad, case: Case) -> None:
    contract = story.contract
    assert (contract["refusalCode"], contract["declaredOn"]) == (None, OPENING.isoformat())
    [declared] = story.declared
    assert (declared["kind"], declared["is_cancelled"]) == ("hire", False)
    assert amount(contract["price"]) == case.cost
    assert story.budget == DAYS * case.day_rate - case.contribution


def test_the_invoice_has_the_countrys_vat_and_a_reference_that_its_banks_know(
    story: WageAbroad, case: Case
) -> None:
    invoice, price = story.invoice, DAYS * case.day_rate
    assert amount(invoice["totalWithoutVat"]) == price
    assert amount(invoice["contribution"]) == case.contribution
    assert (amount(invoice["totalVat"]), amount(invoice["amountDue"])) == (case.vat, price + case.vat)
    [vat] = invoice["vatBreakdown"]
    assert Decimal(vat["rate"]) == Decimal(case.vat_rate)
    assert invoice["paymentReference"].startswith("RF")
    assert invoice["transmission"]["state"] == "DELIVERED"


def test_the_payslip_is_that_of_a_worked_case_line_by_line(story: WageAbroad, case: Case) -> None:
    payslip = story.payslip
    lines = {line["code"]: abs(amount(line["amount"])) for line in payslip["lines"]}
    assert {line: lines[line] for line in case.figures} == case.figures
    assert all(line["label"] for line in payslip["lines"])
    assert amount(payslip["netPayable"]) == case.net_payable
    assert payslip["dueDate"] == case.due_day.isoformat()


def test_the_bank_pays_the_wage_on_its_day_although_the_client_is_late(story: WageAbroad, case: Case) -> None:
    paid = story.paid
    assert (paid["paidOn"], paid["funding"]["source"]) == (case.due_day.isoformat(), "advance")
    assert [(one.day, one.amount) for one in story.received] == [(case.due_day, case.net_payable)]
    [file] = story.files
    assert (file["scheme"], amount(file["total"])) == (case.scheme, case.net_payable)
    document = etree.fromstring(b64decode(file["document"]["content"]))
    [instructed] = document.iter("{*}InstdAmt")
    assert instructed.get("Ccy") == story.house.place.currency
    assert Decimal(instructed.text or "") == case.net_payable
    levels = [level.text for level in document.iterfind(".//{*}SvcLvl/{*}Cd")]
    assert levels == ([] if case.scheme == "domestic" else ["SEPA"])


def test_the_fund_has_its_money_back_when_the_client_pays_at_last(story: WageAbroad, case: Case) -> None:
    assert (story.advance["state"], amount(story.advance["amount"])) == ("OPEN", case.cost)
    assert story.recovered["state"] == "RECOVERED"
    assert (story.settled["state"], amount(story.settled["amountDue"])) == ("PAID", Decimal(0))


async def test_the_ledgers_hold_and_nothing_is_left_over(story: WageAbroad) -> None:
    async with open_databases(story.addresses) as databases:
        await databases.when_quiet()
        assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
        assert await databases.parked() == {}


async def test_anybody_may_have_simulated_what_was_paid(story: WageAbroad, case: Case) -> None:
    simulated = await story.work.buyer.ask(
        "simulate_wage",
        regime="employee",
        kind=case.kind,
        start_date=FIRST_DAY,
        end_date=LAST_DAY,
        days=case.days,
        gross_wage=story.house.money(case.wage),
    )
    assert amount(simulated["netPayable"]) == case.net_payable
    assert amount(simulated["laborCost"]) == case.cost


async def test_a_number_of_another_country_is_refused(story: WageAbroad, case: Case) -> None:
    member = story.member
    with pytest.raises(Refused) as refused:
        await member.persona.ask(
            "complete_payroll_profile",
            member_id=member.id,
            entity_id=story.house.entity_id,
            national_number="85.07.30-033.28",  # a number of Belgium
            iban=member.iban,
            holder_name=member.name,
            language=case.language,
        )
    assert refused.value.code == "MalformedNationalNumber"
