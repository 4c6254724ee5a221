from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pikepdf
import pytest

from commons.claims import Claims
from commons.clock import Clock
from commons.context import ctx_factory
from commons.country import Country
from commons.database import Pools
from commons.effects import Effects, execute_one
from commons.testing import SetClock
from commons.testing.api import AskedApi
from invoicing.adapters.e_invoice import EInvoiceNetwork
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.documents import formats
from invoicing.documents.finding import FATAL, Finding
from invoicing.documents.validator import JUDGE_FAILED, Validator
from invoicing.effects.e_invoice_send import e_invoice_send
from invoicing.effects.invoice_documents import invoice_documents
from invoicing.effects.invoice_mail import invoice_mail
from invoicing.service import Invoicing

pytestmark = pytest.mark.usefixtures("judge_of_invoices")

ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))
STEPS_MAX = 200
Rule = Callable[..., None]


class Later(SetClock):
    """Real time plus what the test lets pass, so that no retry is waited for."""

    def __init__(self) -> None:
        super().__init__(Clock().now())


class Worker:
    """What the service's worker does about invoices, one effect at a time."""

    def __init__(
        self, pools: Pools, country: Country, service: Invoicing, http: httpx.AsyncClient, at: dict[str, str]
    ) -> None:
        self.clock = Later()
        network = EInvoiceNetwork(http, at["E_INVOICE"])
        self.effects = Effects(
            pools.write,
            {
                "invoice.documents": invoice_documents(pools, service),
                "e_invoice.send": e_invoice_send(pools, network),
                "mail.invoice": invoice_mail(http, at["MAIL"], pools),
            },
            ctx_factory(country=country, service=service, read=pools.read),
            self.clock,
        )
        self._pools = pools
        self.http = http
        self._at = at

    async def step(self) -> bool:
        """The next effect that is due."""
        return await execute_one(self.effects)

    async def until(self, invoice: str, state: str) -> Any:
        """Works until the invoice's transmission is in a state; the row."""
        for _ in range(STEPS_MAX):
            await self.step()
            row = await self.transmission(invoice)
            if row["state"] == state:
                return row
            self.clock.advance(10)
            await self.http.get(f"{self._at['E_INVOICE']}/livez")
        raise AssertionError(f"the transmission stays {row['state']}: {row['evidence']}")

    async def transmission(self, invoice: str) -> Any:
        """Where the invoice is."""
        return await self._pools.read.fetchrow(
            "select * from transmission where invoice_id = $1", UUID(invoice)
        )

    async def drop_what_waits(self) -> None:
        """Ends what other tests left."""
        await self._pools.write.execute(
            "update effect set state = 'failed' where state not in ('done', 'failed')"
        )


@pytest.fixture
async def worker(
    pools: Pools, belgium: Country, service: Invoicing, outside: dict[str, str]
) -> AsyncIterator[Worker]:
    async with httpx.AsyncClient(timeout=10) as http:
        made = Worker(pools, belgium, service, http, outside)
        await made.drop_what_waits()
        yield made


@pytest.fixture
def misbehave(outside: dict[str, str]) -> Any:
    """Makes a simulated party misbehave for this test."""
    addresses: list[str] = []

    def add(party: str, **rule: Any) -> None:
        addresses.append(outside[party])
        assert httpx.post(f"{outside[party]}/simulate/behavior", json=rule).is_success

    yield add
    for address in addresses:
        httpx.delete(f"{address}/simulate/behavior")


async def issued(desk: Any, **changed: Any) -> Any:
    order = await desk.confirm(**changed)
    await desk.open_day(date(2026, 7, 31))
    return await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)


DOCUMENTS = """
query ($id: ID!) {
  invoice(id: $id) {
    number
    documents { kind mediaType sha256 sizeBytes ruleSet }
    ubl: document(kind: UBL) { mediaType sha256 content }
    pdf: document(kind: PDF) { mediaType sha256 content }
    transmission { state reference evidence reason changedOn }
  }
}
"""


async def test_an_issued_invoice_becomes_ubl_and_pdf_and_reaches_the_buyer_with_evidence(
    worker: Worker, desk: Any, api: AskedApi, outside: dict[str, str], judge_of_invoices: Validator
) -> None:
    invoice = await issued(desk)
    await worker.until(invoice.key, "delivered")
    found = (await api.ask(DOCUMENTS, who=desk.who, id=desk.id("Invoice", invoice.key))).data["invoice"]
    assert [each["kind"] for each in found["documents"]] == ["UBL", "PDF"]
    assert "EN 16931 1.3.16" in found["documents"][0]["ruleSet"]
    xml, pdf = (base64.b64decode(found[kind]["content"]) for kind in ("ubl", "pdf"))
    assert hashlib.sha256(xml).hexdigest() == found["ubl"]["sha256"] == found["documents"][0]["sha256"]
    assert found["documents"][1]["sizeBytes"] == len(pdf)
    assert await judge_of_invoices.findings(xml) == []
    assert f"<cbc:ID>{invoice.number}</cbc:ID>".encode() in xml
    assert invoice.payment_reference().encode() in xml
    transmission = found["transmission"]
    assert (transmission["state"], transmission["changedOn"]) == ("DELIVERED", "2026-07-31")
    assert transmission["evidence"]["sha256"] == found["ubl"]["sha256"]
    received = await worker.http.get(f"{outside['E_INVOICE']}/documents/{transmission['reference']}/xml")
    assert received.content == xml


