"""Reads a payment order (pain.001) after judging it by its schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from simulators.bank.amounts import MalformedAmount, to_minor

VERSIONS = ("pain.001.001.03", "pain.001.001.09", "pain.001.001.10", "pain.001.001.11")
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
transfer_count_max = 10_000


class MalformedOrder(Exception):
    """The document is not a payment order this bank can read."""

    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer of an order."""

    payment_information_id: str
    end_to_end_id: str
    instruction_id: str | None
    amount_minor: int
    currency: str
    debtor_name: str
    debtor_iban: str
    creditor_name: str
    creditor_iban: str
    reference: str | None
    remittance: str | None
    execution_date: date


@dataclass(frozen=True, slots=True)
class Order:
    """A message with its transfers; `canonical` is the form in which two messages are compared."""

    message_id: str
    message_name: str
    transfers: tuple[Transfer, ...]
    canonical: bytes


def read_order(body: bytes) -> Order:
    """The order in a pain.001 document. Raises `MalformedOrder` with what the schema finds."""
    document = _parse(body)
    version = etree.QName(document).namespace or ""
    name = version.removeprefix(NAMESPACE)
    if name not in VERSIONS:
        raise MalformedOrder(f"The namespace is none of {', '.join(VERSIONS)}")
    try:
        compiled_schema(name).assertValid(document)
    except etree.DocumentInvalid as error:
        raise MalformedOrder(str(error)) from error
    return _Reader(version).order(document, name)


@cache
def compiled_schema(name: str) -> etree.XMLSchema:
    """The official schema of one version, as the sepaxml package carries it; compiled once."""
    with as_file(files("sepaxml") / "schemas" / f"{name}.xsd") as file:
        return etree.XMLSchema(etree.parse(str(file)))


def _parse(body: bytes) -> etree._Element:
    if b"<!DOCTYPE" in body:
        raise MalformedOrder("A document type declaration is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedOrder(f"The document is not well-formed XML: {error.msg}") from error


class _Reader:
    def __init__(self, namespace: str) -> None:
        self._namespaces = {"p": namespace}

    def order(self, document: etree._Element, name: str) -> Order:
        header = self._element(document, "p:CstmrCdtTrfInitn/p:GrpHdr")
        transfers = tuple(
            self._transfer(information, transaction)
            for information in document.iterfind("p:CstmrCdtTrfInitn/p:PmtInf", self._namespaces)
            for transaction in information.iterfind("p:CdtTrfTxInf", self._namespaces)
        )
        if len(transfers) > transfer_count_max:
            raise MalformedOrder(f"More than {transfer_count_max} transfers in one order")
        self._check_totals(header, transfers)
        return Order(
            message_id=self._text(header, "p:MsgId"),
            message_name=name,
            transfers=transfers,
            canonical=etree.tostring(document, method="c14n"),
        )

    def _check_totals(self, header: etree._Element, transfers: tuple[Transfer, ...]) -> None:
        if int(self._text(header, "p:NbOfTxs")) != len(transfers):
            raise MalformedOrder("NbOfTxs is not the number of transfers")
        announced = self._optional(header, "p:CtrlSum")
        # Currencies may differ in decimals; the sum is checked where it means something.
        currencies = {transfer.currency for transfer in transfers}
        if announced is None or len(currencies) != 1:
            return
        try:
            sum_minor = to_minor(announced, currencies.pop())
        except MalformedAmount as error:
            raise MalformedOrder("CtrlSum is not an amount") from error
        if sum_minor != sum(transfer.amount_minor for transfer in transfers):
            raise MalformedOrder("CtrlSum is not the sum of the transfers")

    def _transfer(self, information: etree._Element, transaction: etree._Element) -> Transfer:
        end_to_end_id = self._text(transaction, "p:PmtId/p:EndToEndId")
        instructed = transaction.find("p:Amt/p:InstdAmt", self._namespaces)
        if instructed is None:
            raise MalformedOrder(f"{end_to_end_id}: InstdAmt is needed")
        currency = instructed.get("Ccy", "")
        try:
            amount_minor = to_minor(instructed.text or "", currency)
        except MalformedAmount as error:
            raise MalformedOrder(f"{end_to_end_id}: the amount has too many decimals") from error
        if amount_minor == 0:
            raise MalformedOrder(f"{end_to_end_id}: the amount is zero")
        requested = information.find("p:ReqdExctnDt", self._namespaces)
        requested_text = "" if requested is None else "".join(str(part) for part in requested.itertext())
        return Transfer(
            payment_information_id=self._text(information, "p:PmtInfId"),
            end_to_end_id=end_to_end_id,
            instruction_id=self._optional(transaction, "p:PmtId/p:InstrId"),
            amount_minor=amount_minor,
            currency=currency,
            debtor_name=self._optional(information, "p:Dbtr/p:Nm") or "",
            debtor_iban=self._text(information, "p:DbtrAcct/p:Id/p:IBAN"),
            creditor_name=self._optional(transaction, "p:Cdtr/p:Nm") or "",
            creditor_iban=self._text(transaction, "p:CdtrAcct/p:Id/p:IBAN"),
            reference=self._optional(transaction, "p:RmtInf/p:Strd/p:CdtrRefInf/p:Ref"),
            remittance=self._optional(transaction, "p:RmtInf/p:Ustrd"),
            execution_date=date.fromisoformat(requested_text.strip()[:10]),
        )

    def _element(self, parent: etree._Element, path: str) -> etree._Element:
        found = parent.find(path, self._namespaces)
        if found is None:
            raise MalformedOrder(f"{path.replace('p:', '')} is needed")
        return found

    def _text(self, parent: etree._Element, path: str) -> str:
        return (self._element(parent, path).text or "").strip()

    def _optional(self, parent: etree._Element, path: str) -> str | None:
        found = parent.findtext(path, namespaces=self._namespaces)
        return found.strip() or None if found else None
