"""Writes what the bank tells its customer: pain.002.001.10 and camt.053.001.08."""

from __future__ import annotations

import hashlib
from datetime import datetime

from lxml import etree

from simulators.bank.amounts import to_text
from simulators.bank.ledger import Statement, signed_minor, structured_reference
from simulators.clock import instant_text
from simulators.store import Row

PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT_053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
NOTE = "SIMULATED: no money moved"


def status_report(payment: Row, transfers: list[Row], *, now: datetime, is_settled: bool) -> bytes:
    """The fate of each transfer of an order: ACSC executed, RJCT with a reason, ACSP still under way."""
    document = _Node.document(PAIN_002)
    report = document.add("CstmrPmtStsRpt")
    header = report.add("GrpHdr")
    header.add("MsgId", f"STS{_digest(payment['message_id'])}")
    header.add("CreDtTm", instant_text(now))
    group = report.add("OrgnlGrpInfAndSts")
    group.add("OrgnlMsgId", payment["message_id"])
    group.add("OrgnlMsgNmId", payment["message_name"])
    group.add("OrgnlNbOfTxs", str(len(transfers)))
    group.add("GrpSts", _common_status(transfers, is_settled))
    group.add("StsRsnInf").add("AddtlInf", NOTE)
    for information_id in dict.fromkeys(row["payment_information_id"] for row in transfers):
        mine = [row for row in transfers if row["payment_information_id"] == information_id]
        information = report.add("OrgnlPmtInfAndSts")
        information.add("OrgnlPmtInfId", information_id)
        information.add("OrgnlNbOfTxs", str(len(mine)))
        information.add("PmtInfSts", _common_status(mine, is_settled))
        for row in mine:
            _transaction_status(information, row, is_settled)
    return document.to_bytes()


def account_statement(statement: Statement, *, now: datetime, times: int = 1) -> bytes:
    """An account's statement. Told to repeat itself, the bank writes the same statement twice."""
    document = _Node.document(CAMT_053)
    message = document.add("BkToCstmrStmt")
    header = message.add("GrpHdr")
    statement_id = _statement_id(statement)
    header.add("MsgId", f"M{statement_id}")
    header.add("CreDtTm", instant_text(now))
    header.add("AddtlInf", NOTE)
    for _ in range(times):
        _statement(message, statement, statement_id, now)
    return document.to_bytes()


def entry_reference(entry_id: int) -> str:
    """The bank's own number of an entry: it never changes, so a reader can know it again."""
    return f"SIM{entry_id:012d}"


def _transaction_status(information: _Node, row: Row, is_settled: bool) -> None:
    status = information.add("TxInfAndSts")
    status.add("StsId", f"T{_digest(row['message_id'])}-{row['position']}")
    if row["instruction_id"]:
        status.add("OrgnlInstrId", row["instruction_id"])
    status.add("OrgnlEndToEndId", row["end_to_end_id"])
    status.add("TxSts", _status(row, is_settled))
    if row["refusal"]:
        reason = status.add("StsRsnInf")
        reason.add("Rsn").add("Cd", row["refusal"])
        reason.add("AddtlInf", NOTE)
    original = status.add("OrgnlTxRef")
    original.add("Amt").add("InstdAmt", to_text(row["amount_minor"], row["currency"]), Ccy=row["currency"])
    original.add("ReqdExctnDt").add("Dt", row["execution_date"])
    original.add("CdtrAcct").add("Id").add("IBAN", row["creditor_iban"])


def _status(row: Row, is_settled: bool) -> str:
    if row["refusal"]:
        return "RJCT"
    return "ACSC" if is_settled else "ACSP"


def _common_status(transfers: list[Row], is_settled: bool) -> str:
    statuses = {_status(row, is_settled) for row in transfers}
    return statuses.pop() if len(statuses) == 1 else "PART"


def _statement(message: _Node, statement: Statement, statement_id: str, now: datetime) -> None:
    part = message.add("Stmt")
    part.add("Id", statement_id)
    part.add("CreDtTm", instant_text(now))
    period = part.add("FrToDt")
    period.add("FrDtTm", f"{statement.first_day.isoformat()}T00:00:00")
    period.add("ToDtTm", f"{statement.last_day.isoformat()}T23:59:59")
    account = part.add("Acct")
    account.add("Id").add("IBAN", statement.iban)
    account.add("Ccy", statement.currency)
    _balance(part, "OPBD", statement.opening_minor, statement.currency, statement.first_day.isoformat())
    _balance(part, "CLBD", statement.closing_minor, statement.currency, statement.last_day.isoformat())
    _summary(part, statement)
    for entry in statement.entries:
        _entry(part, entry, statement.currency)


def _balance(part: _Node, code: str, minor: int, currency: str, day: str) -> None:
    balance = part.add("Bal")
    balance.add("Tp").add("CdOrPrtry").add("Cd", code)
    balance.add("Amt", to_text(minor, currency), Ccy=currency)
    balance.add("CdtDbtInd", "DBIT" if minor < 0 else "CRDT")
    balance.add("Dt").add("Dt", day)


