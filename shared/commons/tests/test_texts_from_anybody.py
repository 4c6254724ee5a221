"""Whatever anybody writes is a value that reads back the same, or a refusal with its stable code."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commons import global_id, identifiers, page
from commons.cloudevents import Envelope, UnreadableMessage
from commons.country import CountryDataWrong, load_country
from commons.graphql.scalars import SCALARS
from commons.kafka import Received
from commons.money import Money
from commons.refusal import Refusal
from commons.uuid7 import uuid7

T = TypeVar("T")

_SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_NUMBERS: dict[str, Callable[[str], str]] = {
    "vat": identifiers.vat_number,
    "iban": identifiers.iban,
    "enterprise": lambda text: identifiers.enterprise_number(text, "be_enterprise_number"),
    "siren": lambda text: identifiers.enterprise_number(text, "fr_siren"),
    "tax number": lambda text: identifiers.enterprise_number(text, "hu_tax_number"),
    "national": lambda text: identifiers.national_number(text, "be_national_number"),
    "nir": lambda text: identifiers.national_number(text, "fr_nir"),
    "tax identification": lambda text: identifiers.national_number(text, "hu_tax_identification"),
    "reference": identifiers.read_payment_reference,
}
_PREFIXES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "EL",
    "ES",
    "FI",
    "FR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
    "XI",
]
_anything = st.one_of(
    st.text(max_size=70),
    st.text(alphabet="0123456789ABCXYZ -./+", max_size=30),
    st.builds(str.__add__, st.sampled_from(_PREFIXES), st.text(alphabet="0123456789AKX", max_size=14)),
)


@pytest.mark.parametrize("kind", _NUMBERS)
@_SOME
@given(text=_anything)
@example(text="")
@example(text="\u0660\u0661\u0662")
@example(text="BE" + "0" * 10)
@example(text="00000000097")
def test_a_number_with_check_digits_is_written_in_one_way_or_refused_without_being_repeated(
    kind: str, text: str
) -> None:
    read = _NUMBERS[kind]
    found = _read_or_refused(lambda: read(text))
    if isinstance(found, Refusal):
        assert found.code.startswith("Malformed")
        assert found.facts == {}
    else:
        assert read(found) == found
        assert found.isascii()


_decimals = st.one_of(
    st.decimals(),
    st.builds(
        lambda sign, digits, exponent: Decimal((sign, tuple(digits), exponent)),
        st.integers(0, 1),
        st.lists(st.integers(0, 9), min_size=1, max_size=80),
        st.integers(-90, 40),
    ),
)


@_SOME
@given(
    amount=st.one_of(_decimals, st.text(max_size=40), st.from_regex(r"-?\d{1,18}(\.\d{0,10})?")),
    currency=st.sampled_from(["EUR", "SEK", "HUF", "USD", "", "eur", "E\u00daR"]),
)
@example(amount=Decimal("1E-1999999"), currency="EUR")
@example(amount=Decimal("1." + "0" * 40 + "1"), currency="EUR")
@example(amount=Decimal("1E+1999999"), currency="EUR")
@example(amount=Decimal("sNaN"), currency="EUR")
def test_an_amount_is_exactly_what_was_written_or_refused(amount: Decimal | str, currency: str) -> None:
    found = _read_or_refused(lambda: Money.of(amount, currency))
    if isinstance(found, Refusal):
        assert found.code in ("MalformedAmount", "AmountTooPrecise", "AmountOutOfRange", "UnknownCurrency")
    else:
        assert found.amount == Decimal(amount)
        assert Money.of(str(found.amount), currency) == found


@_SOME
@given(text=st.one_of(st.text(max_size=130), st.binary(max_size=90).map(lambda raw: _base64(raw))))
def test_a_global_id_says_one_thing_or_is_refused(text: str) -> None:
    try:
        found = global_id.decode(text)
    except global_id.MalformedId:
        return
    assert str(found) == text


@_SOME
@given(
    country=st.from_regex(r"[A-Z]{2}", fullmatch=True),
    name=st.from_regex(r"[A-Z][A-Za-z]{1,40}", fullmatch=True),
    key=st.uuids(),
)
def test_a_global_id_that_was_given_is_read_and_with_one_sign_changed_it_is_another_or_none(
    country: str, name: str, key: UUID
) -> None:
    text = global_id.encode(country, name, key)
    assert global_id.decode(text) == global_id.GlobalId(country, name, key)
    for other in (text + "=", text + "A", text[:-1], " " + text, text.replace("-", "+") + "/"):
        with pytest.raises(global_id.MalformedId):
            global_id.decode(other)


_KINDS: list[Any] = [tuple[UUID], tuple[int], tuple[str, UUID], tuple[date, UUID]]
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@_SOME
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60).map(lambda raw: _base64(raw)),
        _json.map(lambda value: _base64(json.dumps(value).encode())),
    ),
    kind=st.sampled_from(_KINDS),
)
@example(text="W" * 2_000, kind=tuple[int])
def test_a_cursor_names_a_place_that_a_database_can_look_for_or_is_refused(text: str, kind: Any) -> None:
    try:
        place = page.decode_cursor(text, kind)
    except page.MalformedCursor:
        return
    assert place is not None
    assert page.decode_cursor(page.encode_cursor(place), kind) == place
    assert all(abs(part) < 2**63 for part in place if isinstance(part, int))
    assert all("\x00" not in part for part in place if isinstance(part, str))


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: scalar.__name__)
@_SOME
@given(
    value=st.one_of(
        st.text(max_size=40),
        st.integers(),
        st.floats(),
        st.none(),
        st.booleans(),
        st.lists(st.integers(), max_size=2),
        st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        st.dates().map(date.isoformat),
        st.from_regex(r"-?\d{1,18}(\.\d{1,12})?"),
    )
)
@example(value="2199-12-31T23:59:59-14:00")
@example(value="1900-01-01T00:00:00+14:00")
@example(value="2026-W10-1")
@example(value="1\u0663.5")
@example(value="NaN")
@example(value="1e400000000")
def test_a_scalar_is_read_back_as_it_is_written_or_refused(scalar: Any, value: object) -> None:
    definition = SCALARS[scalar]
    assert definition.parse_value is not None
    assert definition.serialize is not None
    try:
        found = definition.parse_value(value)
    except GraphQLError:
        return
    assert definition.parse_value(definition.serialize(found)) == found


# ── The envelope on Kafka ────────────────────────────────────────────────────────────────────────────────────


def _received() -> Received:
    event = Envelope(
        id=uuid7(),
        topic="be.invoicing.v1",
        type="invoicing.InvoiceIssued.v1",
        agg_type="Invoice",
        agg_id=uuid7(),
        agg_version=3,
        created=datetime(2026, 6, 15, 9, 30, tzinfo=UTC),
        data={"number": "2026-1"},
        headers={},
    )
    message = event.to_message()
    return Received(message.topic, 0, 7, message.key, message.value, message.headers)


_NAMES = sorted(name for name, _ in _received().headers)


@_SOME
@given(
    name=st.sampled_from(_NAMES),
    value=st.one_of(
        st.none(),
        st.binary(max_size=40),
        st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from([b"0", b"-1", b"1_0", b" 3", b"9" * 12, b"2026-06-15", b"Invoice/"]),
    ),
    body=st.one_of(st.none(), st.binary(max_size=60), _json.map(lambda value: json.dumps(value).encode())),
    spoils_body=st.booleans(),
)
@example(name="ce_subject", value=None, body=None, spoils_body=False)
@example(name="ce_type", value=b"a\x00b", body=None, spoils_body=False)
@example(name="ce_aggversion", value=b"2147483648", body=None, spoils_body=False)
@example(name="ce_time", value=b"2026-06-15T09:30:00", body=None, spoils_body=False)
@example(name="ce_time", value=b"0001-01-01T00:00:00+14:00", body=None, spoils_body=False)
@example(name="ce_type", value=b"x", body=b'{"name": "a\\u0000b"}', spoils_body=True)
@example(name="ce_type", value=b"x", body=b"[" * 50_000, spoils_body=True)
def test_a_message_is_an_event_that_every_column_can_hold_or_is_unreadable(
    name: str, value: bytes | None, body: bytes | None, spoils_body: bool
) -> None:
    message = _received()
    headers: Any = tuple((each, value if each == name else was) for each, was in message.headers)
    spoiled = replace(message, headers=headers, value=body if spoils_body else message.value)
    try:
        event = Envelope.of(spoiled)
    except UnreadableMessage:
        return
    assert Envelope.from_json(event.to_json()) == event
    assert 0 < event.agg_version < 2**31
    assert event.created.tzinfo is not None
    assert "\x00" not in json.dumps(event.to_json(), ensure_ascii=False)
    again = event.to_message()
    assert Envelope.of(replace(message, headers=again.headers, value=again.value)) == event


# ── The law of a country ─────────────────────────────────────────────────────────────────────────────────────

_COUNTRY = """
name: Testland
currency: EUR
languages: [en]
time_zone: Europe/Brussels
payment_reference: iso_11649
working_days: {values: [{since: 2000-01-01, weekdays: [1]}], source: x, read: primary, checked_until: 2030-12-31}
public_holidays: {values: [{since: 2000-01-01, fixed: []}], source: x, read: primary, checked_until: 2030-12-31}
bank_holidays: {values: [{since: 2000-01-01, fixed: []}], source: x, read: primary, checked_until: 2030-12-31}
"""
_LAW = b"""
share_value:
  values:
    - {since: 2017-01-01, amount: "30.00", currency: EUR}
  source: "a text"
  read: secondary
  checked_until: 2026-12-31
