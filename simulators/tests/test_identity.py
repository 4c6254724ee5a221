"""Tokens of the development issuer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from simulators.identity import identity_issuer
from simulators.tests.builders import ManualClock, client_of

ISSUER = "http://127.0.0.1:9100"


@pytest.fixture
async def client(tmp_path: Path, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(identity_issuer(tmp_path, clock, issuer=ISSUER)) as client:
        yield client


async def verified(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict((await client.get("/jwks.json")).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_exp": False, "verify_iat": False}
    return dict(
        jwt.decode(token, key, algorithms=["RS256"], audience="partage", issuer=ISSUER, options=options)
    )


async def test_a_token_verifies_with_the_published_keys_and_carries_its_role(
    client: httpx.AsyncClient,
) -> None:
    answer = (await client.post("/token", json={"persona": "accountant", "name": "an"})).json()
    claims = await verified(client, answer["access_token"])
    assert claims == answer["claims"]
    assert claims["roles"] == ["accountant"]
    assert claims["countries"] == ["BE"]
    assert claims["sub"] == "accountant.an"
    assert claims["exp"] - claims["iat"] == 3600


async def test_a_member_token_names_the_member(client: httpx.AsyncClient) -> None:
    member_id = str(uuid4())
    answer = (await client.post("/token", json={"persona": "member", "member_id": member_id})).json()
    assert answer["claims"]["member_id"] == member_id
    assert (await client.post("/token", json={"persona": "member"})).status_code == 422


async def test_an_applicant_has_no_role(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/token", json={"persona": "applicant", "name": "amina"})).json()
    assert answer["claims"]["roles"] == []


async def test_a_negative_life_makes_an_expired_token(client: httpx.AsyncClient, clock: ManualClock) -> None:
    answer = (await client.post("/token", json={"persona": "board", "expires_in": -60})).json()
    assert answer["claims"]["exp"] < clock.now().timestamp()


async def test_the_configuration_points_to_the_keys(client: httpx.AsyncClient) -> None:
    configuration = (await client.get("/.well-known/openid-configuration")).json()
    assert configuration["issuer"] == ISSUER
    assert configuration["jwks_uri"] == f"{ISSUER}/jwks.json"


async def test_the_key_outlives_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    async with client_of(identity_issuer(tmp_path, clock, issuer=ISSUER)) as before:
        first = (await before.get("/jwks.json")).json()
    async with client_of(identity_issuer(tmp_path, clock, issuer=ISSUER)) as after:
        assert (await after.get("/jwks.json")).json() == first


async def test_after_a_rotation_old_tokens_still_verify(client: httpx.AsyncClient) -> None:
    old = (await client.post("/token", json={"persona": "board"})).json()["access_token"]
    kid = (await client.post("/simulate/rotate-key")).json()["kid"]
    new = (await client.post("/token", json={"persona": "board"})).json()["access_token"]
    assert jwt.get_unverified_header(new)["kid"] == kid
    assert (await verified(client, old))["sub"] == (await verified(client, new))["sub"] == "board"


async def test_only_a_few_old_keys_are_kept(client: httpx.AsyncClient, tmp_path: Path) -> None:
    for _ in range(6):
        await client.post("/simulate/rotate-key")
    assert len((await client.get("/jwks.json")).json()["keys"]) == 5
    assert len(list((tmp_path / "identity-keys").iterdir())) == 5
