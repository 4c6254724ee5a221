"""The payment file for the bank: ISO 20022 pain.001.001.09, wages as SEPA or domestic credit transfers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from lxml import etree

from commons.country import Country
from commons.identifiers import iban
from commons.money import Money, total
from payroll.documents.sepa_text import is_reference, latin_text, sepa_text
from payroll.domain.errors import (
    PaymentFileEmpty,
    PaymentFileTooLarge,
    PaymentNotPositive,
    PaymentReferenceTwice,
    PaymentTextEmpty,
)
from payroll.domain.law import PayrollLaw

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAYMENTS_MAX: Final = 10_000  # a larger run is cut into several files
NAME_LENGTH_MAX: Final = 70  # the SEPA schemes print 70 of the 140 signs that the schema allows
REMITTANCE_LENGTH_MAX: Final = 140

ORDINARY: Final = "ordinary"
INSTANT: Final = "instant"
DOMESTIC: Final = "domestic"  # in the country's own currency, outside the schemes of the euro area


@dataclass(frozen=True, slots=True)
class Debtor:
    """The entity that pays: its name and account; the BIC may be missing, the bank knows it."""

    name: str
    iban: str
    bic: str | None = None


@dataclass(frozen=True, slots=True)
class WagePayment:
    """One wage to be paid. `end_to_end_id` comes back in the bank's answer and names the payslip."""

    end_to_end_id: str
    creditor_name: str
    creditor_iban: str
    amount: Money
    remittance: str


def transfer_scheme(law: PayrollLaw, country: Country, day: date) -> str:
    """`ordinary`, `instant` or `domestic`, as the country's data says for a bank day or another day."""
    rule = law.rule("payment", day)
    return rule.text("on_bank_day" if country.is_bank_day(day) else "on_other_day")


def write_payment_file(
    *,
    message_id: str,
    created_at: datetime,
    execution_date: date,
    debtor: Debtor,
    payments: Sequence[WagePayment],
    scheme: str,
    decimals: int | None = None,
) -> bytes:
    """The file as bytes, deterministic: the same input gives the same bytes.

    `decimals` are those of whole amounts, as the country's banks write them; all where nothing is said.
    Names and remittance texts are brought into the character set of the scheme; references are taken as they
    are.
    Raises PaymentFileEmpty, PaymentFileTooLarge, PaymentNotPositive, PaymentReferenceTwice, PaymentTextEmpty,
    MalformedIban, CurrencyMismatch.
    """
    _check(message_id, payments)
    currency = payments[0].amount.currency
    sum_text = total([payment.amount for payment in payments], currency).written(decimals)
    text = _TEXTS[scheme]
    root = etree.Element(_name("Document"), nsmap={None: NAMESPACE})  # type: ignore[dict-item] # no prefix: the default namespace
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(header, "NbOfTxs", str(len(payments)))
    _add(header, "CtrlSum", sum_text)
    _add(_add(header, "InitgPty"), "Nm", text(debtor.name, NAME_LENGTH_MAX))
    batch = _add(initiation, "PmtInf")
    _add(batch, "PmtInfId", message_id)
    _add(batch, "PmtMtd", "TRF")
    # Booked one by one: a wage that bounces must be seen by itself, and a batch would show colleagues' sums.
    _add(batch, "BtchBookg", "false")
    _add(batch, "NbOfTxs", str(len(payments)))
    _add(batch, "CtrlSum", sum_text)
    _payment_type(batch, scheme)
    _add(_add(batch, "ReqdExctnDt"), "Dt", execution_date.isoformat())
    _add(_add(batch, "Dbtr"), "Nm", text(debtor.name, NAME_LENGTH_MAX))
    _add(_add(_add(batch, "DbtrAcct"), "Id"), "IBAN", _debtor_account(debtor.iban))
    bank = _add(_add(batch, "DbtrAgt"), "FinInstnId")
    if debtor.bic is None:
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")
    else:
        _add(bank, "BICFI", debtor.bic)
    # Who pays the charges: by the service level where there is one, else each side its own.
    _add(batch, "ChrgBr", "SHAR" if scheme == DOMESTIC else "SLEV")
    for payment in payments:
        _transaction(batch, payment, text, decimals)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


_TEXTS: Final[Mapping[str, Callable[[str, int], str]]] = {
    ORDINARY: sepa_text,
    INSTANT: sepa_text,
    DOMESTIC: latin_text,
}


@lru_cache(maxsize=100)  # of entities: theirs stands in every file
def _debtor_account(given: str) -> str:
    return iban(given)


def _payment_type(batch: etree._Element, scheme: str) -> None:
    kind = _add(batch, "PmtTpInf")
    if scheme != DOMESTIC:
        _add(_add(kind, "SvcLvl"), "Cd", "SEPA")
    if scheme == INSTANT:
        _add(_add(kind, "LclInstrm"), "Cd", "INST")
    _add(_add(kind, "CtgyPurp"), "Cd", "SALA")


def _transaction(
    batch: etree._Element, payment: WagePayment, text: Callable[[str, int], str], decimals: int | None
) -> None:
    transfer = _add(batch, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", payment.end_to_end_id)
    amount = _add(_add(transfer, "Amt"), "InstdAmt", payment.amount.written(decimals))
    amount.set("Ccy", payment.amount.currency)
    _add(_add(transfer, "Cdtr"), "Nm", text(payment.creditor_name, NAME_LENGTH_MAX))
    _add(_add(_add(transfer, "CdtrAcct"), "Id"), "IBAN", iban(payment.creditor_iban))
    _add(_add(transfer, "Purp"), "Cd", "SALA")
    _add(_add(transfer, "RmtInf"), "Ustrd", text(payment.remittance, REMITTANCE_LENGTH_MAX))


def _check(message_id: str, payments: Sequence[WagePayment]) -> None:
    if not payments:
        raise PaymentFileEmpty()
    if len(payments) > PAYMENTS_MAX:
        raise PaymentFileTooLarge(payments=len(payments), payments_max=PAYMENTS_MAX)
    references = [payment.end_to_end_id for payment in payments]
    if not all(is_reference(reference) for reference in (message_id, *references)):
        raise PaymentTextEmpty(field="reference")
    if len(set(references)) < len(references):
        raise PaymentReferenceTwice()
    for payment in payments:
        if payment.amount.minor <= 0:
            raise PaymentNotPositive(reference=payment.end_to_end_id, amount=payment.amount)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, _name(name))
    child.text = text
    return child


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
