"""Pages, cursors and the limits of arguments."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.arguments import Between, NumberOutOfRange, Text, TextNotPlain, TextTooLong, TextTooShort
from commons.page import MalformedCursor, decode_cursor, encode_cursor, page


@given(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=50),
    st.dates(),
    st.uuids(),
)
def test_a_cursor_comes_back_as_it_was(name: str, day: date, key: UUID) -> None:
    assert decode_cursor(encode_cursor((name, day, key)), tuple[str, date, UUID]) == (name, day, key)


@given(st.text(max_size=60))
def test_any_other_text_is_a_malformed_cursor(text: str) -> None:
    with pytest.raises(MalformedCursor):
        decode_cursor(text, tuple[str, date, UUID])


def test_a_cursor_cannot_smuggle_what_sql_cannot_take() -> None:
    for bad in (("\x00", uuid4()), ("x" * 1_000, uuid4())):
        with pytest.raises(MalformedCursor):
            decode_cursor(encode_cursor(bad), tuple[str, UUID])
    with pytest.raises(MalformedCursor):
        decode_cursor(encode_cursor((2**63,)), tuple[int])
    assert decode_cursor(None, tuple[int]) is None


def test_a_page_knows_whether_another_one_follows() -> None:
    full = page([1, 2, 3], 2, key=lambda row: (row,))
    assert (full.nodes, full.page_info.has_next_page) == ([1, 2], True)
    assert decode_cursor(full.page_info.end_cursor, tuple[int]) == (2,)
    last = page([3], 2, key=lambda row: (row,))
    assert (last.nodes, last.page_info.has_next_page) == ([3], False)
    empty = page(list[int](), 2, key=lambda row: (row,))
    assert (empty.nodes, empty.page_info.end_cursor) == ([], None)


@pytest.mark.parametrize(
    "bad", ["\x00", "\x7f", "\x85", "\u2028", "\u202a", "\u202e", "\u2066", "\u2069", "\ud800", "\t"]
)
def test_a_line_holds_no_hidden_characters(bad: str) -> None:
    with pytest.raises(TextNotPlain):
        Text().check(f"a{bad}b")


def test_lines_hold_line_breaks_and_nothing_hidden() -> None:
    assert Text(lines=True).check("a\nb\tc") == "a\nb\tc"
    with pytest.raises(TextNotPlain):
        Text(lines=True).check("a\u202eb")


def test_a_text_has_its_length_after_normalization() -> None:
    assert Text(max=1, min=1).check("é") == "é"
    with pytest.raises(TextTooLong):
        Text(max=1).check("\u0958")  # one character that becomes two
    with pytest.raises(TextTooShort):
        Text(min=1).check(" ")


def test_a_number_has_its_bounds() -> None:
    assert [Between(1, 2).check(1), Between(1, 2).check(2)] == [1, 2]
    for number in (0, 3, -(2**31)):
        with pytest.raises(NumberOutOfRange):
            Between(1, 2).check(number)
