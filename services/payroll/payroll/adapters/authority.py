"""Declare hires and file returns with the country's authority: what is sent, where, what is asked afterwards.

The exchange is that of Dimona REST version 2. The interfaces of the other countries' authorities were not at
hand, nor were those for periodic returns: their documents go the same way to addresses of our own; theirs
need not look like this.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from commons.effects import NotSent, Rejected, StillWaiting
from commons.uuid7 import uuid7

TOKEN_PATH: Final = "/REST/oauth/v5/token"  # noqa: S105  (an address)
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_SECONDS: Final = 300
TOKEN_MARGIN_SECONDS: Final = 30  # a token about to run out is not used any more
ANSWER_BYTES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Channel:
    """Where the declarations of one format go, and what the client must be allowed."""

    path: str
    content_type: str
    scopes: str


DIMONA: Final = Channel(
    "/REST/dimona/v2/declarations",
    "application/json",
    "scope:dimona:declaration:declarant scope:dimona:declaration:consult",
)
DPAE: Final = Channel("/dpae/declarations", "application/xml", "scope:dpae:declaration")
NAV_08E: Final = Channel("/nav/08e/declarations", "application/xml", "scope:nav-08e:declaration")
ELDA: Final = Channel("/elda/declarations", "text/plain", "scope:elda:declaration")
DEUEV: Final = Channel("/deuev/declarations", "text/csv", "scope:deuev:declaration")
RED: Final = Channel("/red/declarations", "text/plain", "scope:red:declaration")
UNILAV: Final = Channel("/unilav/declarations", "application/xml", "scope:unilav:declaration")


def return_channel(format_name: str) -> Channel:
    """The channel of periodic returns in a format."""
    return Channel(f"/returns/{format_name}", "application/json", "scope:returns:file")


_REFERENCE: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


class AuthorityUnclear(Exception):
    """The authority answered what tells nothing: it is asked again."""


class Authority:
    """The authority as one client sees it. The declaration itself is never in an error or a log."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        *,
        client_id: str,
        key: RSAPrivateKey,
        now_seconds: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._key = key
        self._now_seconds = now_seconds
        self._tokens: dict[str, tuple[str, float]] = {}

    async def declare(self, declaration: bytes, *, key: str, channel: Channel) -> str:
        """Send a declaration under its idempotency key; the reference to ask by.

        The same key with the same bytes declares nothing twice. Raises NotSent, Rejected, or anything else
        where it is unknown whether it arrived.
        """
        try:
            token = await self._access_token(channel)
        except (httpx.HTTPError, AuthorityUnclear) as error:
            raise NotSent(f"no token: {type(error).__name__}") from error
        try:
            answer = await self._http.post(
                self._url + channel.path,
                content=declaration,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": channel.content_type,
                    "Idempotency-Key": key,
                },
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(type(error).__name__) from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.pop(channel.scopes, None)
            raise NotSent("the token was not accepted")
        if answer.status_code == httpx.codes.CREATED:
            return _reference(answer.headers.get("Location", ""))
        if answer.is_client_error and answer.status_code not in _AGAIN:
            raise Rejected(f"the authority answered {answer.status_code}")
        raise AuthorityUnclear(f"the authority answered {answer.status_code}")

    async def consult(self, reference: str, *, channel: Channel) -> bytes:
        """The answer to a declaration as it was written. Raises StillWaiting before there is one."""
        token = await self._access_token(channel)
        answer = await self._http.get(
            f"{self._url}{channel.path}/{reference}", headers={"Authorization": f"Bearer {token}"}
        )
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.pop(channel.scopes, None)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise StillWaiting("the authority has not processed the declaration")
        if answer.status_code != httpx.codes.OK or len(answer.content) > ANSWER_BYTES_MAX:
            raise AuthorityUnclear(f"the authority answered {answer.status_code}")
        return answer.content

    async def _access_token(self, channel: Channel) -> str:
        now = self._now_seconds()
        known = self._tokens.get(channel.scopes)
        if known is not None and now < known[1]:
            return known[0]
        assertion = jwt.encode(
            {
                "iss": self._client_id,
                "sub": self._client_id,
                "aud": self._url + TOKEN_PATH,
                "jti": str(uuid7()),
                "iat": int(now),
                "exp": int(now) + ASSERTION_LIFE_SECONDS,
            },
            self._key,
            algorithm="RS256",
        )
        answer = await self._http.post(
            self._url + TOKEN_PATH,
            data={
                "grant_type": "client_credentials",
                "scope": channel.scopes,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            },
        )
        if answer.status_code != httpx.codes.OK:
            raise AuthorityUnclear(f"the token was refused with {answer.status_code}")
        found = _mapping(answer.content)
        token, life_seconds = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not isinstance(life_seconds, int):
            raise AuthorityUnclear("the token cannot be read")
        self._tokens[channel.scopes] = token, now + life_seconds - TOKEN_MARGIN_SECONDS
        return token


_AGAIN: Final = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)


def new_client_key() -> RSAPrivateKey:
    """A key for an authority that knows no client: for local use."""
    return generate_private_key(public_exponent=65_537, key_size=2_048)


def _reference(location: str) -> str:
    reference = location.rstrip("/").rpartition("/")[2]
    if not _REFERENCE.fullmatch(reference):
        raise AuthorityUnclear("the answer names no reference")
    return reference


def _mapping(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        raise AuthorityUnclear("the answer is not JSON") from None
    return found if isinstance(found, dict) else {}
