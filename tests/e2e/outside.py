"""The outside world of a story: the bank, the mail, the client's browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from lxml import etree

from tests.e2e.addresses import Addresses
from tests.e2e.answers import get, post_once
from tests.e2e.waiting import until

MESSAGES_MAX = 50
_LINK = re.compile(r"https?://[^\s\"'<>]+/orders/(?P<link>[^\s\"'<>?]+)")
_TRANSFER = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
  <GrpHdr><MsgId>{id}</MsgId><CreDtTm>{day}T08:00:00</CreDtTm><NbOfTxs>1</NbOfTxs>
    <InitgPty><Nm>Accountant</Nm></InitgPty></GrpHdr>
  <PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>
    <Dbtr><Nm>Accountant</Nm></Dbtr><DbtrAcct><Id><IBAN>{of}</IBAN></Id></DbtrAcct>
    <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
    <CdtTrfTxInf><PmtId><EndToEndId>{id}</EndToEndId></PmtId>
      <Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt>
      <Cdtr><Nm>{name}</Nm></Cdtr><CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct>
      <RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>BBA</Issr></Tp>
        <Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf></CdtTrfTxInf></PmtInf>
</CstmrCdtTrfInitn></Document>"""
_CAMT = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}


@dataclass(frozen=True, slots=True)
class Booking:
    """One entry of an account statement: a credit is positive, a debit negative."""

    day: date
    amount: Decimal


class Bank:
    """The simulated bank, as its customers see it."""

    def __init__(self, http: httpx.AsyncClient, url: str, currency: str = "EUR") -> None:
        self._http = http
        self._url = url
        self._currency = currency

    async def open_account(self, iban: str, *, opening_balance: str = "0") -> None:
        """Open an account at this bank."""
        body = {"iban": iban, "currency": self._currency, "opening_balance": opening_balance}
        await post_once(self._http, f"{self._url}/simulate/accounts", body)

    async def pay_in(
        self, *, to: str, amount: Decimal, reference: str, by: str, day: date, times: int = 1, text: str = ""
    ) -> None:
        """Somebody's transfer to an account, with the reference of what it pays or words of their own."""
        body = {
            "iban": to,
            "amount": str(amount),
            "currency": self._currency,
            "reference": re.sub(r"[^0-9A-Z]", "", reference) or None,
            "remittance": text or None,
            "debtor_name": by,
            "date": day.isoformat(),
            "times": times,
        }
        await post_once(self._http, f"{self._url}/simulate/credits", body)

    async def behave(self, **rule: Any) -> None:
        """How to behave from now on, in the words of the simulators' README."""
        await post_once(self._http, f"{self._url}/simulate/behavior", rule)

    async def pay_out(
        self, *, of: str, to: str, amount: Decimal, reference: str, name: str, day: date
    ) -> None:
        """A transfer that somebody orders by hand (pain.001) from an account at this bank."""
        order = _TRANSFER.format(
            id=uuid4().hex[:30],
            day=day.isoformat(),
            of=of,
            to=to,
            amount=amount,
            name=name,
            reference=re.sub(r"\D", "", reference),
        )
        answer = await self._http.post(
            f"{self._url}/payments", content=order.encode(), headers={"Content-Type": "application/xml"}
        )
        answer.raise_for_status()

    async def statement(self, iban: str, day: date) -> str:
        """The statement (camt.053) of a day."""
        url = f"{self._url}/accounts/{iban}/statements"
        return (await get(self._http, url, {"date": day.isoformat()})).text

    async def bookings(self, iban: str, first: date, last: date) -> list[Booking]:
        """What was booked on an account, in the order of the statement."""
        days = {"from": first.isoformat(), "to": last.isoformat()}
        answer = await get(self._http, f"{self._url}/accounts/{iban}/statements", days)
        return [_booking(entry) for entry in etree.fromstring(answer.content).iterfind(".//c:Ntry", _CAMT)]


class Authority:
    """The simulated authority, as somebody behind its counter sees it."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def behave(self, **rule: Any) -> None:
        """How to behave from now on, in the words of the simulators' README."""
        await post_once(self._http, f"{self._url}/simulate/behavior", rule)

    async def answer_at_last(self, national_number: str, outcome: str) -> None:
        """Decide what was left undecided about a worker."""
        body = {"ssin": national_number, "outcome": outcome}
        await post_once(self._http, f"{self._url}/simulate/answers", body)

    async def answer_return_at_last(self, reference: str, outcome: str) -> None:
        """Decide about a return that was left undecided."""
        body = {"reference": int(reference), "outcome": outcome}
        await post_once(self._http, f"{self._url}/simulate/returns/answers", body)

    async def returns(self, enterprise_number: str) -> Sequence[Mapping[str, Any]]:
        """The returns of an employer, in the order in which they came."""
        url = f"{self._url}/simulate/returns"
        answer = await get(self._http, url, {"enterprise_number": enterprise_number})
        found: Sequence[Mapping[str, Any]] = answer.json()["returns"]
        return found

    async def declarations(self, national_number: str) -> Sequence[Mapping[str, Any]]:
        """What was declared about a worker, in the order in which it came."""
        answer = await get(self._http, f"{self._url}/simulate/declarations", {"ssin": national_number})
        found: Sequence[Mapping[str, Any]] = answer.json()["declarations"]
        return found


class Mail:
    """The simulated mail, as its receivers see it."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def letters(self, to: str) -> Sequence[Mapping[str, Any]]:
        """What somebody received, newest first."""
        answer = await get(self._http, f"{self._url}/messages", {"to": to, "limit": MESSAGES_MAX})
        found: Sequence[Mapping[str, Any]] = answer.json()["messages"]
        return found

    async def signed_link(self, to: str) -> SignedLink:
        """The link to a quote in the newest letter that has one."""
        letters = await until(f"a letter with a link to {to}", lambda: self.letters(to), _has_link)
        return _links(letters)[0]


@dataclass(frozen=True, slots=True)
class SignedLink:
    """The address of a quote's page; the link is the permission."""

    url: str
    link: str


def _has_link(letters: Sequence[Mapping[str, Any]]) -> bool:
    return bool(_links(letters))


def _links(letters: Sequence[Mapping[str, Any]]) -> list[SignedLink]:
    found = [_LINK.search(letter.get("text") or letter.get("html") or "") for letter in letters]
    return [SignedLink(match[0].rstrip("."), match["link"].rstrip(".")) for match in found if match]


def _booking(entry: etree._Element) -> Booking:
    amount = Decimal(entry.findtext("c:Amt", namespaces=_CAMT) or "0")
    is_credit = entry.findtext("c:CdtDbtInd", namespaces=_CAMT) == "CRDT"
    day = entry.findtext("c:BookgDt/c:Dt", namespaces=_CAMT) or ""
    return Booking(date.fromisoformat(day), amount if is_credit else -amount)


def bank(http: httpx.AsyncClient, addresses: Addresses) -> Bank:
    """The bank of a stack."""
    return Bank(http, addresses.bank)


def mail(http: httpx.AsyncClient, addresses: Addresses) -> Mail:
    """The mail of a stack."""
    return Mail(http, addresses.mail)