async def test_the_pdf_carries_the_ubl_it_renders(
    worker: Worker, desk: Any, pools: Pools, tmp_path: Any
) -> None:
    invoice = await issued(desk)
    assert await worker.step()
    stored = {
        row["kind"]: row["content"]
        for row in await pools.read.fetch(
            "select kind, content from invoice_document where invoice_id = $1", UUID(invoice.key)
        )
    }
    file = tmp_path / "invoice.pdf"
    file.write_bytes(stored["pdf"])
    with pikepdf.open(file) as opened:
        [name] = list(opened.attachments)
        assert opened.attachments[name].get_file().read_bytes() == stored["ubl"]


async def test_the_network_is_asked_again_while_it_has_not_decided(
    worker: Worker, desk: Any, misbehave: Rule
) -> None:
    misbehave("E_INVOICE", match={"operation": "send"}, outcome="silent", times=1)
    invoice = await issued(desk)
    sent = await worker.until(invoice.key, "sent")
    assert sent["reference"] is not None
    for _ in range(3):
        worker.clock.advance(400)
        await worker.step()
    assert (await worker.transmission(invoice.key))["state"] == "sent"


@pytest.mark.parametrize("fault", ["busy", "error", "lost_answer"])
async def test_an_invoice_is_sent_once_although_the_network_stumbles(
    worker: Worker, desk: Any, misbehave: Rule, fault: str
) -> None:
    misbehave("E_INVOICE", match={"operation": "send"}, fault=fault, times=2)
    invoice = await issued(desk)
    assert (await worker.until(invoice.key, "delivered"))["reference"] is not None


async def test_a_refusal_of_the_network_is_written_down_with_its_reason(
    worker: Worker, desk: Any, api: AskedApi, misbehave: Rule
) -> None:
    misbehave("E_INVOICE", match={"operation": "send"}, outcome="failed", reason="No such mailbox", times=1)
    invoice = await issued(desk)
    failed = await worker.until(invoice.key, "failed")
    assert failed["evidence"] == {"reason": "No such mailbox"}
    ask = "query ($e: ID!) { invoices(entityId: $e, transmission: FAILED) { nodes { number transmission { reason } } } }"
    answer = await api.ask(ask, who=ACCOUNTANT, e=desk.id("Entity", desk.entity))
    [node] = answer.data["invoices"]["nodes"]
    assert (node["number"], node["transmission"]["reason"]) == (invoice.number, "No such mailbox")


async def test_a_buyer_who_is_not_on_the_network_is_flagged(
    worker: Worker, desk: Any, outside: dict[str, str]
) -> None:
    buyer = await desk.register_buyer(name="Absente SA", vat_number="BE0403019261")
    desk.buyer = buyer.key
    absent = {"scheme": "0208", "id": "0403019261", "registered": False}
    told = await worker.http.post(f"{outside['E_INVOICE']}/simulate/registrations", json=absent)
    assert told.is_success
    invoice = await issued(desk)
    failed = await worker.until(invoice.key, "failed")
    assert "not registered" in failed["evidence"]["reason"]


async def test_a_private_client_gets_the_pdf_by_mail(
    worker: Worker, desk: Any, outside: dict[str, str], pools: Pools
) -> None:
    buyer = await desk.register_buyer(name="Jeanne Dupont", vat_number="", email="jeanne@example.org")
    desk.buyer = buyer.key
    invoice = await issued(desk)
    await worker.until(invoice.key, "by_mail")
    found = await worker.http.get(f"{outside['MAIL']}/messages", params={"to": "jeanne@example.org"})
    messages = found.json()["messages"]
    message = next(each for each in messages if invoice.number in each["subject"])
    [attachment] = message["attachments"]
    assert attachment["filename"] == f"{invoice.number}.pdf"
    assert formats.day(date(2026, 8, 10), "fr") in message["text"]


async def test_a_final_document_that_breaks_a_rule_is_flagged_and_never_sent(
    worker: Worker, desk: Any, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = await issued(desk)

    async def strict(self: Validator, xml: bytes, kind: str = "invoice") -> list[Finding]:
        return [Finding("BR-CO-15", "en16931", FATAL, "wrong")]

    monkeypatch.setattr(Validator, "findings", strict)
    failed = await worker.until(invoice.key, "failed")
    assert failed["evidence"] == {"reason": "The document breaks BR-CO-15"}
    key = UUID(invoice.key)
    assert await pools.read.fetchval("select count(*) from invoice_document where invoice_id = $1", key) == 0
    assert (
        await pools.read.fetchval(
            "select count(*) from effect where kind = 'e_invoice.send' and key = $1", invoice.key
        )
        == 0
    )


async def test_a_judge_that_fails_is_asked_again_later(
    worker: Worker, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = await issued(desk)

    async def dead(self: Validator, xml: bytes, kind: str = "invoice") -> list[Finding]:
        return [Finding(JUDGE_FAILED, "xml", FATAL, "died")]

    with monkeypatch.context() as patched:
        patched.setattr(Validator, "findings", dead)
        await worker.step()
    assert (await worker.transmission(invoice.key))["state"] == "waiting"
    await worker.until(invoice.key, "delivered")


async def test_documents_that_are_made_again_are_the_same_bytes_and_stored_once(
    worker: Worker, desk: Any, pools: Pools
) -> None:
    invoice = await issued(desk)
    assert await worker.step()
    handler = worker.effects.handlers["invoice.documents"]

    class Same:
        key = invoice.key

    first = await handler.ask(Same())  # type: ignore[arg-type]  # only its key is looked at
    assert first == await handler.send(Same())  # type: ignore[arg-type]  # only its key is looked at
    assert (
        await pools.read.fetchval(
            "select count(*) from invoice_document where invoice_id = $1", UUID(invoice.key)
        )
        == 2
    )
