"""The signed link that lets a buyer decide on an order without an account."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from invoicing.domain.errors import LinkExpired, LinkNotValid

KEY_BYTES_MIN: Final = 32
PURPOSE_BYTES_MAX: Final = 32
TOKEN_CHARACTERS_MAX: Final = 200
_FORM: Final = b"\x01"  # the form of the payload; another form gets another first byte
_HEAD_BYTES: Final = 1 + 16 + 8
_MAC_BYTES: Final = 32


def sign_link(key: bytes, *, order_id: UUID, purpose: str, expires_at: datetime) -> str:
    """A token that stands for one order and one purpose until a moment; it contains nothing secret."""
    assert len(key) >= KEY_BYTES_MIN, "a short key can be guessed"
    assert 0 < len(purpose.encode()) <= PURPOSE_BYTES_MAX, "a purpose is a short word"
    assert expires_at.tzinfo is not None, "a moment needs a time zone"
    payload = (
        _FORM
        + order_id.bytes
        + int(expires_at.astimezone(UTC).timestamp()).to_bytes(8, "big")
        + purpose.encode()
    )
    return base64.urlsafe_b64encode(payload + _mac(key, payload)).rstrip(b"=").decode()


def read_link(key: bytes, token: str, *, purpose: str, now: datetime) -> UUID:
    """The order a token stands for. Raises LinkNotValid, LinkExpired.

    The signature is compared in constant time and before anything else is looked at, so that a forger
    learns nothing from the answer.
    """
    payload = _verified(key, token)
    if payload[:1] != _FORM or payload[_HEAD_BYTES:] != purpose.encode():
        raise LinkNotValid()
    if int(now.timestamp()) >= int.from_bytes(payload[17:_HEAD_BYTES], "big"):
        raise LinkExpired()
    return UUID(bytes=payload[1:17])


def _verified(key: bytes, token: str) -> bytes:
    assert len(key) >= KEY_BYTES_MIN, "a short key can be guessed"
    if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
        raise LinkNotValid()
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise LinkNotValid() from None
    payload, given = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    # The last character of the text holds unused bits: only the one way to write a token is accepted.
    canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    is_same = hmac.compare_digest(_mac(key, payload), given)
    if not is_same or not hmac.compare_digest(canonical, token) or len(payload) <= _HEAD_BYTES:
        raise LinkNotValid()
    return payload


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, b"partage order link\x00" + payload, hashlib.sha256).digest()