"""
_lines = st.lists(
    st.sampled_from(
        [
            "a: ",
            "- ",
            "  ",
            "\n",
            "{",
            "}",
            "[",
            "]",
            "? ",
            ": ",
            "&a ",
            "*a",
            "!!python/none ",
            "2026-02-30",
            "'",
        ]
    ),
    max_size=25,
).map(lambda parts: "".join(parts).encode())


def _loads(folder: Path, law: bytes) -> str:
    """Nothing where a country with this file loads, else what is wrong with it."""
    place = folder / uuid7().hex / "tt"
    place.mkdir(parents=True)
    (place / "country.yaml").write_text(_COUNTRY)
    (place / "membership.yaml").write_bytes(law)
    try:
        load_country("tt", folder=place.parent)
    except CountryDataWrong as wrong:
        said = str(wrong)
    else:
        return ""
    assert "tt/membership.yaml" in said
    return said


@_SOME
@given(data=st.data())
def test_a_file_of_the_law_is_loaded_or_every_fault_is_told_with_its_place(
    data: st.DataObject, tmp_path: Path
) -> None:
    start = data.draw(st.integers(0, len(_LAW)))
    end = data.draw(st.integers(start, min(len(_LAW), start + 12)))
    part = data.draw(st.one_of(_lines, st.binary(max_size=10), st.text(max_size=10).map(str.encode)))
    _loads(tmp_path, data.draw(st.sampled_from([part, _LAW[:start] + part + _LAW[end:]])))


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (_LAW.replace(b"2017-01-01", b"2017-02-30"), "line 4: 2017-02-30 is no day"),
        (_LAW.replace(b'"30.00"', b"12:30"), "line 4: write 12:30 in quotes"),
        (_LAW.replace(b'"30.00"', b"0x1f"), "line 4: write 0x1f in quotes"),
        (_LAW.replace(b'"30.00"', b"30.00"), "line 4: write the number 30.00 in quotes"),
        (_LAW + b"? [a, b]\n: c\n", "a name is a text"),
        (_LAW.decode().replace("a text", "\u00e9").encode("latin-1"), "not written in UTF-8"),
        (_LAW.decode().encode("utf-16"), "not written in UTF-8"),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: *b\n", "line 2: write it out, without *"),
        (b"a: &a [x]\nb: [" + b"*a, " * 101 + b"]\n", "line 2: write it out, without *"),
        (b"a: " + b"[" * 500, "nested too deeply"),
        (b"a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        (b"a: " + b"x" * 2_000_001, "larger than 2000000 bytes"),
        (b"a: " + b"9" * 5_000, "in quotes"),
    ],
)
def test_what_cannot_be_law_is_refused_in_a_sentence_with_its_place(
    tmp_path: Path, law: bytes, says: str
) -> None:
    assert says in _loads(tmp_path, law)


def _read_or_refused(read: Callable[[], T]) -> T | Refusal:
    try:
        return read()
    except Refusal as refusal:
        return refusal


def test_what_is_written_once_may_be_named_again(tmp_path: Path) -> None:
    assert _loads(tmp_path, b"a: &a [x]\nb: *a\n") == ""


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
