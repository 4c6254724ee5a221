"""Whatever somebody calls a bank statement is read or refused with a stable code, in bounded time."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.documents.test_camt053 import GOOD, a_file, a_payment, an_entry

from invoicing.documents import camt053
from invoicing.documents.camt053 import LINES_MAX, Statement, read_statements
from invoicing.domain.errors import DocumentRefusal, MalformedStatement

TEXT = GOOD.decode()
_SOME = settings(max_examples=60, deadline=None)


def read(data: bytes) -> list[Statement] | str:
    """The statements, or the code of the refusal; anything else is a fault and rises."""
    try:
        return read_statements(data)
    except DocumentRefusal as refusal:
        return refusal.code


def zipped(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("statement.xml", data)
    return held.getvalue()


@_SOME
@given(st.binary(max_size=2_000))
@example(b"\x00" * 100)
@example(b"<" * 1_000)
@example(b"<a>" * 400)
@example(b"\xef\xbb\xbf")
@example(b"<?xml version='1.0' encoding='no-such'?><a/>")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert read(data) == "MalformedStatement"


@_SOME
@given(st.data())
def test_a_statement_with_a_part_cut_out_doubled_or_replaced_is_read_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, len(GOOD)))
    part = data.draw(
        st.one_of(
            st.just(b""),
            st.just(GOOD[start:end] * 2),
            st.binary(max_size=8),
            st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
            st.sampled_from([b"&x;", b"<!-- -->", b"<![CDATA[", b"]]>", b"9" * 40, b"-1", b"1e9", b"NaN"]),
        )
    )
    found = read(GOOD[:start] + part + GOOD[end:])
    assert found in ("MalformedStatement", "StatementBalanceDoesNotAdd") or isinstance(found, list)


@_SOME
@given(st.text(max_size=40))
@example("2026-W34-4")
@example("2026-232")
@example("20260820")
@example("1000-01-01")
@example("9999-12-31T23:59:59-14:00")
@example("\u0662\u0660\u0662\u0666-08-20")
def test_a_day_is_one_of_the_calendar_or_the_statement_is_refused(text: str) -> None:
    if not (plain := "".join(sign for sign in text if sign.isprintable() and sign not in "<>&")):
        return
    found = read(GOOD.replace(b"<Dt>2026-08-20</Dt></BookgDt>", f"<Dt>{plain}</Dt></BookgDt>".encode()))
    if isinstance(found, list):
        assert 1900 <= found[0].lines[0].booking_date.year <= 2199
        assert plain.strip()[:10] == found[0].lines[0].booking_date.isoformat()


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF",
        gzip.compress(GOOD),
        zipped(GOOD),
        b"\x89PNG\r\n\x1a\n" + GOOD,
        GOOD.decode().replace("S-1", "S-\u00e9").encode("latin-1"),
        TEXT.replace('<?xml version="1.0"?>', "").encode("utf-7").replace(b"<", b"+ADw-"),
        b"Date;Amount\n2026-08-20;10,00\n",
        b":20:940S\n:25:BE71096123456769\n:60F:C260820EUR100,00\n",
        b'{"statement": []}',
        GOOD + GOOD,
    ],
    ids=["pdf", "gzip", "zip", "png", "latin-1", "utf-7", "csv", "mt940", "json", "twice"],
)
def test_a_file_that_is_not_what_it_says_is_refused(data: bytes) -> None:
    assert read(data) == "MalformedStatement"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD,
        TEXT.encode("utf-16"),
        TEXT.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"').encode("latin-1"),
    ],
    ids=["byte order mark", "utf-16", "latin-1 that says so"],
)
def test_a_statement_in_another_encoding_that_it_declares_says_the_same(data: bytes) -> None:
    assert read(data) == read(GOOD)


def _bomb(levels: int, inside: str) -> bytes:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(levels))
    head = f'<!DOCTYPE Document [<!ENTITY e0 "{"a" * 100}">{entities}]>'
    return (head + inside.replace("BOOM", f"&e{levels};")).encode()


_BODY = TEXT.partition("?>")[2]


@pytest.mark.parametrize(
    "data",
    [
        _bomb(9, _BODY.replace("S-1", "BOOM")),
        _bomb(9, _BODY.replace('Ccy="EUR"', 'Ccy="BOOM"')),
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/never.dtd">' + _BODY.encode(),
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>' + _BODY.encode(),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///dev/zero">]>' + _BODY.replace("S-1", "&x;").encode(),
    ],
    ids=["in a text", "in an attribute", "external definition", "parameter entity", "endless file"],
)
def test_entities_and_document_types_are_refused_and_nothing_is_fetched(data: bytes) -> None:
    assert read(data) == "MalformedStatement"


def test_an_xinclude_is_an_element_like_another_and_is_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    found = read(GOOD.replace(b"<Id>S-1</Id>", f"<Id>S-1{include}</Id>".encode()))
    assert isinstance(found, list)
    assert found[0].id == "S-1"


def test_what_the_payments_of_a_booking_share_is_read_once_however_many_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Read again for each of twenty thousand payments, half a million elements beside them would take hours.
    read_days: list[object] = []
    booking_date = camt053._booking_date

    def counted(entry: Any) -> date:
        read_days.append(entry)
        return booking_date(entry)

    monkeypatch.setattr(camt053, "_booking_date", counted)
    payments = 1_000
    details = '<TxDtls><Amt Ccy="EUR">1</Amt></TxDtls>' * payments
    entry = an_entry(f"{payments}.00", details).replace("<BookgDt>", "<X/>" * 500_000 + "<BookgDt>")
    found = read(a_file(entry, closing=f"{payments + 100}.00"))
    assert isinstance(found, list)
    assert len(found[0].lines) == payments
    assert len(read_days) == 1


def test_one_payment_more_than_a_statement_may_have_is_refused_before_they_are_read() -> None:
    details = '<TxDtls><Amt Ccy="EUR">1</Amt></TxDtls>' * (LINES_MAX + 1)
    entry = an_entry(f"{LINES_MAX + 1}.00", details)
    with pytest.raises(MalformedStatement):
        read_statements(a_file(entry, closing=f"{LINES_MAX + 101}.00"))


@pytest.mark.parametrize("parts", [1, 2])
def test_amounts_that_no_account_can_hold_are_refused(parts: int) -> None:
    huge = "9999999999999.99"
    entries = [an_entry(huge), an_entry(huge)] if parts == 1 else [an_entry(huge, *[a_payment(huge)] * 2)]
    assert read(a_file(*entries, closing="100.00")) == "MalformedStatement"


@_SOME
@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**9),
            st.sampled_from(["CRDT", "DBIT"]),
            st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        ),
        max_size=8,
    )
)
def test_what_is_written_is_what_is_read(entries: list[tuple[int, str, date]]) -> None:
    written = [
        an_entry(f"{minor // 100}.{minor % 100:02}", sign=sign).replace("2026-08-20", day.isoformat())
        for minor, sign, day in entries
    ]
    moved = sum(minor if sign == "CRDT" else -minor for minor, sign, _ in entries)
    opening = 10**12
    closing = f"{(opening + moved) // 100}.{(opening + moved) % 100:02}"
    found = read(a_file(*written, opening=f"{opening // 100}.00", closing=closing))
    assert isinstance(found, list)
    assert [
        (abs(line.amount.minor), line.amount.is_negative, line.booking_date) for line in found[0].lines
    ] == [(minor, sign == "DBIT", day) for minor, sign, day in entries]
