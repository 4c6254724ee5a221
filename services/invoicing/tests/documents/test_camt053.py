import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.money import Money
from invoicing.documents.camt053 import STATEMENT_BYTES_MAX, read_statements
from invoicing.domain.errors import (
    DocumentRefusal,
    MalformedStatement,
    StatementBalanceDoesNotAdd,
    StatementTooLarge,
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def a_balance(code: str, amount: str, sign: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-08-20</Dt></Dt></Bal>'
    )


def a_payment(amount: str, reference: str = "", text: str = "") -> str:
    structured = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
    unstructured = f"<Ustrd>{text}</Ustrd>" if text else ""
    return (
        f'<TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Nm>Jeanne Dupont</Nm></Dbtr><DbtrAcct><Id>"
        f"<IBAN>BE68539007547034</IBAN></Id></DbtrAcct></RltdPties><RmtInf>{unstructured}{structured}</RmtInf></TxDtls>"
    )


def an_entry(amount: str, *details: str, sign: str = "CRDT", status: str = "<Sts><Cd>BOOK</Cd></Sts>") -> str:
    inside = f"<NtryDtls>{''.join(details)}</NtryDtls>" if details else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>2026-08-20</Dt></BookgDt><AcctSvcrRef>B-1</AcctSvcrRef>{inside}</Ntry>"
    )


def a_file(*entries: str, opening: str = "100.00", closing: str, version: str = "08") -> bytes:
    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S-1</Id>"
        "<Acct><Id><IBAN>BE71096123456769</IBAN></Id></Acct>"
        f"{a_balance('OPBD', opening)}{a_balance('CLBD', closing)}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_receipt_is_read_without_the_name_of_the_payer(version: str) -> None:
    status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
    entry = an_entry("1210.00", a_payment("1210.00", "100000004276"), status=status)
    [statement] = read_statements(a_file(entry, closing="1310.00", version=version))
    [line] = statement.lines
    assert (statement.id, statement.iban) == ("S-1", "BE71096123456769")
    assert (line.booking_date, line.amount) == (date(2026, 8, 20), eur("1210"))
    assert (line.structured_reference, line.end_to_end_id) == ("100000004276", "E2E-1")
    assert line.counterparty_iban_sha256 == hashlib.sha256(b"BE68539007547034").hexdigest()
    assert "Jeanne" not in repr(statement)


def test_what_went_out_is_negative() -> None:
    [statement] = read_statements(a_file(an_entry("40.00", sign="DBIT"), closing="60.00"))
    assert statement.lines[0].amount == eur("-40")


def test_a_booking_of_many_payments_is_read_payment_by_payment() -> None:
    entry = an_entry("30.00", a_payment("10.00", text="un"), a_payment("20.00", text="deux"))
    [statement] = read_statements(a_file(entry, an_entry("1.00"), closing="131.00"))
    assert [(one.position, one.amount, one.unstructured_reference) for one in statement.lines] == [
        (0, eur("10"), "un"),
        (1, eur("20"), "deux"),
        (2, eur("1"), ""),
    ]


def test_a_booking_whose_parts_have_no_amount_is_one_line_for_a_person() -> None:
    parts = "<TxDtls><Refs/></TxDtls>"
    [statement] = read_statements(a_file(an_entry("30.00", parts, parts), closing="130.00"))
    assert [line.amount for line in statement.lines] == [eur("30")]


def test_what_is_only_announced_is_not_read() -> None:
    pending = an_entry("5.00", status="<Sts><Cd>PDNG</Cd></Sts>")
    [statement] = read_statements(a_file(pending, closing="100.00"))
    assert statement.lines == ()


def test_a_missing_cent_is_found() -> None:
    with pytest.raises(StatementBalanceDoesNotAdd):
        read_statements(a_file(an_entry("10.00"), closing="109.99"))
    with pytest.raises(MalformedStatement):
        read_statements(a_file(an_entry("30.00", a_payment("10.00"), a_payment("19.99")), closing="130.00"))


GOOD = a_file(an_entry("10.00"), closing="110.00")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
STEAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + GOOD.split(b"?>", 1)[1].replace(
    b"S-1", b"&x;"
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b"\x00\xff",
        BOMB,
        STEAL,
        GOOD.replace(b"camt.053.001.08", b"camt.054.001.08"),
        GOOD.replace(b"OPBD", b"XXXX"),
        GOOD.replace(b"CLBD", b"XXXX"),
        GOOD.replace(b"10.00", b"ten"),
        GOOD.replace(b"10.00", b"-10.00"),
        GOOD.replace(b"10.00", b"10.001"),
        GOOD.replace(b'"EUR">10.00', b'"SEK">10.00'),
        GOOD.replace(b'"EUR">10.00', b'"XXX">10.00'),
        GOOD.replace(b"<Dt>2026-08-20</Dt></BookgDt>", b"<Dt>20/08/2026</Dt></BookgDt>"),
        GOOD.replace(b"CRDT", b"PLUS"),
        GOOD.replace(b"<Id>S-1</Id>", b""),
        GOOD[: len(GOOD) // 2],
    ],
)
def test_a_hostile_or_broken_file_is_refused_and_nothing_is_read(data: bytes) -> None:
    with pytest.raises(MalformedStatement):
        read_statements(data)


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (b"", {"line": 1}),
        (b"<a>\n<b>\n</a>", {"line": 3}),
        (STEAL, {}),
        (b"\n<a/>", {"line": 2}),
        (GOOD.replace(b"<Ntry>", b"\n\n<Ntry>").replace(b'"EUR">10.00', b'"EUR">ten'), {"line": 3}),
    ],
)
def test_a_statement_that_cannot_be_read_is_refused_in_our_words_with_the_line_where_it_is_known(
    data: bytes, facts: dict[str, int]
) -> None:
    with pytest.raises(MalformedStatement) as refused:
        read_statements(data)
    assert refused.value.facts == facts
    assert refused.value.message == "This is not a bank statement we can read (ISO 20022 camt.053)."


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(StatementTooLarge):
        read_statements(b" " * (STATEMENT_BYTES_MAX + 1))


@given(position=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused_and_never_an_accident(position: int, byte: int) -> None:
    data = GOOD[:position] + bytes([byte]) + GOOD[position + 1 :]
    try:
        statements = read_statements(data)
    except DocumentRefusal:
        return
    for statement in statements:
        moved = sum((line.amount for line in statement.lines), Money.zero(statement.opening_balance.currency))
        assert statement.opening_balance + moved == statement.closing_balance
