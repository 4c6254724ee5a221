"""Payment orders, their fate, and statements that add up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.bank.amounts import to_minor, to_text
from simulators.bank.app import bank
from simulators.tests.builders import (
    COMMUNICATION,
    FUND_IBAN,
    MEMBER_IBAN,
    ManualClock,
    a_credit,
    a_transfer,
    an_order,
    balances,
    client_of,
    misbehave,
    sum_of_entries,
    texts,
)

BAD_IBAN = "BE68539007547035"


@pytest.fixture
async def client(tmp_path: Path, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bank(tmp_path, clock)) as client:
        yield client


async def paid(client: httpx.AsyncClient, order: bytes) -> httpx.Response:
    answer = await client.post("/payments", content=order, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 202, answer.text
    return answer


async def report(client: httpx.AsyncClient, message_id: str = "MSG-1") -> bytes:
    answer = await client.get(f"/payments/{message_id}/status")
    assert answer.status_code == 200, answer.text
    return answer.content


async def statement(client: httpx.AsyncClient, iban: str = FUND_IBAN, **days: str) -> bytes:
    answer = await client.get(f"/accounts/{iban}/statements", params=days)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("version", ["03", "09", "10", "11"])
async def test_a_valid_order_is_executed(client: httpx.AsyncClient, version: str) -> None:
    answer = await paid(client, an_order(version=version, count=1, control_sum="2150.37"))
    assert answer.json()["simulated"] is True
    status = await report(client)
    assert texts(status, ".//OrgnlMsgId") == ["MSG-1"]
    assert texts(status, ".//TxInfAndSts/OrgnlEndToEndId") == ["E2E-1"]
    assert texts(status, ".//TxInfAndSts/TxSts") == ["ACSC"]
    assert texts(status, ".//OrgnlGrpInfAndSts/GrpSts") == ["ACSC"]


async def test_execution_is_a_debit_on_the_day_asked_for(client: httpx.AsyncClient) -> None:
    await paid(client, an_order(day="2026-08-10"))
    document = await statement(client, date="2026-08-10")
    assert texts(document, ".//Ntry/CdtDbtInd") == ["DBIT"]
    assert texts(document, ".//Ntry/Amt") == ["2150.37"]
    assert texts(document, ".//TxDtls/Refs/MsgId") == ["MSG-1"]
    assert texts(document, ".//TxDtls/Refs/EndToEndId") == ["E2E-1"]
    assert texts(document, ".//RltdPties/Cdtr/Pty/Nm") == ["Amina Peeters"]
    assert texts(await statement(client, date="2026-08-08"), ".//Ntry/Amt") == []


async def test_the_same_order_twice_gets_the_first_answer_and_is_paid_once(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    first = await paid(client, an_order())
    clock.pass_seconds(60)
    assert (await paid(client, an_order())).content == first.content
    assert len(texts(await statement(client, date="2026-08-08"), ".//Ntry/Amt")) == 1


async def test_an_order_whose_answer_was_lost_is_paid_once(client: httpx.AsyncClient) -> None:
    await misbehave(client, fault="lost_answer", times=1)
    assert (await client.post("/payments", content=an_order())).status_code == 504
    await paid(client, an_order())
    assert len(texts(await statement(client, date="2026-08-08"), ".//Ntry/Amt")) == 1


async def test_a_delay_counts_once_per_order(client: httpx.AsyncClient, clock: ManualClock) -> None:
    begun = clock.now()
    await misbehave(client, latency_ms=100)
    await paid(client, an_order(a_transfer(), a_transfer(end_to_end_id="E2E-2")))
    assert (clock.now() - begun).total_seconds() == 0.1


async def test_another_content_under_the_same_message_id_is_refused(client: httpx.AsyncClient) -> None:
    await paid(client, an_order())
    answer = await client.post("/payments", content=an_order(a_transfer(amount="1.00")))
    assert answer.status_code == 409


async def test_a_wrong_account_number_is_rejected_alone(client: httpx.AsyncClient) -> None:
    await paid(client, an_order(a_transfer(), a_transfer(end_to_end_id="E2E-2", iban=BAD_IBAN)))
    status = await report(client)
    assert texts(status, ".//TxInfAndSts/TxSts") == ["ACSC", "RJCT"]
    assert texts(status, ".//TxInfAndSts/StsRsnInf/Rsn/Cd") == ["AC01"]
    assert texts(status, ".//OrgnlGrpInfAndSts/GrpSts") == ["PART"]
    assert len(texts(await statement(client, date="2026-08-08"), ".//Ntry/Amt")) == 1


async def test_a_flagged_account_is_rejected_with_the_reason_asked_for(client: httpx.AsyncClient) -> None:
    await misbehave(client, match={"iban": MEMBER_IBAN}, outcome="rejected", reason="AC04", times=1)
    await paid(client, an_order())
    await paid(client, an_order(message_id="MSG-2"))
    assert texts(await report(client), ".//TxInfAndSts/StsRsnInf/Rsn/Cd") == ["AC04"]
    assert texts(await report(client, "MSG-2"), ".//TxInfAndSts/TxSts") == ["ACSC"]


async def test_returned_money_comes_back_on_the_statement(client: httpx.AsyncClient) -> None:
    await misbehave(client, match={"end_to_end_id": "E2E-1"}, outcome="returned")
    await paid(client, an_order())
    document = await statement(client, date="2026-08-08")
    assert texts(document, ".//Ntry/CdtDbtInd") == ["DBIT", "CRDT"]
    assert texts(document, ".//Ntry/BkTxCd/Domn/Fmly/SubFmlyCd") == ["ESCT", "RRTN"]
    assert balances(document) == (Decimal(0), Decimal(0))


async def test_a_slow_bank_first_says_that_settlement_is_under_way(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, match={"operation": "pay"}, processing_ms=5000)
    await paid(client, an_order())
    assert texts(await report(client), ".//TxInfAndSts/TxSts") == ["ACSP"]
    clock.pass_seconds(5)
    assert texts(await report(client), ".//TxInfAndSts/TxSts") == ["ACSC"]


async def test_an_unknown_order_has_no_status(client: httpx.AsyncClient) -> None:
    assert (await client.get("/payments/NONE/status")).status_code == 404


@pytest.mark.parametrize(
    "order",
    [
        b"hello",
        b"<Document/>",
        an_order(version="99"),
        an_order(count=3),
        an_order(control_sum="1.00"),
        an_order(a_transfer(amount="1.234")),
        an_order(a_transfer(amount="-1.00")),
        an_order(a_transfer(iban="nobody")),
        an_order().replace(b"<PmtMtd>TRF</PmtMtd>", b""),
        an_order().replace(b"?>", b'?><!DOCTYPE Document [<!ENTITY e "x">]>', 1),
    ],
)
async def test_a_malformed_order_is_a_problem(client: httpx.AsyncClient, order: bytes) -> None:
    answer = await client.post("/payments", content=order)
    assert answer.status_code == 400
    assert answer.json()["errors"]


async def test_an_incoming_credit_carries_its_structured_communication(client: httpx.AsyncClient) -> None:
    answer = await client.post("/simulate/credits", json=a_credit(reference="+++010/8068/17183+++"))
    assert answer.status_code == 201, answer.text
    document = await statement(client, date="2026-08-20")
    assert texts(document, ".//Strd/CdtrRefInf/Ref") == [COMMUNICATION]
    assert texts(document, ".//Strd/CdtrRefInf/Tp/CdOrPrtry/Cd") == ["SCOR"]
    assert texts(document, ".//Strd/CdtrRefInf/Tp/Issr") == ["BBA"]
    assert texts(document, ".//Ntry/NtryRef") == answer.json()["entries"]
    assert texts(document, ".//RltdPties/Dbtr/Pty/Nm") == ["Client NV"]


@pytest.mark.parametrize(
    "changes",
    [{"amount": 12.5}, {"amount": "12.505"}, {"amount": "0"}, {"reference": "123"}, {"iban": BAD_IBAN}],
)
async def test_a_credit_that_no_bank_would_book_is_refused(
    client: httpx.AsyncClient, changes: dict[str, object]
) -> None:
    assert (await client.post("/simulate/credits", json=a_credit(**changes))).status_code == 422


async def test_a_credit_can_be_booked_twice_by_mistake(client: httpx.AsyncClient) -> None:
    answer = await client.post("/simulate/credits", json=a_credit(times=2))
    assert len(set(answer.json()["entries"])) == 2
    document = await statement(client, date="2026-08-20")
    assert balances(document) == (Decimal("0.00"), Decimal("2500.00"))


async def test_a_statement_can_be_repeated_with_the_same_id(client: httpx.AsyncClient) -> None:
    await client.post("/simulate/credits", json=a_credit())
    await misbehave(client, outcome="repeated")
    first, second = texts(await statement(client, date="2026-08-20"), ".//Stmt/Id")
    assert first == second


async def test_opening_balance_and_entries_make_the_closing_balance(client: httpx.AsyncClient) -> None:
    await client.post("/simulate/accounts", json={"iban": FUND_IBAN, "opening_balance": "-10.50"})
    await client.post("/simulate/credits", json=a_credit(date="2026-08-07", amount="0.05"))
    await paid(client, an_order(a_transfer(), a_transfer(end_to_end_id="E2E-2", amount="0.01")))
    await client.post("/simulate/credits", json=a_credit())
    day = await statement(client, date="2026-08-08")
    assert balances(day) == (Decimal("-10.45"), Decimal("-2160.83"))
    month = await statement(client, **{"from": "2026-08-01", "to": "2026-08-31"})
    opening, closing = balances(month)
    assert opening + sum_of_entries(month) == closing == Decimal("-910.83")
    assert len(texts(month, ".//Ntry")) == 4


async def test_a_transfer_between_two_accounts_of_the_bank_arrives(client: httpx.AsyncClient) -> None:
    await client.post("/simulate/accounts", json={"iban": MEMBER_IBAN})
    await paid(client, an_order())
    document = await statement(client, iban=MEMBER_IBAN, date="2026-08-08")
    assert texts(document, ".//Ntry/CdtDbtInd") == ["CRDT"]
    assert texts(document, ".//RltdPties/DbtrAcct/Id/IBAN") == [FUND_IBAN]


async def test_a_statement_needs_a_known_account_and_a_sensible_period(client: httpx.AsyncClient) -> None:
    url = f"/accounts/{FUND_IBAN}/statements"
    assert (await client.get(url, params={"date": "2026-08-08"})).status_code == 404
    await client.post("/simulate/accounts", json={"iban": FUND_IBAN})
    assert (await client.get(url)).status_code == 422
    assert (await client.get(url, params={"from": "2026-08-08", "to": "2026-08-01"})).status_code == 422
    assert (await client.get(url, params={"from": "2020-01-01", "to": "2026-08-01"})).status_code == 422


async def test_the_books_outlive_a_restart(
    client: httpx.AsyncClient, tmp_path: Path, clock: ManualClock
) -> None:
    first = await paid(client, an_order())
    before = await statement(client, date="2026-08-08")
    async with client_of(bank(tmp_path, clock)) as after:
        assert (await paid(after, an_order())).content == first.content
        assert await statement(after, date="2026-08-08") == before


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "HUF", "JPY", "TND"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    assert to_minor(to_text(minor, currency), currency) == minor
