"""Who is asking: verify an access token against the issuer's keys, and remember what was verified."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import httpx
import jwt

from commons.claims import ANONYMOUS, Claims

ALGORITHMS: Final = ("RS256", "ES256")  # fixed here: what a token says about its own algorithm is not asked
TOKEN_BYTES_MAX: Final = 8_192
REMEMBERED_TOKENS_MAX: Final = 10_000
LEEWAY_SECONDS: Final = 5  # between the issuer's clock and ours
KEYS_KEPT_SECONDS: Final = 600
KEYS_STALE_SECONDS_MAX: Final = 86_400  # how long known keys are used while the issuer does not answer
KEYS_REFRESH_SECONDS_MIN: Final = 10  # between two fetches, however many unknown key ids come
KEYS_TIMEOUT_SECONDS: Final = 5.0
KEYS_BYTES_MAX: Final = 262_144
KEYS_MAX: Final = 50

log = logging.getLogger(__name__)


class Rejected(Exception):
    """The token is not accepted; the message says why in a word, and never quotes the token."""


class WrongCell(Rejected):
    """The token is valid, but not for this country."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be read, so nothing can be said about the token."""


class KeySet:
    """The public keys of the issuer: fetched when needed, kept ten minutes, or until an id is unknown."""

    def __init__(self, url: str, http: httpx.AsyncClient, now: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._http = http
        self._now = now
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> jwt.PyJWK:
        """The key of this id. Raises Rejected for an unknown one, KeysUnavailable."""
        if self._is_old(KEYS_KEPT_SECONDS) or key_id not in self._keys:
            await self._refresh(key_id)
        if self._is_old(KEYS_STALE_SECONDS_MAX):
            raise KeysUnavailable("the issuer's keys could not be read")
        if key_id not in self._keys:
            raise Rejected("unknown key")
        return self._keys[key_id]

    def _is_old(self, seconds: float) -> bool:
        return self._fetched is None or self._now() - self._fetched > seconds

    async def _refresh(self, key_id: str) -> None:
        async with self._lock:
            if key_id in self._keys and not self._is_old(KEYS_KEPT_SECONDS):
                return  # another request fetched them meanwhile
            if self._tried is not None and self._now() - self._tried < KEYS_REFRESH_SECONDS_MIN:
                return
            self._tried = self._now()
            try:
                self._keys = await self._fetch()
                self._fetched = self._now()
            except (httpx.HTTPError, TimeoutError, ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
                log.warning("the issuer's keys could not be read", extra={"error": type(error).__name__})

    async def _fetch(self) -> dict[str, jwt.PyJWK]:
        async with asyncio.timeout(KEYS_TIMEOUT_SECONDS):
            answer = await self._http.get(self._url, timeout=KEYS_TIMEOUT_SECONDS)
        answer.raise_for_status()
        if len(answer.content) > KEYS_BYTES_MAX:
            raise ValueError("too large")
        listed = answer.json()["keys"][:KEYS_MAX]
        return {key["kid"]: _usable(key) for key in listed if _is_for_signing(key)}


class Verifier:
    """Verifies access tokens for one country's cell; what it verified it remembers until the token ends."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        country: str,
        keys: KeySet,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._country = country.upper()
        self._keys = keys
        self._now = now
        self._remembered: OrderedDict[bytes, tuple[Claims, float]] = OrderedDict()

    async def claims(self, authorization: bytes | None) -> Claims:
        """The verified claims behind an Authorization header; ANONYMOUS where there is none.

        Raises Rejected, WrongCell, KeysUnavailable.
        """
        if authorization is None:
            return ANONYMOUS
        known = self._remembered.get(authorization)
        if known is not None:
            if known[1] > self._now():
                self._remembered.move_to_end(authorization)
                return known[0]
            del self._remembered[authorization]
        claims, until = await self._verify(authorization)
        self._remembered[authorization] = (claims, until)
        if len(self._remembered) > REMEMBERED_TOKENS_MAX:
            self._remembered.popitem(last=False)
        return claims

    async def _verify(self, authorization: bytes) -> tuple[Claims, float]:
        if len(authorization) > TOKEN_BYTES_MAX:
            raise Rejected("too long")
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            raise Rejected("not a bearer token")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
                raise Rejected("algorithm or key id")
            key = await self._keys.find(header["kid"])
            payload = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            claims = _claims(payload)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise Rejected(type(error).__name__) from None
        if self._country not in claims.countries:
            raise WrongCell(self._country)
        return claims, float(payload["exp"]) + LEEWAY_SECONDS


def _is_for_signing(key: Any) -> bool:
    if not isinstance(key, dict) or not isinstance(key.get("kid"), str) or key.get("use", "sig") != "sig":
        return False
    return key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256")


def _usable(key: dict[str, Any]) -> jwt.PyJWK:
    return jwt.PyJWK(key, algorithm="RS256" if key["kty"] == "RSA" else "ES256")


def _claims(payload: dict[str, Any]) -> Claims:
    member, partner = payload.get("member_id"), payload.get("partner_id")
    scope = payload.get("scope", "")
    return Claims(
        subject=_text(payload["sub"]),
        roles=frozenset(_texts(payload.get("roles", []))),
        member_id=None if member is None else UUID(_text(member)),
        partner_id=None if partner is None else _text(partner),
        countries=frozenset(country.upper() for country in _texts(payload.get("countries", []))),
        scopes=frozenset(_texts(payload.get("scopes", _text(scope).split()))),
    )


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return [_text(item) for item in value]


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    return value
