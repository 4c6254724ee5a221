"""The bank's answer to a payment file: ISO 20022 pain.002.001.10, one verdict for each payment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lxml import etree

from payroll.domain.errors import PaymentFileMalformed, PaymentFileTooLarge

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
SIZE_BYTES_MAX: Final = 20_000_000  # ten thousand verdicts take a third of this
VERDICTS_MAX: Final = 20_000
TEXT_LENGTH_MAX: Final = 140


class PaymentStatus(StrEnum):
    """What became of a payment: booked, rejected, or on its way."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDING = "pending"


# The bank's codes. Settled on the debtor's side (ACSC, ACCC) is what makes a wage paid; accepted for
# execution (ACCP, ACTC, ACSP, ACWC) can still be rejected.
_STATUS: Final[dict[str, PaymentStatus]] = {
    "ACSC": PaymentStatus.ACCEPTED,
    "ACCC": PaymentStatus.ACCEPTED,
    "RJCT": PaymentStatus.REJECTED,
    "CANC": PaymentStatus.REJECTED,
    "ACCP": PaymentStatus.PENDING,
    "ACTC": PaymentStatus.PENDING,
    "ACSP": PaymentStatus.PENDING,
    "ACWC": PaymentStatus.PENDING,
    "PDNG": PaymentStatus.PENDING,
    "RCVD": PaymentStatus.PENDING,
    "PART": PaymentStatus.PENDING,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The bank's word on one payment; `reason` is its code (AC04: account closed), `text` its own words."""

    end_to_end_id: str
    status: PaymentStatus
    bank_code: str
    reason: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The bank's answer: its own identifier, the file it answers, one verdict for each payment it names.

    `group_status` and the reason beside it stand for every payment of the file that has no verdict of its
    own; they are missing where the bank speaks only of single payments.
    """

    message_id: str
    original_message_id: str
    group_status: PaymentStatus | None
    group_reason: str | None
    verdicts: tuple[Verdict, ...]

    def status_of(self, end_to_end_id: str) -> PaymentStatus | None:
        """What became of one payment of the file; nothing where the bank has said nothing about it."""
        for verdict in self.verdicts:
            if verdict.end_to_end_id == end_to_end_id:
                return verdict.status
        return self.group_status


def read_status_report(document: bytes) -> StatusReport:
    """The verdicts of a status report.

    The file comes from outside: no entities, no network, no external definitions, and a size limit. Raises
    PaymentFileTooLarge, PaymentFileMalformed.
    """
    if len(document) > SIZE_BYTES_MAX:
        raise PaymentFileTooLarge(bytes=len(document), bytes_max=SIZE_BYTES_MAX)
    report = _root(document).find(_name("CstmrPmtStsRpt"))
    if report is None:
        raise PaymentFileMalformed(missing="CstmrPmtStsRpt")
    group = report.find(_name("OrgnlGrpInfAndSts"))
    if group is None:
        raise PaymentFileMalformed(missing="OrgnlGrpInfAndSts")
    group_code = _text(group, "GrpSts")
    reason, _ = _reason(group)
    return StatusReport(
        message_id=_required(report, "GrpHdr/MsgId"),
        original_message_id=_required(group, "OrgnlMsgId"),
        group_status=None if group_code is None else _status(group_code),
        group_reason=reason,
        verdicts=tuple(_verdicts(report)),
    )


def _root(document: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise PaymentFileMalformed() from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise PaymentFileMalformed(forbidden="DOCTYPE")
    if root.tag != _name("Document"):
        raise PaymentFileMalformed(expected=NAMESPACE)
    return root


def _verdicts(report: etree._Element) -> Iterator[Verdict]:
    count = 0
    for batch in report.findall(_name("OrgnlPmtInfAndSts")):
        batch_code, (batch_reason, batch_text) = _text(batch, "PmtInfSts"), _reason(batch)
        for payment in batch.findall(_name("TxInfAndSts")):
            count += 1
            if count > VERDICTS_MAX:
                raise PaymentFileTooLarge(verdicts_max=VERDICTS_MAX)
            code = _text(payment, "TxSts") or batch_code
            if code is None:
                raise PaymentFileMalformed(missing="TxSts")
            reason, text = _reason(payment)
            yield Verdict(
                end_to_end_id=_required(payment, "OrgnlEndToEndId"),
                status=_status(code),
                bank_code=code,
                reason=reason or batch_reason,
                text=text or batch_text,
            )


def _status(code: str) -> PaymentStatus:
    if code not in _STATUS:
        raise PaymentFileMalformed(status=code[:4])
    return _STATUS[code]


def _reason(element: etree._Element) -> tuple[str | None, str | None]:
    code = _text(element, "StsRsnInf/Rsn/Cd") or _text(element, "StsRsnInf/Rsn/Prtry")
    return code, _text(element, "StsRsnInf/AddtlInf")


def _required(element: etree._Element, path: str) -> str:
    text = _text(element, path)
    if text is None:
        raise PaymentFileMalformed(missing=path)
    return text


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find("/".join(_name(part) for part in path.split("/")))
    if found is None or found.text is None:
        return None
    return found.text.strip()[:TEXT_LENGTH_MAX] or None


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
