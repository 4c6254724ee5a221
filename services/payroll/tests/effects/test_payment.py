"""Wages are paid by the simulated bank, a separate program, once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from lxml import etree
from tests.an_office import ENTITY_IBAN, HOLDER_NAME, IBAN, Office

from payroll.adapters.bank import Bank
from payroll.effects.kinds import BANK_PAY
from payroll.effects.payment import Payments

LAST_DAY, DUE_DAY = date(2026, 7, 31), date(2026, 8, 8)
PAIN_001 = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
CAMT_053 = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        yield client


@pytest.fixture
async def paying(
    office: Office, parties: Mapping[str, str], http: httpx.AsyncClient
) -> AsyncIterator[Office]:
    """An office whose bank is the simulated one, well-behaved at the start of each test."""
    payments = Payments(Bank(http, parties["bank"]), office.pools.write, office.service)
    yield office.with_effects({BANK_PAY: payments.handler()})
    await http.delete(f"{parties['bank']}/simulate/behavior")


async def a_funded_wage(office: Office, entity: UUID) -> UUID:
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, LAST_DAY)
    await office.open_day(entity, DUE_DAY)
    payslip = await office.payslip_of(contract)
    await office.fund(payslip, entity, DUE_DAY)
    return payslip


async def misbehave(http: httpx.AsyncClient, parties: Mapping[str, str], **rule: Any) -> None:
    answer = await http.post(f"{parties['bank']}/simulate/behavior", json=rule)
    assert answer.status_code == 201, answer.text


async def settle(office: Office, payslip: UUID) -> list[str]:
    async def is_settled() -> bool:
        found = await office.announced(payslip)
        return "WagePaid" in found or "WageReturned" in found

    await office.execute_effects(is_settled)
    return await office.announced(payslip)


async def file_of(office: Office, payslip: UUID) -> bytes:
    row = await office.pools.read.fetchrow(
        "select f.id, f.document from payment_file f join payment_order o on o.file_id = f.id where o.payslip_id = $1",
        payslip,
    )
    assert row is not None
    return office.service.sealer.open(row["document"], of=f"payment file {row['id']}")


async def times_booked(http: httpx.AsyncClient, parties: Mapping[str, str], payslip: UUID) -> int:
    statement = await http.get(f"{parties['bank']}/accounts/{ENTITY_IBAN}/statements?date={DUE_DAY}")
    references = etree.fromstring(statement.content).iter(f"{CAMT_053}EndToEndId")
    return [element.text for element in references].count(payslip.hex)


async def test_a_funded_wage_is_paid_on_the_due_day_and_closes_its_contract(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    payslip = await a_funded_wage(paying, entity)
    assert await settle(paying, payslip) == ["PayslipComputed", "WagePaid"]
    paid, computed = await paying.event(payslip, "WagePaid"), await paying.event(payslip, "PayslipComputed")
    assert paid["paid_on"] == "2026-08-08"
    assert paid["amount"] == computed["net_payable"]
    assert await times_booked(http, parties, payslip) == 1
    closed = await paying.pools.read.fetchval(
        "select c.paid_on from contract c join payslip p on p.contract_id = c.id where p.id = $1", payslip
    )
    assert closed == DUE_DAY


async def test_on_a_saturday_the_file_asks_for_an_instant_transfer_to_the_member(
    paying: Office, entity: UUID
) -> None:
    payslip = await a_funded_wage(paying, entity)
    document = etree.fromstring(await file_of(paying, payslip))

    def text(name: str) -> list[str | None]:
        return [element.text for element in document.iter(f"{PAIN_001}{name}")]

    assert text("Cd")[1] == "INST"
    assert text("IBAN") == [ENTITY_IBAN, IBAN]
    assert text("Nm")[-1] == HOLDER_NAME
    assert text("MsgId") == [f"W{payslip.hex}"]


async def test_a_rejected_wage_is_returned_with_the_code_of_the_bank(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    payslip = await a_funded_wage(paying, entity)
    match = {"operation": "transfer", "end_to_end_id": payslip.hex}
    await misbehave(http, parties, match=match, outcome="rejected", reason="AC04", times=1)
    assert await settle(paying, payslip) == ["PayslipComputed", "WageReturned"]
    assert (await paying.event(payslip, "WageReturned"))["reason"] == "AC04"


async def test_a_bank_that_thinks_first_is_asked_until_it_has_executed(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    payslip = await a_funded_wage(paying, entity)
    match = {"operation": "pay", "msg_id": f"W{payslip.hex}"}
    await misbehave(http, parties, match=match, processing_ms=300, times=1)
    assert "WagePaid" in await settle(paying, payslip)


@pytest.mark.parametrize("fault", ["error", "busy", "lost_answer", "silence"])
async def test_a_bank_that_fails_or_whose_answer_is_lost_pays_once(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str], fault: str
) -> None:
    payslip = await a_funded_wage(paying, entity)
    await misbehave(
        http, parties, match={"operation": "pay", "msg_id": f"W{payslip.hex}"}, fault=fault, times=1
    )
    assert "WagePaid" in await settle(paying, payslip)
    assert await times_booked(http, parties, payslip) == 1


async def test_the_same_file_sent_twice_is_paid_once(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    payslip = await a_funded_wage(paying, entity)
    await settle(paying, payslip)
    await Bank(http, parties["bank"]).pay(await file_of(paying, payslip))
    assert await times_booked(http, parties, payslip) == 1


async def test_the_same_funding_heard_twice_orders_one_payment(
    paying: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    payslip = await a_funded_wage(paying, entity)
    before = await file_of(paying, payslip)
    await paying.fund(payslip, entity, DUE_DAY)
    assert await file_of(paying, payslip) == before
    assert (await settle(paying, payslip)).count("WagePaid") == 1
    assert await times_booked(http, parties, payslip) == 1


async def test_a_bank_that_cannot_be_reached_is_tried_again(office: Office, entity: UUID) -> None:
    async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
        nobody = Bank(http, "http://127.0.0.1:9")
        handler = Payments(nobody, office.pools.write, office.service).handler()
        alone = office.with_effects({BANK_PAY: handler})
        payslip = await a_funded_wage(alone, entity)

        async def was_tried_again() -> bool:
            row = await alone.pools.read.fetchrow(
                "select state, attempts from effect where kind = 'bank.pay' and key = $1", str(payslip)
            )
            return row is not None and row["state"] == "pending" and row["attempts"] >= 2

        await alone.execute_effects(was_tried_again)
    assert await office.announced(payslip) == ["PayslipComputed"]


async def test_a_payment_file_is_made_on_the_day_that_the_entity_has(office: Office, entity: UUID) -> None:
    payslip = await a_funded_wage(office, entity)
    header = etree.fromstring(await file_of(office, payslip))[0].find(f"{PAIN_001}GrpHdr")
    assert header is not None
    created = header.findtext(f"{PAIN_001}CreDtTm") or ""
    assert created.startswith(("2026-08-07", "2026-08-08"))  # in UTC a night begins the day before
