"""What the bank says about each payment, and the files that are no answer at all."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.documents.pain002 import (
    NAMESPACE,
    SIZE_BYTES_MAX,
    PaymentStatus,
    Verdict,
    read_status_report,
)
from payroll.domain.errors import PaymentFileMalformed, PaymentFileTooLarge


def a_report(body: str, group: str = "<GrpSts>PART</GrpSts>") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-08-08T07:00:00Z</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>RUN-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{group}</OrgnlGrpInfAndSts>{body}</CstmrPmtStsRpt></Document>"
    ).encode()


def a_payment(reference: str, status: str, reason: str = "") -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>because</AddtlInf></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}</TxInfAndSts>"


def a_batch(*payments: str, status: str = "") -> str:
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>RUN-1</OrgnlPmtInfId>{status}{''.join(payments)}</OrgnlPmtInfAndSts>"


def test_every_payment_has_its_own_verdict() -> None:
    report = read_status_report(
        a_report(
            a_batch(a_payment("PS-1", "ACSC"), a_payment("PS-2", "RJCT", "AC04"), a_payment("PS-3", "ACSP"))
        )
    )
    assert report.original_message_id == "RUN-1"
    assert report.verdicts == (
        Verdict("PS-1", PaymentStatus.ACCEPTED, "ACSC", None, None),
        Verdict("PS-2", PaymentStatus.REJECTED, "RJCT", "AC04", "because"),
        Verdict("PS-3", PaymentStatus.PENDING, "ACSP", None, None),
    )


def test_a_payment_without_its_own_verdict_shares_that_of_the_file() -> None:
    report = read_status_report(
        a_report("", "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>")
    )
    assert report.status_of("PS-1") is PaymentStatus.REJECTED
    assert report.group_reason == "FF01"
    assert read_status_report(a_report("", "")).status_of("PS-1") is None


def test_a_payment_without_a_status_shares_that_of_its_batch() -> None:
    body = a_batch(
        "<TxInfAndSts><OrgnlEndToEndId>PS-1</OrgnlEndToEndId></TxInfAndSts>",
        status="<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Prtry>X1</Prtry></Rsn></StsRsnInf>",
    )
    report = read_status_report(a_report(body))
    assert report.status_of("PS-1") is PaymentStatus.REJECTED
    assert report.verdicts[0].reason == "X1"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>&b;</CstmrPmtStsRpt></Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>&x;</CstmrPmtStsRpt></Document>"""


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        BOMB,
        OUTSIDE,
        b"<Document/>",
        f'<Document xmlns="{NAMESPACE}"/>'.encode(),
        f'<Document xmlns="{NAMESPACE}"><CstmrPmtStsRpt/></Document>'.encode(),
        a_report("", "<GrpSts>WHAT</GrpSts>"),
        a_report(a_batch("<TxInfAndSts><OrgnlEndToEndId>PS-1</OrgnlEndToEndId></TxInfAndSts>")),
        a_report(a_batch("<TxInfAndSts><TxSts>ACSC</TxSts></TxInfAndSts>")),
        a_report("").replace(b"pain.002.001.10", b"pain.002.001.03"),
    ],
)
def test_what_is_no_status_report_is_refused(document: bytes) -> None:
    with pytest.raises(PaymentFileMalformed):
        read_status_report(document)


def test_a_file_beyond_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(PaymentFileTooLarge):
        read_status_report(b" " * (SIZE_BYTES_MAX + 1))


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fall(document: bytes) -> None:
    with pytest.raises(PaymentFileMalformed):
        read_status_report(document)


GOOD = a_report(a_batch(a_payment("PS-1", "ACSC"), a_payment("PS-2", "RJCT", "AC04")))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_report_with_a_part_cut_out_doubled_or_replaced_is_read_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, len(GOOD)))
    parts = st.one_of(
        st.sampled_from([b"", GOOD[start:end] * 2, b"&x;", b"<!-- -->", b"<![CDATA[", b"]]>"]),
        st.binary(max_size=8),
        st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
    try:
        report = read_status_report(GOOD[:start] + data.draw(parts) + GOOD[end:])
    except (PaymentFileMalformed, PaymentFileTooLarge):
        return
    assert report.message_id
    assert len(report.verdicts) <= 4


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
        gzip.compress(GOOD),
        b"PK\x03\x04" + GOOD,
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/never.dtd">' + GOOD.partition(b"?>")[2],
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>' + GOOD.partition(b"?>")[2],
        GOOD.replace(b"UTF-8", b"no-such-encoding"),
        GOOD.replace(b"because", "parce qu\u00e9".encode("latin-1")),
        GOOD + GOOD,
        b"<a>" * 5_000,
    ],
    ids=["pdf", "gzip", "zip", "external", "parameter entity", "encoding", "latin-1", "twice", "nested"],
)
def test_a_file_that_is_not_a_report_is_refused_and_nothing_is_fetched(data: bytes) -> None:
    with pytest.raises(PaymentFileMalformed):
        read_status_report(data)


def test_a_comment_does_not_cut_a_status_in_two() -> None:
    report = read_status_report(GOOD.replace(b">ACSC<", b">AC<!-- accepted? -->SC<"))
    assert report.status_of("PS-1") is PaymentStatus.ACCEPTED
