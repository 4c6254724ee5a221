"""Reads bank statements: ISO 20022 camt.053.001.02 and .08, from a bank or from someone else."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml import etree

from commons.money import AmountOutOfRange, Money, total
from commons.refusal import Refusal
from invoicing.documents.safe_xml import UnsafeXml, parse
from invoicing.domain.errors import MalformedStatement, StatementBalanceDoesNotAdd, StatementTooLarge

STATEMENT_BYTES_MAX: Final = 5 * 1024 * 1024
LINES_MAX: Final = 20_000
STATEMENTS_MAX: Final = 100
TEXT_CHARACTERS_MAX: Final = 500
_RETURNED: Final = "RRTN"  # ISO 20022, bank transaction sub-family: reimbursement of a returned transfer
_REASON_IN_WORDS: Final = "NARR"
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2199
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T|$)", re.ASCII)
_NAMESPACE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(02|08)")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One payment on a statement.

    `amount` is negative where money went out. The counterparty's IBAN is kept only as a SHA-256 hash: enough
    to see the same payer again, and no name is read at all.
    """

    position: int  # within its statement, from 0: with the statement's id it names the line for ever
    booking_date: date
    amount: Money
    structured_reference: str
    unstructured_reference: str
    end_to_end_id: str
    bank_reference: str
    counterparty_iban_sha256: str
    is_reversal: bool
    return_reason: str = ""  # the code with which a transfer of ours came back; empty for every other line


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one account; its lines lead from the opening to the closing balance."""

    id: str
    iban: str
    opening_balance: Money
    closing_balance: Money
    lines: tuple[StatementLine, ...]


def read_statements(data: bytes) -> list[Statement]:
    """Every statement of a file.

    Raises StatementTooLarge, MalformedStatement, StatementBalanceDoesNotAdd.
    """
    if len(data) > STATEMENT_BYTES_MAX:
        raise StatementTooLarge(bytes=len(data), bytes_max=STATEMENT_BYTES_MAX)
    try:
        root = parse(data, STATEMENT_BYTES_MAX)
    except UnsafeXml as fault:
        raise _malformed(fault.line) from None
    name = etree.QName(root)
    if name.localname != "Document" or not _NAMESPACE.fullmatch(name.namespace or ""):
        raise _malformed(_line_number(root))
    nodes = list(_all(root, "BkToCstmrStmt/Stmt"))
    if not 1 <= len(nodes) <= STATEMENTS_MAX:
        raise _malformed(_line_number(root))
    return [_statement(node) for node in nodes]


def _statement(node: etree._Element) -> Statement:
    opening = _balance(node, ("OPBD", "PRCD"))
    closing = _balance(node, ("CLBD",))
    if opening is None or closing is None:
        raise _malformed(_line_number(node))
    lines = tuple(_lines(node))
    currency = _same_currency(opening, closing, lines, _line_number(node))
    try:
        moved = total([line.amount for line in lines], currency)
        leads_to = opening + moved
    except AmountOutOfRange:
        raise _malformed(_line_number(node)) from None
    if leads_to != closing:
        raise StatementBalanceDoesNotAdd(
            statement=_need(node, "Id"), opening=opening, lines=moved, closing=closing
        )
    return Statement(_need(node, "Id"), _text(node, "Acct/Id/IBAN"), opening, closing, lines)


def _same_currency(opening: Money, closing: Money, lines: tuple[StatementLine, ...], line: int | None) -> str:
    currencies = {opening.currency, closing.currency, *(each.amount.currency for each in lines)}
    if len(currencies) != 1:
        raise _malformed(line)
    return opening.currency


def _balance(statement: etree._Element, codes: tuple[str, ...]) -> Money | None:
    # PRCD, the closing balance of the statement before, stands in for an opening balance at some banks.
    for code in codes:
        for balance in _all(statement, "Bal"):
            if _text(balance, "Tp/CdOrPrtry/Cd") == code:
                return _signed(balance)
    return None


def _lines(statement: etree._Element) -> Iterator[StatementLine]:
    position = 0
    for entry in _all(statement, "Ntry"):
        if _text(entry, "Sts/Cd") not in ("", "BOOK") or (_text(entry, "Sts") not in ("", "BOOK")):
            continue  # announced, not booked: it is not in the closing balance
        for line in _entry(entry, position):
            position += 1
            yield line


@dataclass(frozen=True, slots=True)
class _Booking:
    """What the payments of one entry have in common: read once, however many they are."""

    booking_date: date
    bank_reference: str
    is_reversal: bool
    return_reason: str


def _entry(entry: etree._Element, position: int) -> list[StatementLine]:
    """The payments of an entry: a bank may book many payments as one amount and list them below it."""
    amount = _signed(entry)
    details = list(itertools.islice(_all(entry, "NtryDtls/TxDtls"), LINES_MAX + 1))
    if position + max(len(details), 1) > LINES_MAX:
        raise _malformed(_line_number(entry))
    is_returned = _text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd") == _RETURNED
    booking = _Booking(
        booking_date=_booking_date(entry),
        bank_reference=_text(entry, "AcctSvcrRef"),
        is_reversal=_text(entry, "RvslInd") == "true",
        return_reason=_REASON_IN_WORDS if is_returned else "",
    )
    if len(details) <= 1:
        return [_line(booking, details[0] if details else entry, amount, position)]
    parts = [part for detail in details if (part := _detail_amount(detail, amount)) is not None]
    if len(parts) < len(details) or {part.currency for part in parts} != {amount.currency}:
        # The bank says who paid, but not how much each in our currency: one line that a person divides.
        return [_line(booking, entry, amount, position)]
    try:
        adds_up = total(parts, amount.currency) == amount
    except AmountOutOfRange:
        adds_up = False
    if not adds_up:
        raise _malformed(_line_number(entry))
    return [
        _line(booking, detail, part, position + offset)
        for offset, (detail, part) in enumerate(zip(details, parts, strict=True))
    ]


def _detail_amount(detail: etree._Element, entry_amount: Money) -> Money | None:
    node = detail if _first(detail, "Amt") is not None else _first(detail, "AmtDtls/TxAmt")
    if node is None:
        return None
    amount = _amount(node)
    indicator = _text(detail, "CdtDbtInd") or ("DBIT" if entry_amount.is_negative else "CRDT")
    return _with_sign(amount, indicator, _line_number(node))


def _line(booking: _Booking, detail: etree._Element, amount: Money, position: int) -> StatementLine:
    other = "RltdPties/CdtrAcct" if amount.is_negative else "RltdPties/DbtrAcct"
    counterparty = _text(detail, f"{other}/Id/IBAN").replace(" ", "").upper()
    return StatementLine(
        position=position,
        booking_date=booking.booking_date,
        amount=amount,
        structured_reference=_text(detail, "RmtInf/Strd/CdtrRefInf/Ref"),
        unstructured_reference=" ".join((node.text or "").strip() for node in _all(detail, "RmtInf/Ustrd"))[
            :TEXT_CHARACTERS_MAX
        ],
        end_to_end_id=_text(detail, "Refs/EndToEndId"),
        bank_reference=_text(detail, "Refs/AcctSvcrRef") or booking.bank_reference,
        counterparty_iban_sha256=hashlib.sha256(counterparty.encode()).hexdigest() if counterparty else "",
        return_reason=_text(detail, "RtrInf/Rsn/Cd") or booking.return_reason,
        is_reversal=booking.is_reversal,
    )


def _booking_date(entry: etree._Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    try:
        if not _DAY.match(text):  # Python reads weeks and days of the year too, the standard has none
            raise ValueError(text)
        day = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
        if not YEAR_MIN <= day.year <= YEAR_MAX:
            raise ValueError(day)
    except ValueError:
        raise _malformed(_line_number(entry)) from None
    return day


def _signed(node: etree._Element) -> Money:
    return _with_sign(_amount(node), _need(node, "CdtDbtInd"), _line_number(node))


def _with_sign(amount: Money, indicator: str, line: int | None) -> Money:
    if indicator not in ("CRDT", "DBIT"):
        raise _malformed(line)
    return amount if indicator == "CRDT" else -amount


def _amount(node: etree._Element) -> Money:
    amount = _first(node, "Amt")
    if amount is None:
        raise _malformed(_line_number(node))
    try:
        money = Money.of((amount.text or "").strip(), amount.get("Ccy", ""))
    except Refusal:
        raise _malformed(_line_number(amount)) from None
    if money.is_negative:  # the sign is said by credit or debit
        raise _malformed(_line_number(amount))
    return money


def _need(node: etree._Element, path: str) -> str:
    value = _text(node, path)
    if not value:
        raise _malformed(_line_number(node))
    return value


def _text(node: etree._Element, path: str) -> str:
    found = _first(node, path)
    return (found.text or "").strip()[:TEXT_CHARACTERS_MAX] if found is not None else ""


def _first(node: etree._Element, path: str) -> etree._Element | None:
    return next(_all(node, path), None)


def _all(node: etree._Element, path: str) -> Iterator[etree._Element]:
    return node.iterfind("/".join(f"{{*}}{step}" for step in path.split("/")))


def _malformed(line: int | None) -> MalformedStatement:
    """What the reader of the XML says of it is for programmers: a person is told the line."""
    return MalformedStatement() if line is None else MalformedStatement(line=line)


def _line_number(node: etree._Element) -> int | None:
    number: int | None = node.sourceline  # type: ignore[assignment] # the stubs miss its type
    return number
