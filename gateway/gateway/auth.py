"""Who is asking: tokens verified with the issuer's published keys, and remembered until they expire."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import httpx
import jwt
import orjson

from gateway.errors import Code, RequestRefused

ALGORITHMS = ("RS256", "ES256")
KEYS_SECONDS_MAX = 600.0
# How often an unknown key may make us ask the issuer again: anyone can invent key names.
REFRESH_SECONDS_MIN = 10.0
FETCH_SECONDS_MAX = 5.0
LEEWAY_SECONDS = 5
TOKEN_BYTES_MAX = 8_192
KEYS_MAX = 50
KEYS_BYTES_MAX = 262_144


class Claims(NamedTuple):
    """What the gateway needs of a verified token. Services read the token themselves."""

    subject: str
    countries: frozenset[str]
    expires_at: float


class KeysUnavailable(Exception):
    """The issuer's keys cannot be read."""


FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]


class Verifier:
    """Verifies access tokens: issuer, audience, times, and a signature of the two allowed algorithms."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        fetch_keys: FetchKeys,
        cached_tokens_max: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._fetch_keys = fetch_keys
        self._cached_tokens_max = cached_tokens_max
        self._now = now
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()
        self._remembered: OrderedDict[bytes, Claims] = OrderedDict()

    @property
    def has_keys(self) -> bool:
        """Whether keys have been read at least once."""
        return bool(self._keys)

    def remembered(self, authorization: bytes | None) -> Claims | None:
        """The claims of a token that was verified before and has not expired."""
        claims = self._remembered.get(authorization) if authorization is not None else None
        if claims is None or authorization is None:
            return None
        if claims.expires_at <= self._now():
            del self._remembered[authorization]
            return None
        return claims

    async def verified(self, authorization: bytes | None) -> Claims:
        """The claims of the token in an Authorization header; raises `RequestRefused`."""
        claims = self.remembered(authorization)
        if claims is not None:
            return claims
        if authorization is None:
            raise RequestRefused(Code.UNAUTHENTICATED, "A token is required.")
        scheme, _, token = authorization.partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token or len(token) > TOKEN_BYTES_MAX:
            raise _refused()
        claims = await self._verified(token)
        self._remembered[authorization] = claims
        if len(self._remembered) > self._cached_tokens_max:
            self._remembered.popitem(last=False)
        return claims

    async def refresh(self) -> None:
        """Reads the issuer's keys; keeps the old ones if that fails."""
        async with self._lock:
            await self._refreshed()

    async def _verified(self, token: bytes) -> Claims:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise _refused() from None
        if header.get("alg") not in ALGORITHMS:
            raise _refused()
        key = await self._key(str(header.get("kid", "")))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            raise _refused() from None
        countries = claims.get("countries")
        if not isinstance(countries, list) or not all(isinstance(country, str) for country in countries):
            raise _refused()
        return Claims(
            str(claims["sub"]), frozenset(country.upper() for country in countries), float(claims["exp"])
        )

    async def _key(self, kid: str) -> jwt.PyJWK:
        key = self._keys.get(kid)
        if key is not None and not self._is_stale():
            return key
        async with self._lock:
            if kid not in self._keys or self._is_stale():
                await self._refreshed()
        key = self._keys.get(kid)
        if key is not None:
            return key
        if not self._keys:
            raise RequestRefused(Code.INTERNAL, "Tokens cannot be verified at the moment.", status=503)
        raise _refused()

    def _is_stale(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at > KEYS_SECONDS_MAX

    async def _refreshed(self) -> None:
        now = self._now()
        if self._tried_at is not None and now - self._tried_at < REFRESH_SECONDS_MIN and self._keys:
            return
        self._tried_at = now
        try:
            published = await self._fetch_keys()
        except KeysUnavailable:
            return
        keys = _usable_keys(published)
        if keys:
            self._keys = keys
            self._fetched_at = now


def _usable_keys(published: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    raw_keys = published.get("keys")
    keys: dict[str, jwt.PyJWK] = {}
    for raw in raw_keys[:KEYS_MAX] if isinstance(raw_keys, list) else ():
        if not isinstance(raw, dict) or raw.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(raw)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS:
            keys[str(raw.get("kid", ""))] = key
    return keys


def published_keys(url: str) -> FetchKeys:
    """Reads the issuer's key set from its address."""

    async def fetch() -> Mapping[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=FETCH_SECONDS_MAX, follow_redirects=False) as client:
                answer = await client.get(url)
            if answer.status_code != 200 or len(answer.content) > KEYS_BYTES_MAX:
                raise KeysUnavailable(f"status {answer.status_code}")
            keys = orjson.loads(answer.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as failure:
            raise KeysUnavailable(type(failure).__name__) from failure
        if not isinstance(keys, dict):
            raise KeysUnavailable("not a key set")
        return keys

    return fetch


def _refused() -> RequestRefused:
    return RequestRefused(Code.UNAUTHENTICATED, "The token is not valid.")