def _summary(part: _Node, statement: Statement) -> None:
    summary = part.add("TxsSummry")
    net_minor = statement.closing_minor - statement.opening_minor
    total = summary.add("TtlNtries")
    total.add("NbOfNtries", str(len(statement.entries)))
    total.add("Sum", to_text(sum(entry["amount_minor"] for entry in statement.entries), statement.currency))
    net = total.add("TtlNetNtry")
    net.add("Amt", to_text(net_minor, statement.currency))
    net.add("CdtDbtInd", "DBIT" if net_minor < 0 else "CRDT")
    for element, direction in (("TtlCdtNtries", "CRDT"), ("TtlDbtNtries", "DBIT")):
        mine = [entry for entry in statement.entries if entry["direction"] == direction]
        side = summary.add(element)
        side.add("NbOfNtries", str(len(mine)))
        side.add("Sum", to_text(sum(signed_minor(entry) for entry in mine), statement.currency))


def _entry(part: _Node, entry: Row, currency: str) -> None:
    node = part.add("Ntry")
    node.add("NtryRef", entry_reference(entry["id"]))
    node.add("Amt", to_text(entry["amount_minor"], currency), Ccy=currency)
    node.add("CdtDbtInd", entry["direction"])
    node.add("Sts").add("Cd", "BOOK")
    node.add("BookgDt").add("Dt", entry["booking_date"])
    node.add("ValDt").add("Dt", entry["booking_date"])
    node.add("AcctSvcrRef", entry_reference(entry["id"]))
    domain = node.add("BkTxCd").add("Domn")
    domain.add("Cd", "PMNT")
    family = domain.add("Fmly")
    is_return = entry["family"] == "RRTN"
    family.add("Cd", "ICDT" if is_return else entry["family"])
    family.add("SubFmlyCd", "RRTN" if is_return else "ESCT")
    _details(node.add("NtryDtls").add("TxDtls"), entry, currency)


def _details(details: _Node, entry: Row, currency: str) -> None:
    references = details.add("Refs")
    if entry["message_id"]:
        references.add("MsgId", entry["message_id"])
    references.add("AcctSvcrRef", entry_reference(entry["id"]))
    references.add("EndToEndId", entry["end_to_end_id"] or "NOTPROVIDED")
    details.add("Amt", to_text(entry["amount_minor"], currency), Ccy=currency)
    details.add("CdtDbtInd", entry["direction"])
    # Money that came back still names the party it had been sent to.
    is_other_creditor = entry["family"] in ("ICDT", "RRTN")
    parties = details.add("RltdPties")
    role = "Cdtr" if is_other_creditor else "Dbtr"
    parties.add(role).add("Pty").add("Nm", entry["other_name"] or "NOTPROVIDED")
    if entry["other_iban"]:
        parties.add(f"{role}Acct").add("Id").add("IBAN", entry["other_iban"])
    _remittance(details, entry)
    if entry["family"] == "RRTN":
        details.add("RtrInf").add("Rsn").add("Cd", "AC04")


def _remittance(details: _Node, entry: Row) -> None:
    if not entry["reference"] and not entry["remittance"]:
        return
    information = details.add("RmtInf")
    if entry["remittance"]:
        information.add("Ustrd", entry["remittance"])
    if not entry["reference"]:
        return
    reference = information.add("Strd").add("CdtrRefInf")
    issuer, text = structured_reference(entry["reference"]) or (None, entry["reference"])
    kind = reference.add("Tp")
    kind.add("CdOrPrtry").add("Cd", "SCOR")
    if issuer:
        kind.add("Issr", issuer)
    reference.add("Ref", text)


def _statement_id(statement: Statement) -> str:
    days = f"{statement.first_day:%Y%m%d}{statement.last_day:%Y%m%d}"
    return f"{days}-{_digest(statement.iban)[:12]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Node:
    """A thin hand on an element tree in which every element has the same namespace."""

    def __init__(self, element: etree._Element, namespace: str) -> None:
        self._element = element
        self._namespace = namespace

    @classmethod
    def document(cls, namespace: str) -> _Node:
        root = etree.Element(
            f"{{{namespace}}}Document",
            nsmap={None: namespace},  # type: ignore[dict-item]  # the stubs forget the default namespace
        )
        return cls(root, namespace)

    def add(self, name: str, text: str | None = None, **attributes: str) -> _Node:
        child = etree.SubElement(self._element, f"{{{self._namespace}}}{name}")
        child.text = text
        for key, value in attributes.items():
            child.set(key, value)
        return _Node(child, self._namespace)

    def to_bytes(self) -> bytes:
        return etree.tostring(self._element, xml_declaration=True, encoding="UTF-8")
