"""A member is paid on the due day although the client is late, and every promise on the way is kept."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import html
import re
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lxml import etree

from tests.browser.browser import BrowserNotInstalled, run_order_page
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases, logs_with
from tests.e2e.house import ENDOWMENT, amount
from tests.e2e.page import PAGE_FOLDER, euros_of_the_invoice, steps_of_the_fund
from tests.e2e.story import (
    ASSEMBLY,
    CALL,
    CONFIRMATION,
    CONTRACT,
    DAY_RATE,
    DAYS,
    DUE_DAY,
    FIRST_DAY,
    LAST_DAY,
    LATECOMER,
    OPENING,
    QUOTE,
    Story,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

PRICE = DAYS * DAY_RATE
CONTRIBUTION = Decimal("374.40")
COST = Decimal("4896.00")
FUND_SHARE = Decimal("93.60")
UBL = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}


def document(story: Story, file: str) -> bytes:
    [content] = [each.content for each in story.documents if each.file == file]
    return content


# ── 1. Admission ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_share_paid_in_june_entitles_until_the_end_of_the_year(story: Story) -> None:
    assert story.facts.membership["entitledUntil"] == "2026-12-31"
    assert story.facts.membership["shares"] == 1
    assert amount(story.facts.membership["value"]) == Decimal("30.00")


async def test_the_register_is_numbered_without_a_gap_and_nobody_is_in_it_twice(story: Story) -> None:
    house = story.house
    register = (await house.staff.board.ask("share_register", entity_id=house.entity_id))["nodes"]
    assert [line["number"] for line in register] == [1, 2, 3, 4, 5]
    people = [story.anna, story.bruno, story.chloe, story.dirk, story.eva]
    assert sorted(line["memberId"] for line in register) == sorted(person.id for person in people)


async def test_no_payment_of_a_share_was_left_over(story: Story) -> None:
    house = story.house
    left = await house.staff.accountant.ask("unmatched_share_payments", entity_id=house.entity_id)
    assert left["nodes"] == []


def test_without_a_paid_share_one_is_refused_in_a_sentence(story: Story) -> None:
    assert story.facts.refusals["an activity before the share is paid"].code == "NotAdmitted"
    assert story.facts.refusals["an activity before the share is paid"].message.endswith(".")


def test_in_a_year_that_is_not_paid_new_money_is_refused_and_spending_goes_on(story: Story) -> None:
    assert story.facts.refusals["a quote without a share for the new year"].code == "MembershipNotPaid"
    assert "budget" in story.facts.refusals["a quote without a share for the new year"].message
    assert story.facts.spent_without_share["declaredOn"] == "2027-01-04"


# ── 2. Activity and quote ────────────────────────────────────────────────────────────────────────────────────


def test_the_fund_covers_the_order_for_reasons_that_can_be_read(story: Story) -> None:
    cover = story.facts.covered_order["cover"]
    assert cover["covered"]
    assert cover["decidedOn"] == CONFIRMATION.isoformat()
    assert all(reason["passed"] for reason in cover["reasons"] if reason["required"])
    assert all(reason["sentence"].endswith(".") and reason["source"] for reason in cover["reasons"])
    assert {"formal_confirmation_by_buyer", "buyer_seat_in_eu", "member_in_good_standing"} <= {
        reason["rule"] for reason in cover["reasons"]
    }


def test_the_budget_has_the_price_less_the_contribution_as_soon_as_the_order_is_covered(story: Story) -> None:
    assert amount(story.facts.budgets[QUOTE]["posted"]) == 0
    assert amount(story.facts.budgets[CONFIRMATION]["available"]) == PRICE - CONTRIBUTION


def test_the_contribution_is_taken_by_gross_up(story: Story) -> None:
    order = story.facts.covered_order
    assert amount(order["totalWithoutVat"]) == PRICE
    assert amount(order["contribution"]) == CONTRIBUTION
    assert amount(order["budget"]) / (1 - Decimal("0.065")) == PRICE


async def test_the_link_can_be_read_again_and_decides_once(story: Story) -> None:
    offer = await story.sofie.ask("order_by_link", link=story.link.link)
    assert offer["number"] == story.facts.covered_order["number"]
    for name, variables in (
        ("confirm_order", {"name": "Sofie Janssens", "consent": True}),
        ("refuse_order", {"reason": "We thought again."}),
    ):
        with pytest.raises(Refused) as refused:
            await story.sofie.ask(name, link=story.link.link, **variables)
        assert refused.value.code == "OrderAlreadyDecided"


# ── 3. Contract ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_budget_and_a_net_can_both_be_the_beginning_of_a_simulation(story: Story) -> None:
    from_budget, from_net = story.facts.from_budget, story.facts.from_net
    assert amount(from_budget["laborCost"]) + amount(from_budget["remainder"]) == PRICE - CONTRIBUTION
    assert amount(from_net["laborCost"]) == COST
    assert amount(from_net["netPayable"]) == amount(story.facts.payslip["netPayable"])


def test_the_budget_holds_the_cost_of_the_contract(story: Story) -> None:
    held = story.facts.budgets[CONTRACT]
    assert amount(held["held"]) == COST
    assert amount(held["available"]) == PRICE - CONTRIBUTION - COST


def test_the_hire_is_accepted_before_the_work_begins(story: Story) -> None:
    declared = story.facts.declared
    assert declared["state"] == "DECLARED"
    assert date.fromisoformat(declared["declaredOn"]) < FIRST_DAY
    [declaration] = declared["declarations"]
    assert (declaration["kind"], declaration["result"]) == ("in", "A")
    assert amount(declared["grossWage"]) < 4000


# ── 4. Invoice ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_invoice_has_the_first_number_of_the_year(story: Story) -> None:
    assert re.fullmatch(r"F.*2026.*0*1", story.facts.invoice["number"])
    assert story.facts.invoice["issueDate"] == LAST_DAY.isoformat()


def test_vat_is_21_percent_of_the_price(story: Story) -> None:
    invoice = story.facts.invoice
    [vat] = invoice["vatBreakdown"]
    assert (vat["categoryCode"], Decimal(vat["rate"])) == ("S", Decimal("0.21"))
    assert amount(invoice["totalVat"]) == PRICE * Decimal("0.21")
    assert amount(invoice["totalWithVat"]) == PRICE * Decimal("1.21")


def test_the_e_invoice_says_the_same_as_the_books_and_passed_the_official_rules(story: Story) -> None:
    xml = etree.fromstring(document(story, "invoice.xml"))
    assert xml.findtext("cbc:ID", namespaces=UBL) == story.facts.invoice["number"]
    payable = xml.findtext("cac:LegalMonetaryTotal/cbc:PayableAmount", namespaces=UBL)
    assert Decimal(payable or "0") == amount(story.facts.invoice["totalWithVat"])
    assert all(each["ruleSet"] for each in story.facts.invoice["documents"] if each["kind"] == "UBL")


def test_the_documents_are_the_bytes_whose_hashes_are_known(story: Story) -> None:
    known = {each["kind"]: each["sha256"] for each in story.facts.invoice["documents"]}
    assert hashlib.sha256(document(story, "invoice.pdf")).hexdigest() == known["PDF"]
    assert hashlib.sha256(document(story, "invoice.xml")).hexdigest() == known["UBL"]
    assert document(story, "invoice.pdf").startswith(b"%PDF-")


async def test_the_network_delivered_the_bytes_that_were_kept(story: Story, door: Door) -> None:
    _, http = door
    reference = story.facts.invoice["transmission"]["reference"]
    sent = await http.get(f"{story.addresses.e_invoice}/documents/{reference}/xml")
    assert sent.content == document(story, "invoice.xml")


async def test_an_order_is_invoiced_once(story: Story) -> None:
    with pytest.raises(Refused) as refused:
        await story.anna.persona.ask("issue_invoice", order_id=story.order_id)
    assert refused.value.code == "OrderAlreadyInvoiced"
    house = story.house
    invoices = await house.staff.accountant.ask("invoices", entity_id=house.entity_id)
    assert [each["id"] for each in invoices["nodes"]] == [story.invoice_id]


# ── 5. Wage ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wage_is_due_on_the_seventh_working_day_saturdays_included(story: Story) -> None:
    assert story.facts.payslip["dueDate"] == DUE_DAY.isoformat()
    assert DUE_DAY.strftime("%A") == "Saturday"


def test_the_payslip_explains_the_net_line_by_line(story: Story) -> None:
    payslip = story.facts.payslip
    assert amount(payslip["grossWage"]) == Decimal("3600.00")
    assert 0 < amount(payslip["netPayable"]) < amount(payslip["grossWage"]) < amount(payslip["laborCost"])
    assert amount(payslip["laborCost"]) == COST
    assert all(line["label"] for line in payslip["lines"])
    assert document(story, "payslip.pdf").startswith(b"%PDF-")


def test_the_budget_is_charged_what_was_held_and_keeps_the_rest(story: Story) -> None:
    charged = story.facts.budgets[LAST_DAY]
    assert amount(charged["held"]) == 0
    assert amount(charged["posted"]) == PRICE - CONTRIBUTION - COST


# ── 6. Guarantee ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wage_is_paid_on_the_due_day_although_nothing_was_received(story: Story) -> None:
    assert story.facts.paid_payslip["paidOn"] == DUE_DAY.isoformat()
    assert story.facts.paid_payslip["funding"]["source"] == "advance"
    assert story.facts.unpaid_invoice["state"] == "ISSUED"
    assert amount(story.facts.unpaid_invoice["amountDue"]) == amount(story.facts.invoice["totalWithVat"])


async def test_the_bank_paid_the_wage_exactly_once(story: Story) -> None:
    house, net = story.house, amount(story.facts.payslip["netPayable"])
    out = await house.bank.bookings(house.iban, OPENING, ASSEMBLY)
    assert [(each.day, each.amount) for each in out if each.amount < 0] == [(DUE_DAY, -net)]
    received = await house.bank.bookings(story.anna.iban, OPENING, ASSEMBLY)
    assert [(each.day, each.amount) for each in received] == [(DUE_DAY, net)]


def test_the_payment_file_holds_one_transfer_of_the_net_to_the_member(story: Story) -> None:
    xml = etree.fromstring(document(story, "payment.xml"))
    [creditor] = xml.findall(".//{*}CdtrAcct/{*}Id/{*}IBAN")
    [sent] = xml.findall(".//{*}InstdAmt")
    assert creditor.text == story.anna.iban
    assert Decimal(sent.text or "0") == amount(story.facts.payslip["netPayable"])
    assert story.facts.payment_file["count"] == 1


def test_the_fund_advanced_the_cost_of_the_wage_and_got_it_back(story: Story) -> None:
    assert amount(story.facts.advance["amount"]) == COST
    assert amount(story.facts.recovered_advance["recovered"]) == COST
    assert amount(story.facts.recovered_advance["outstanding"]) == 0


def test_the_balance_of_the_fund_follows_what_happened(story: Story) -> None:
    funds = story.facts.funds
    assert amount(funds[OPENING]["posted"]) == ENDOWMENT
    assert amount(funds[LAST_DAY]["posted"]) == ENDOWMENT + FUND_SHARE
    assert amount(funds[LAST_DAY]["held"]) == COST
    assert amount(funds[DUE_DAY]["posted"]) == ENDOWMENT + FUND_SHARE - COST
    assert amount(funds[DUE_DAY]["held"]) == 0
    assert amount(funds[ASSEMBLY]["posted"]) == ENDOWMENT + FUND_SHARE
    assert [step.amount for step in steps_of_the_fund(story.told)] == [ENDOWMENT, FUND_SHARE, -COST, COST]


def test_the_late_payment_pays_the_invoice_and_not_the_budget_a_second_time(story: Story) -> None:
    assert amount(story.facts.paid_invoice["amountDue"]) == 0
    assert story.facts.budgets[ASSEMBLY] == story.facts.budgets[LAST_DAY]


async def test_nothing_is_due_any_more(story: Story) -> None:
    house = story.house
    due = await house.staff.payroll_officer.ask("wages_due", entity_id=house.entity_id)
    assert due["nodes"] == []


async def test_a_statement_that_comes_again_changes_nothing(story: Story, databases: Databases) -> None:
    house = story.house
    statement = await house.bank.statement(house.iban, ASSEMBLY)
    again = await house.staff.accountant.ask(
        "import_bank_statement", entity_id=house.entity_id, statement=statement
    )
    assert (again["lineCount"], again["newLines"]) == (1, 0)
    await databases.when_quiet()
    invoice = await story.anna.persona.ask("invoice", id=story.invoice_id)
    assert invoice["paidAmount"] == story.facts.paid_invoice["paidAmount"]


async def test_the_books_add_up(story: Story, databases: Databases) -> None:
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


def test_each_euro_of_the_invoice_is_accounted_for(story: Story) -> None:
    parts = euros_of_the_invoice(story.told)
    assert sum(part.amount for part in parts) == amount(story.facts.invoice["totalWithVat"])
    assert all(part.amount > 0 for part in parts)


# ── 7. Democracy ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_meeting_is_called_in_time_and_the_roll_is_that_of_the_record_date(story: Story) -> None:
    assert story.facts.convened["noticeCheck"]["passed"]
    assert (ASSEMBLY - CALL).days >= 15
    assert story.facts.meeting["roll"]["recordDate"] == CALL.isoformat()
    assert {line["member"]["id"] for line in story.facts.roll} == {person.id for person in story.members}
    assert all(line["votes"] == 1 for line in story.facts.roll)


def test_one_person_has_one_vote_and_who_came_later_has_none(story: Story) -> None:
    assert story.facts.refusals["a second vote"].code == "AlreadyVoted"
    assert story.facts.refusals["a vote without being on the roll"].code == "NotOnRoll"
    assert LATECOMER > CALL


def test_the_minutes_show_the_quorum_and_how_many_were_for_against_and_abstaining(story: Story) -> None:
    [resolution] = story.facts.meeting["resolutions"]
    assert (resolution["forCount"], resolution["againstCount"], resolution["abstainCount"]) == (2, 1, 1)
    assert resolution["state"] == "CARRIED"
    assert resolution["quorumCheck"]["passed"]
    assert resolution["quorumCheck"]["formula"]
    minutes = html.unescape(document(story, "minutes.html").decode())
    assert resolution["quorumCheck"]["formula"] in minutes
    assert resolution["majorityCheck"]["formula"] in minutes


async def test_every_member_may_read_the_minutes(story: Story) -> None:
    for person in (*story.members, story.eva):
        meeting = await person.persona.ask("meeting", id=story.meeting_id)
        assert meeting["minutes"]["sha256"] == story.facts.meeting["minutes"]["sha256"]


# ── Who may see what ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_member_does_not_see_what_is_another_members(story: Story) -> None:
    bruno = story.bruno.persona
    for name, id in (
        ("order", story.order_id),
        ("activity", story.activity_id),
        ("invoice", story.invoice_id),
        ("contract", story.contract_id),
        ("payslip", story.payslip_id),
    ):
        with pytest.raises(Failed) as failed:
            await bruno.ask(name, id=id)
        assert set(failed.value.codes) == {"FORBIDDEN"}, name


async def test_the_auditor_reads_everything_and_changes_nothing(story: Story) -> None:
    auditor = story.house.staff.auditor
    assert (await auditor.ask("invoice", id=story.invoice_id))["number"] == story.facts.invoice["number"]
    assert (await auditor.ask("payslip", id=story.payslip_id))["state"] == "PAID"
    fund = await auditor.ask("fund", entity_id=story.house.entity_id)
    assert len(fund["movements"]) == 4
    with pytest.raises(Failed) as failed:
        await auditor.ask("open_business_day", entity_id=story.house.entity_id, day=date(2026, 9, 1))
    assert failed.value.codes == ["FORBIDDEN"]


async def test_a_member_sees_the_totals_of_the_fund_and_not_its_book(story: Story) -> None:
    totals = await story.bruno.persona.ask("fund_totals", entity_id=story.house.entity_id)
    assert amount(totals["posted"]) == ENDOWMENT + FUND_SHARE
    with pytest.raises(Failed) as failed:
        await story.bruno.persona.ask("fund", entity_id=story.house.entity_id)
    assert "FORBIDDEN" in failed.value.codes


async def test_the_same_wish_with_the_same_key_is_done_once(story: Story) -> None:
    house, key = story.house, "the same wish"
    first = await story.bruno.persona.ask(
        "open_activity", entity_id=house.entity_id, name="Workshops", idempotency_key=key
    )
    second = await story.bruno.persona.ask(
        "open_activity", entity_id=house.entity_id, name="Workshops", idempotency_key=key
    )
    assert first["id"] == second["id"]


# ── Afterward ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_is_left_unpublished_parked_or_given_up(story: Story, databases: Databases) -> None:
    await databases.when_quiet()
    assert await databases.unpublished() == {}
    assert await databases.parked() == {}
    assert await databases.failed_effects() == {}


def _as_written(number: str) -> list[str]:
    """A number as people write it: in one piece, in groups of four, with dots and dashes."""
    groups = [number[start : start + 4] for start in range(0, len(number), 4)]
    dotted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    return [number, " ".join(groups), dotted]


async def test_personal_data_is_in_no_event_and_in_no_log(story: Story, databases: Databases) -> None:
    people = [*story.members, story.eva]
    words = [word for person in people for word in (person.email, *_as_written(person.iban))]
    words += [word for person in people for word in _as_written(person.national_number)]
    words.append(story.client.email)
    assert await databases.events_with(words) == []
    assert logs_with(story.addresses.run_dir, words) == []


async def test_the_numbers_that_payroll_keeps_cannot_be_read_in_its_database(
    story: Story, databases: Databases
) -> None:
    words = [story.anna.national_number, story.anna.iban]
    assert await databases.tables_with("payroll", words) == []


def test_the_page_of_the_story_can_be_opened_without_a_network(story: Story) -> None:
    folder = story.addresses.run_dir / PAGE_FOLDER
    page = (folder / "index.html").read_text(encoding="utf-8")
    linked = re.findall(r'(?:href|src)="([^"#]+)"', page)
    assert linked
    assert all((folder / link).is_file() for link in linked)
    assert page.count("<svg") == 2
    assert story.facts.invoice["number"] in page


@pytest.fixture
def site(story: Story) -> Iterator[str]:
    """The story's page, served as a browser wants it."""
    handler = functools.partial(SilentFiles, directory=str(story.addresses.run_dir / PAGE_FOLDER))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class SilentFiles(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Not a word."""


@pytest.mark.parametrize("page", ["index.html", "minutes.html"])
async def test_the_pages_of_the_story_are_good_on_a_phone_and_on_a_desk(
    page: str, site: str, tmp_path: Path
) -> None:
    try:
        report = await asyncio.to_thread(run_order_page, f"{site}/{page}", tmp_path, confirm=False)
    except BrowserNotInstalled as missing:
        pytest.skip(f"not run: {missing.__doc__}")
    assert report["problems"] == []
