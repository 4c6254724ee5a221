"""Builds what the tests send; whatever does not matter has a default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from lxml import etree

from simulators.clock import Clock
from simulators.party import Party

EMPLOYER = "0403019261"
WORKER = "85073003328"
FUND_IBAN = "BE68539007547034"
MEMBER_IBAN = "BE71096123456769"
COMMUNICATION = "010806817183"
CLIENT_KEY = generate_private_key(public_exponent=65537, key_size=2048)


class ManualClock(Clock):
    """Time passes only when someone sleeps or the test says so."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.pass_seconds(seconds)

    def pass_seconds(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


def client_of(party: Party) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(party.asgi), base_url="http://party")


async def misbehave(client: httpx.AsyncClient, **rule: Any) -> int:
    answer = await client.post("/simulate/behavior", json=rule)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def token_form(clock: Clock, **changes: str) -> dict[str, str]:
    now = int(clock.now().timestamp())
    claims = {"jti": "1", "iss": "coop", "sub": "coop", "aud": "token", "exp": now + 300, "iat": now}
    return {
        "grant_type": "client_credentials",
        "scope": "scope:dimona:declaration:declarant scope:dimona:declaration:consult",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, CLIENT_KEY, algorithm="RS256"),
    } | changes


def a_dimona_in(**changes: Any) -> dict[str, Any]:
    start = {
        "features": {"jointCommissionNumber": "200", "workerType": "OTH"},
        "startDate": "2026-07-01",
        "endDate": "2026-07-31",
    }
    return {
        "employer": {"enterpriseNumber": changes.pop("employer", EMPLOYER)},
        "worker": {"ssin": changes.pop("worker", WORKER)},
        "dimonaIn": start | changes,
    }


def a_transfer(
    *, end_to_end_id: str = "E2E-1", amount: str = "2150.37", iban: str = MEMBER_IBAN, currency: str = "EUR"
) -> str:
    return f"""<CdtTrfTxInf>
      <PmtId><InstrId>I-{end_to_end_id}</InstrId><EndToEndId>{end_to_end_id}</EndToEndId></PmtId>
      <Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>
      <Cdtr><Nm>Amina Peeters</Nm></Cdtr>
      <CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>
      <RmtInf><Ustrd>Wage July 2026</Ustrd></RmtInf></CdtTrfTxInf>"""


def an_order(
    *transfers: str,
    message_id: str = "MSG-1",
    day: str = "2026-08-08",
    version: str = "09",
    count: int | None = None,
    control_sum: str | None = None,
) -> bytes:
    transfers = transfers or (a_transfer(),)
    requested = day if version == "03" else f"<Dt>{day}</Dt>"
    agent = "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>"
    total = "" if control_sum is None else f"<CtrlSum>{control_sum}</CtrlSum>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"><CstmrCdtTrfInitn>
  <GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-08-08T08:00:00</CreDtTm>
    <NbOfTxs>{len(transfers) if count is None else count}</NbOfTxs>{total}
    <InitgPty><Nm>Coop</Nm></InitgPty></GrpHdr>
  <PmtInf><PmtInfId>P-{message_id}</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>{requested}</ReqdExctnDt>
    <Dbtr><Nm>Coop</Nm></Dbtr><DbtrAcct><Id><IBAN>{FUND_IBAN}</IBAN></Id></DbtrAcct>
    <DbtrAgt>{agent}</DbtrAgt>{"".join(transfers)}</PmtInf>
</CstmrCdtTrfInitn></Document>""".encode()


def a_credit(**changes: Any) -> dict[str, Any]:
    return {
        "iban": FUND_IBAN,
        "amount": "1250.00",
        "currency": "EUR",
        "reference": COMMUNICATION,
        "debtor_name": "Client NV",
        "date": "2026-08-20",
    } | changes


def texts(document: bytes, path: str) -> list[str]:
    """The texts at a path written without namespaces, such as ".//TxInfAndSts/TxSts"."""
    root = etree.fromstring(document)
    namespace = etree.QName(root).namespace
    steps = [
        step if step.startswith(".") or not step else f"{{{namespace}}}{step}" for step in path.split("/")
    ]
    return [element.text or "" for element in root.iterfind("/".join(steps))]


def balances(document: bytes) -> tuple[Decimal, Decimal]:
    """Opening and closing balance of the first statement, with their signs."""
    amounts = [Decimal(text) for text in texts(document, ".//Stmt/Bal/Amt")]
    signs = [-1 if text == "DBIT" else 1 for text in texts(document, ".//Stmt/Bal/CdtDbtInd")]
    opening, closing = (amount * sign for amount, sign in zip(amounts, signs, strict=True))
    return opening, closing


def sum_of_entries(document: bytes) -> Decimal:
    amounts = texts(document, ".//Stmt/Ntry/Amt")
    signs = texts(document, ".//Stmt/Ntry/CdtDbtInd")
    return sum(
        (Decimal(text) * (-1 if sign == "DBIT" else 1) for text, sign in zip(amounts, signs, strict=True)),
        Decimal(0),
    )
