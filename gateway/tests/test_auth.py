"""Who may ask."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from gateway.auth import KeysUnavailable, Verifier
from gateway.errors import Code, RequestRefused
from gateway.testing.issuer import AUDIENCE, ISSUER, Issuer


def a_verifier(issuer: Issuer, **changes: Any) -> Verifier:
    settings: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "fetch_keys": issuer.keys,
        "cached_tokens_max": 3,
        **changes,
    }
    return Verifier(**settings)


def bearer(token: str) -> bytes:
    return f"Bearer {token}".encode()


async def refusal(verifier: Verifier, authorization: bytes | None) -> Code:
    with pytest.raises(RequestRefused) as refused:
        await verifier.verified(authorization)
    return refused.value.code


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_a_token_of_an_allowed_algorithm_is_accepted(issuer: Issuer, algorithm: str) -> None:
    claims = await a_verifier(issuer).verified(
        bearer(issuer.token(algorithm=algorithm, countries=["be", "FR"]))
    )
    assert claims.countries == {"BE", "FR"}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"exp": int(time.time()) - 60},
        {"nbf": int(time.time()) + 600},
        {"exp": None},
        {"sub": None},
        {"countries": None},
        {"countries": "BE"},
        {"algorithm": "RS512"},
        {"algorithm": "RS256", "kid": "ec"},
        {"algorithm": "ES256", "kid": "rsa"},
        {"kid": "unheard"},
    ],
    ids=lambda claims: " ".join(claims),
)
async def test_a_token_that_is_not_right_in_every_part_is_refused(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert await refusal(a_verifier(issuer), bearer(issuer.token(**claims))) is Code.UNAUTHENTICATED


async def test_a_token_without_or_with_a_shared_secret_is_refused(issuer: Issuer) -> None:
    verifier = a_verifier(issuer)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": int(time.time()) + 60, "countries": ["BE"]}
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": "rsa"})
    shared = jwt.encode(claims, "s" * 64, algorithm="HS256", headers={"kid": "rsa"})
    for authorization in (
        None,
        b"",
        b"Basic x",
        b"Bearer ",
        b"Bearer x.y.z",
        bearer(unsigned),
        bearer(shared),
    ):
        assert await refusal(verifier, authorization) is Code.UNAUTHENTICATED


async def test_a_changed_token_is_refused_although_its_original_is_remembered(issuer: Issuer) -> None:
    verifier = a_verifier(issuer)
    token = issuer.token()
    await verifier.verified(bearer(token))
    head, body, signature = token.split(".")
    assert await refusal(verifier, bearer(f"{head}.{body}A.{signature}")) is Code.UNAUTHENTICATED


async def test_a_token_is_remembered_until_it_expires(issuer: Issuer) -> None:
    now = [time.time()]
    verifier = a_verifier(issuer, now=lambda: now[0])
    authorization = bearer(issuer.token(exp=int(now[0]) + 60))
    claims = await verifier.verified(authorization)
    assert verifier.remembered(authorization) is claims
    now[0] += 61
    assert verifier.remembered(authorization) is None


async def test_only_so_many_tokens_are_remembered(issuer: Issuer) -> None:
    verifier = a_verifier(issuer)
    tokens = [bearer(issuer.token(sub=str(n))) for n in range(5)]
    for token in tokens:
        await verifier.verified(token)
    assert sum(verifier.remembered(token) is not None for token in tokens) == 3


async def test_invented_key_names_do_not_make_us_ask_the_issuer_each_time(issuer: Issuer) -> None:
    now = [time.time()]
    verifier = a_verifier(issuer, now=lambda: now[0])
    await verifier.verified(bearer(issuer.token()))
    before = issuer.fetches
    for n in range(5):
        await refusal(verifier, bearer(issuer.token(kid=f"invented-{n}")))
    assert issuer.fetches == before
    now[0] += 11
    await refusal(verifier, bearer(issuer.token(kid="invented")))
    assert issuer.fetches == before + 1


async def test_known_keys_serve_on_while_the_issuer_is_away(issuer: Issuer) -> None:
    now, is_away = [time.time()], [False]

    async def keys() -> Mapping[str, Any]:
        if is_away[0]:
            raise KeysUnavailable
        return await issuer.keys()

    verifier = a_verifier(issuer, fetch_keys=keys, now=lambda: now[0])
    await verifier.verified(bearer(issuer.token()))
    is_away[0] = True
    now[0] += 700
    assert (await verifier.verified(bearer(issuer.token(sub="another")))).subject == "another"


async def test_without_any_key_the_answer_is_not_that_the_token_is_wrong(issuer: Issuer) -> None:
    async def keys() -> Mapping[str, Any]:
        raise KeysUnavailable

    with pytest.raises(RequestRefused) as refused:
        await a_verifier(issuer, fetch_keys=keys).verified(bearer(issuer.token()))
    assert refused.value.status == 503
