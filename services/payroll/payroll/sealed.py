"""Encrypt personal data before it is stored, bound to what it belongs to."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
VERSION: Final = b"\x01"  # of this form, so that a later key or cipher can tell the old texts


class SealBroken(Exception):
    """The encrypted text was changed, belongs to something else, or was written with another key."""


class Sealer:
    """AES-256-GCM with a fresh nonce for each text. `of` names the owner and is authenticated with it."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "the settings checked it"
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "Sealer(…)"

    def seal(self, plain: bytes, *, of: str) -> bytes:
        """The encrypted text of something that belongs to `of`."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, of.encode())

    def open(self, sealed: bytes, *, of: str) -> bytes:
        """The plain text. Raises SealBroken."""
        if sealed[:1] != VERSION:
            raise SealBroken
        nonce, text = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, text, of.encode())
        except InvalidTag:
            raise SealBroken from None
