"""The e-invoice network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from simulators.e_invoice import e_invoice_network
from simulators.tests.builders import EMPLOYER, ManualClock, client_of, misbehave

INVOICE = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>1</ID></Invoice>'
BUYER = {"scheme": "0208", "id": "0428759497"}


@pytest.fixture
async def client(tmp_path: Path, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(e_invoice_network(tmp_path, clock)) as client:
        yield client


def a_document(content: bytes = INVOICE, **changes: Any) -> dict[str, Any]:
    return {
        "idempotency_guid": str(uuid4()),
        "sender": {"scheme": "0208", "id": EMPLOYER},
        "receiver": BUYER,
        "document_type": "invoice",
        "xml": base64.b64encode(content).decode(),
    } | changes


async def sent(client: httpx.AsyncClient, document: dict[str, Any]) -> str:
    answer = await client.post("/documents", json=document)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def test_a_document_is_accepted_then_delivered_with_evidence(
    client: httpx.AsyncClient, clock: ManualClock, tmp_path: Path
) -> None:
    document_id = await sent(client, a_document())
    assert (await client.get(f"/documents/{document_id}")).json()["state"] == "accepted"
    clock.pass_seconds(0.1)
    report = (await client.get(f"/documents/{document_id}")).json()
    assert report["state"] == "delivered"
    assert report["evidence"]["sha256"] == hashlib.sha256(INVOICE).hexdigest()
    assert report["evidence"]["timestamp"] == "2026-11-23T09:00:00.100Z"
    assert (tmp_path / "e-invoice" / f"{document_id}.xml").read_bytes() == INVOICE


async def test_the_same_guid_is_one_document(client: httpx.AsyncClient, tmp_path: Path) -> None:
    document = a_document()
    assert await sent(client, document) == await sent(client, document)
    assert len(list((tmp_path / "e-invoice").iterdir())) == 1
    other = document | {"xml": base64.b64encode(INVOICE.replace(b"1", b"2")).decode()}
    assert (await client.post("/documents", json=other)).status_code == 409


async def test_everybody_is_registered_until_told_otherwise(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    assert (await client.get("/lookup", params=BUYER)).json()["registered"] is True
    await client.post("/simulate/registrations", json=BUYER | {"registered": False})
    assert (await client.get("/lookup", params=BUYER)).json()["registered"] is False
    document_id = await sent(client, a_document())
    clock.pass_seconds(1)
    assert (await client.get(f"/documents/{document_id}")).json()["state"] == "failed"
    await client.post("/simulate/registrations", json=BUYER | {"registered": True})
    assert (await client.get("/lookup", params=BUYER)).json()["registered"] is True


@pytest.mark.parametrize(("outcome", "state"), [("failed", "failed"), ("silent", "accepted")])
async def test_a_rule_decides_what_becomes_of_a_document(
    client: httpx.AsyncClient, clock: ManualClock, outcome: str, state: str
) -> None:
    await misbehave(client, match={"receiver": "0208:0428759497"}, outcome=outcome)
    document_id = await sent(client, a_document(receiver="0208:0428759497"))
    clock.pass_seconds(100)
    assert (await client.get(f"/documents/{document_id}")).json()["state"] == state


@pytest.mark.parametrize(
    "changes",
    [{"xml": "%%%"}, {"xml": base64.b64encode(b"<a>").decode()}, {"xml": base64.b64encode(b"<a/>").decode()}],
)
async def test_what_is_not_an_invoice_is_refused(client: httpx.AsyncClient, changes: dict[str, Any]) -> None:
    assert (await client.post("/documents", json=a_document(**changes))).status_code == 422


async def test_an_unknown_document_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/documents/{uuid4()}")).status_code == 404


async def test_a_malformed_participant_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/lookup", params={"scheme": "0208", "id": "12"})).status_code == 422
