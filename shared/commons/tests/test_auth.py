"""Tokens: what is verified, what is refused, what is remembered."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from commons.auth import REMEMBERED_TOKENS_MAX, KeySet, KeysUnavailable, Rejected, Verifier, WrongCell
from commons.claims import ANONYMOUS

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """An identity issuer in memory: its keys, how often they were fetched, whether it answers."""

    def __init__(self) -> None:
        self.keys = {"rsa": RSA.public_key(), "ec": EC.public_key()}
        self.fetched = 0
        self.answers = True
        self.now = 1_000.0
        transport = httpx.MockTransport(self._answer)
        self.key_set = KeySet("http://issuer/jwks", httpx.AsyncClient(transport=transport), lambda: self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.fetched += 1
        if not self.answers:
            return httpx.Response(500)
        keys: list[Any] = []
        for kid, key in self.keys.items():
            if isinstance(key, rsa.RSAPublicKey):
                keys.append({**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)), "kid": kid})
            elif isinstance(key, ec.EllipticCurvePublicKey):
                keys.append({**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key)), "kid": kid})
        return httpx.Response(
            200, json={"keys": [*keys, {"kty": "oct", "k": "AA", "kid": "shared"}, "nonsense"]}
        )


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def verifier(issuer: Issuer) -> Verifier:
    return Verifier(issuer="https://id", audience="partage", country="be", keys=issuer.key_set)


def a_token(key: Any = RSA, kid: str | None = "rsa", algorithm: str = "RS256", **changes: Any) -> bytes:
    payload = {
        "iss": "https://id",
        "aud": "partage",
        "sub": "anna",
        "exp": int(time.time()) + 60,
        "roles": ["member"],
        "countries": ["BE"],
    }
    payload.update(changes)
    payload = {name: value for name, value in payload.items() if value is not None}
    return b"Bearer " + jwt.encode(payload, key, algorithm, headers={"kid": kid} if kid else {}).encode()


async def test_a_good_token_gives_its_claims(verifier: Verifier) -> None:
    member = uuid4()
    claims = await verifier.claims(
        a_token(member_id=str(member), scopes=["invoices:write"], countries=["be", "FR"])
    )
    assert (claims.subject, set(claims.roles), claims.member_id) == ("anna", {"member"}, member)
    assert (set(claims.countries), set(claims.scopes)) == ({"BE", "FR"}, {"invoices:write"})
    assert (await verifier.claims(a_token(EC, "ec", "ES256"))).subject == "anna"


async def test_without_a_token_one_is_anonymous(verifier: Verifier) -> None:
    assert await verifier.claims(None) is ANONYMOUS


@pytest.mark.parametrize(
    "token",
    [
        a_token(exp=int(time.time()) - 60),
        a_token(nbf=int(time.time()) + 60),
        a_token(iss="https://other"),
        a_token(aud="other"),
        a_token(exp=None),
        a_token(sub=None),
        a_token(aud=None),
        a_token(STRANGER),
        a_token(kid="unknown"),
        a_token(kid=None),
        a_token("x" * 64, "shared", "HS256"),
        a_token(EC, "rsa", "ES256"),
        a_token(RSA, "rsa", "RS512"),
        a_token(RSA, "rsa", "PS256"),
        a_token(roles="adviser"),
        a_token(roles=[1]),
        a_token(member_id="x"),
        a_token(sub="a\x00b"),
        a_token(padding="x" * 9_000),
        a_token()[:-3],
        b"Bearer " + jwt.encode({"sub": "anna"}, "", "none", headers={"kid": "rsa"}).encode(),
        b"Bearer ",
        b"Bearer x.y.z",
        b"Bearer \xff\xfe",
        b"Basic YTpi",
        b"",
    ],
)
async def test_a_token_that_is_not_exactly_right_is_refused(verifier: Verifier, token: bytes) -> None:
    with pytest.raises(Rejected):
        await verifier.claims(token)


async def test_a_public_key_is_not_a_shared_secret(verifier: Verifier) -> None:
    import base64
    import hashlib
    import hmac

    pem = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = [
        {"alg": "HS256", "kid": "rsa"},
        {"sub": "anna", "aud": "partage", "iss": "https://id", "exp": 9**10},
    ]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    seal = base64.urlsafe_b64encode(hmac.digest(pem, signed, hashlib.sha256)).rstrip(b"=")
    with pytest.raises(Rejected):
        await verifier.claims(b"Bearer " + signed + b"." + seal)


async def test_a_token_for_another_country_is_for_another_cell(verifier: Verifier) -> None:
    for countries in (["FR"], [], None):
        with pytest.raises(WrongCell):
            await verifier.claims(a_token(countries=countries))


async def test_what_was_verified_is_remembered_until_it_ends(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    verifier = Verifier(
        issuer="https://id", audience="partage", country="BE", keys=issuer.key_set, now=lambda: now
    )
    token = a_token()
    first = await verifier.claims(token)
    decodes: list[int] = []

    def expired(*_: object, **__: object) -> None:
        decodes.append(1)
        raise jwt.ExpiredSignatureError

    monkeypatch.setattr("commons.auth.jwt.decode", expired)
    assert await verifier.claims(token) is first
    assert decodes == []
    now += 120
    with pytest.raises(Rejected):
        await verifier.claims(token)
    assert decodes == [1]


async def test_memory_is_bounded(verifier: Verifier) -> None:
    for number in range(REMEMBERED_TOKENS_MAX):
        verifier._remembered[b"%d" % number] = (ANONYMOUS, 0.0)
    await verifier.claims(a_token())
    assert len(verifier._remembered) == REMEMBERED_TOKENS_MAX
    assert b"0" not in verifier._remembered


async def test_keys_are_fetched_once_and_early_for_an_unknown_one(issuer: Issuer, verifier: Verifier) -> None:
    await verifier.claims(a_token())
    await verifier.claims(a_token(sub="bram"))
    assert issuer.fetched == 1
    issuer.keys["new"] = STRANGER.public_key()
    with pytest.raises(Rejected):
        await verifier.claims(a_token(STRANGER, "new"))
    assert issuer.fetched == 1, "not again within the minimum interval"
    issuer.now += 11
    assert (await verifier.claims(a_token(STRANGER, "new"))).subject == "anna"
    assert issuer.fetched == 2
    issuer.now += 601
    await verifier.claims(a_token(sub="cleo"))
    assert issuer.fetched == 3


async def test_while_the_issuer_is_silent_known_keys_serve_for_a_day(
    issuer: Issuer, verifier: Verifier
) -> None:
    await verifier.claims(a_token())
    issuer.answers = False
    issuer.now += 3_600
    assert (await verifier.claims(a_token(sub="bram"))).subject == "bram"
    issuer.now += 86_400
    with pytest.raises(KeysUnavailable):
        await verifier.claims(a_token(sub="cleo"))


async def test_without_any_key_nothing_can_be_said(issuer: Issuer, verifier: Verifier) -> None:
    issuer.answers = False
    with pytest.raises(KeysUnavailable):
        await verifier.claims(a_token())
