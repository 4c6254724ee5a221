from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.errors import LinkExpired, LinkNotValid
from invoicing.domain.link import read_link, sign_link

KEY = b"k" * 32
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=20)
ORDER = UUID(int=7)


def token(purpose: str = "decide") -> str:
    return sign_link(KEY, order_id=ORDER, purpose=purpose, expires_at=UNTIL)


def test_a_link_opens_its_order() -> None:
    assert read_link(KEY, token(), purpose="decide", now=NOW) == ORDER


def test_a_link_fits_into_an_address() -> None:
    assert all(character.isalnum() or character in "-_" for character in token())
    assert len(token()) < 120


def test_a_link_ends_at_its_moment() -> None:
    assert read_link(KEY, token(), purpose="decide", now=UNTIL - timedelta(seconds=1)) == ORDER
    with pytest.raises(LinkExpired):
        read_link(KEY, token(), purpose="decide", now=UNTIL)


def test_a_link_for_one_purpose_or_key_opens_no_other() -> None:
    with pytest.raises(LinkNotValid):
        read_link(KEY, token("read"), purpose="decide", now=NOW)
    with pytest.raises(LinkNotValid):
        read_link(b"x" * 32, token(), purpose="decide", now=NOW)


def test_an_expired_forgery_is_a_forgery() -> None:
    with pytest.raises(LinkNotValid):
        read_link(b"x" * 32, token(), purpose="decide", now=UNTIL)


@given(position=st.integers(0, len(token()) - 1), other=st.sampled_from("ABCDwxyz0189-_"))
def test_no_character_of_a_link_can_be_changed(position: int, other: str) -> None:
    whole = token()
    changed = whole[:position] + other + whole[position + 1 :]
    if changed != whole:
        with pytest.raises(LinkNotValid):
            read_link(KEY, changed, purpose="decide", now=NOW)


@given(text=st.text(max_size=300))
def test_any_text_is_answered_with_a_refusal(text: str) -> None:
    with pytest.raises(LinkNotValid):
        read_link(KEY, text, purpose="decide", now=NOW)
