"""A payslip as its member, the staff and nobody else see it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from tests.an_office import IBAN, OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi

PAYSLIP = """
query ($id: ID!) {
  payslip(id: $id) {
    periodStart periodEnd state dueDate paidOn
    grossWage { amount } withholdingTax { amount } netPayable { amount } laborCost { amount }
    amounts { estimated { amount } provisioned { amount } declared { amount } corrected { amount } }
    lines { code label amount { amount } source { text } invented }
    contract { id state payslip { id } declarations { kind state } } member { id }
    document(kind: PDF) { mediaType sha256 sizeBytes content }
  }
}
"""
EXPLANATION = """
query ($id: ID!) {
  payslip(id: $id) {
    netPayable { amount }
    netExplanation { depth code amount { amount } source { text } }
    costExplanation { code }
  }
}
"""
PAYSLIPS = (
    "query ($member: ID!) { payslips(memberId: $member, first: 1) { nodes { id } pageInfo { hasNextPage } } }"
)
MEMBERS = "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Member { payslips { id state } } } }"
FILES = """
query ($entity: ID!) {
  paymentFiles(entityId: $entity) {
    nodes { messageId state scheme executionDate count total { amount } document { mediaType content } }
  }
}
"""
BUSINESS_DAY = (
    "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Entity { payrollBusinessDay } } }"
)
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))


@dataclass(frozen=True)
class July:
    """A month's work that is done."""

    who: Claims
    payslip: UUID
    payslip_id: str
    member_id: str


@pytest.fixture
async def july(office: Office, entity: UUID) -> July:
    who = await office.member(entity)
    contract = await office.active_contract(entity, who)
    await office.open_day(entity, date(2026, 7, 31))
    key = await office.payslip_of(contract)
    assert who.member_id is not None
    return July(
        who, key, global_id.encode("BE", "Payslip", key), global_id.encode("BE", "Member", who.member_id)
    )


async def test_a_payslip_shows_its_four_amounts_and_its_document(api: AskedApi, july: July) -> None:
    payslip = (await api.ask(PAYSLIP, who=july.who, id=july.payslip_id)).data["payslip"]
    assert (payslip["periodStart"], payslip["periodEnd"]) == ("2026-07-01", "2026-07-31")
    assert (payslip["state"], payslip["dueDate"], payslip["paidOn"]) == ("COMPUTED", "2026-08-08", None)
    assert payslip["amounts"]["provisioned"] == payslip["laborCost"] == {"amount": "4080.00"}
    assert payslip["amounts"]["declared"] is None
    assert payslip["contract"]["state"] == "ENDED"
    assert payslip["contract"]["payslip"] == {"id": july.payslip_id}
    assert payslip["contract"]["declarations"] == [{"kind": "in", "state": "ACCEPTED"}]
    assert payslip["lines"][0]["label"] == "Gross wage"
    content = base64.b64decode(payslip["document"]["content"])
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest() == payslip["document"]["sha256"]


async def test_a_payslip_explains_its_net_as_it_was_computed(api: AskedApi, july: July) -> None:
    for who in (july.who, OFFICER, ACCOUNTANT):
        payslip = (await api.ask(EXPLANATION, who=who, id=july.payslip_id)).data["payslip"]
        nodes = payslip["netExplanation"]
        assert nodes[0]["amount"] == payslip["netPayable"]
        assert [node["depth"] for node in nodes[:3]] == [0, 1, 2]
        assert nodes[2]["code"] == "terms"
        taxed = [node for node in nodes if node["code"] == "withholding"]
        assert taxed[0]["source"]["text"]
        assert max(node["depth"] for node in nodes) >= 4
        assert payslip["costExplanation"][0]["code"] == "labor_cost"


async def test_the_document_is_the_same_whenever_it_is_printed(api: AskedApi, july: July) -> None:
    first, again = [
        (await api.ask(PAYSLIP, who=july.who, id=july.payslip_id)).data["payslip"]["document"]["sha256"]
        for _ in range(2)
    ]
    assert first == again


async def test_an_accountant_reads_amounts_and_no_document(api: AskedApi, july: July) -> None:
    answer = await api.ask(PAYSLIP, who=ACCOUNTANT, id=july.payslip_id)
    assert answer.codes == ["FORBIDDEN"]
    assert answer.body["data"]["payslip"]["grossWage"] == {"amount": "3000.00"}
    assert answer.body["data"]["payslip"]["document"] is None


async def test_another_member_learns_nothing(api: AskedApi, office: Office, entity: UUID, july: July) -> None:
    other = await office.member(entity)
    for text, variables in (
        (PAYSLIP, {"id": july.payslip_id}),
        (PAYSLIPS, {"member": july.member_id}),
        (MEMBERS, {"them": [{"__typename": "Member", "id": july.member_id}]}),
    ):
        assert (await api.ask(text, who=other, **variables)).codes == ["FORBIDDEN"]


async def test_a_printed_payslip_is_noted_in_the_access_log(
    api: AskedApi, office: Office, july: July
) -> None:
    await api.ask(PAYSLIP, who=OFFICER, id=july.payslip_id)
    readers = await office.pools.read.fetch(
        "select reader from access_log where member_id = $1 and file = 'payslip'", july.who.member_id
    )
    assert [row["reader"] for row in readers] == [OFFICER.subject]


async def test_a_member_finds_the_own_payslips(api: AskedApi, july: July) -> None:
    answer = await api.ask(PAYSLIPS, who=july.who, member=july.member_id)
    assert answer.data["payslips"] == {
        "nodes": [{"id": july.payslip_id}],
        "pageInfo": {"hasNextPage": False},
    }
    member = {"__typename": "Member", "id": july.member_id}
    answer = await api.ask(MEMBERS, who=july.who, them=[member])
    assert answer.data["_entities"] == [{"payslips": [{"id": july.payslip_id, "state": "COMPUTED"}]}]


async def test_the_payment_file_is_shown_to_the_staff_and_each_reading_is_noted(
    api: AskedApi, office: Office, entity: UUID, july: July
) -> None:
    await office.open_day(entity, date(2026, 8, 8))
    await office.fund(july.payslip, entity, date(2026, 8, 8))
    entity_id = global_id.encode("BE", "Entity", entity)
    [file] = (await api.ask(FILES, who=ACCOUNTANT, entity=entity_id)).data["paymentFiles"]["nodes"]
    assert (file["state"], file["scheme"], file["count"]) == ("INSTRUCTED", "instant", 1)
    assert file["executionDate"] == "2026-08-08"
    assert IBAN.encode() in base64.b64decode(file["document"]["content"])
    assert await office.pools.read.fetchval(
        "select reader from access_log where member_id = $1 and file = 'payment_file'", july.who.member_id
    ) == (ACCOUNTANT.subject)
    assert (await api.ask(FILES, who=july.who, entity=entity_id)).codes == ["FORBIDDEN"]


async def test_an_entity_shows_the_day_on_which_payroll_acts(api: AskedApi, entity: UUID) -> None:
    them = [{"__typename": "Entity", "id": global_id.encode("BE", "Entity", entity)}]
    answer = await api.ask(BUSINESS_DAY, who=ACCOUNTANT, them=them)
    assert answer.data["_entities"] == [{"payrollBusinessDay": "2026-06-05"}]
