"""A development issuer: signs a token for any persona that asks, with the claims a real provider gives."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4, uuid5

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from simulators.behavior import SCHEMA as BEHAVIOR_SCHEMA
from simulators.behavior import Operation
from simulators.clock import Clock
from simulators.party import Party, Problem
from simulators.store import Store

AUDIENCE = "partage"
key_count_max = 5
expires_in_seconds_default = 3600
expires_in_seconds_limit = 30 * 86_400
NAMES = UUID("6f0a3c1e-5a0e-4b0a-9a43-0d6d5a3e7c11")

Persona = Literal[
    "accountant",
    "adviser",
    "payroll_officer",
    "credit_controller",
    "board",
    "returning_officer",
    "auditor",
    "operator",
    "group_analyst",
    "partner",
    "applicant",
    "member",
]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class TokenRequest(BaseModel):
    """Who wants to be whom. A negative `expires_in` makes a token that has already expired."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    persona: Persona
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")] | None = None
    member_id: UUID | None = None
    partner_id: UUID | None = None
    country: Country = "BE"
    countries: list[Country] | None = Field(default=None, max_length=30)
    scope: Annotated[str, StringConstraints(max_length=500)] | None = None
    expires_in: int = Field(
        default=expires_in_seconds_default, ge=-expires_in_seconds_limit, le=expires_in_seconds_limit
    )


def identity_issuer(state_dir: Path, clock: Clock, *, issuer: str) -> Party:
    """The issuer; its keys are made at the first start and kept in `<state_dir>/identity-keys`."""
    party = Party(
        name="identity",
        title="Identity issuer",
        explanation=(
            "Signs an access token for any persona without asking for a secret. "
            "It stands for an OpenID Connect provider on a developer's machine and nowhere else."
        ),
        store=Store(state_dir / "identity.sqlite3", BEHAVIOR_SCHEMA),
        clock=clock,
        operations=(Operation("token", facts=frozenset({"persona"})), Operation("keys")),
    )
    keys = _Keys(state_dir / "identity-keys")
    app = party.app

    @app.get("/.well-known/openid-configuration", tags=["identity"])
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks.json",
            "token_endpoint": f"{issuer}/token",
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "simulated": True,
        }

    @app.get("/jwks.json", tags=["identity"])
    async def jwks() -> dict[str, Any]:
        manner = await party.meet("keys")
        return manner.give({"keys": keys.public(), "simulated": True})

    @app.post("/token", tags=["identity"])
    async def token(request: TokenRequest) -> dict[str, Any]:
        manner = await party.meet("token", persona=request.persona)
        claims = _claims(request, issuer=issuer, issued_at=int(clock.now().timestamp()))
        return manner.give(
            {
                "access_token": keys.sign(claims),
                "token_type": "Bearer",
                "expires_in": request.expires_in,
                "claims": claims,
                "simulated": True,
            }
        )

    @app.post("/simulate/rotate-key", status_code=201, tags=["simulate"])
    async def rotate_key() -> dict[str, Any]:
        return {"kid": keys.rotate(), "simulated": True}

    return party


def _claims(request: TokenRequest, *, issuer: str, issued_at: int) -> dict[str, Any]:
    if request.persona == "member" and request.member_id is None:
        raise Problem(422, "A member's token names the member", detail="Give member_id.")
    expires_at = issued_at + request.expires_in
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": _subject(request),
        "iat": min(issued_at, expires_at),
        "exp": expires_at,
        "jti": str(uuid4()),
        "roles": [] if request.persona == "applicant" else [request.persona],
        "countries": [request.country] if request.countries is None else request.countries,
        "simulated": True,
    }
    if request.member_id:
        claims["member_id"] = str(request.member_id)
    if request.persona == "partner":
        claims["partner_id"] = str(request.partner_id or uuid5(NAMES, _subject(request)))
        claims["scope"] = request.scope or "invoices:write"
    elif request.scope:
        claims["scope"] = request.scope
    return claims


def _subject(request: TokenRequest) -> str:
    if request.name:
        return f"{request.persona}.{request.name}"
    if request.member_id:
        return f"{request.persona}.{request.member_id}"
    return request.persona


class _Keys:
    """The signing key and the few before it, which still verify what they signed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._keys = [
            _load_key(file) for file in sorted(folder.glob("key-*.pem"), key=_serial)[-key_count_max:]
        ]
        if not self._keys:
            self.rotate()

    def rotate(self) -> str:
        key = generate_private_key(public_exponent=65537, key_size=2048)
        files = sorted(self._folder.glob("key-*.pem"), key=_serial)
        serial = _serial(files[-1]) + 1 if files else 1
        _save_key(self._folder / f"key-{serial}.pem", key)
        for file in files[: -(key_count_max - 1)]:
            file.unlink()
        self._keys = [*self._keys, key][-key_count_max:]
        return _key_id(key)

    def public(self) -> list[dict[str, str]]:
        return [_public_jwk(key) for key in reversed(self._keys)]

    def sign(self, claims: dict[str, Any]) -> str:
        key = self._keys[-1]
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": _key_id(key), "typ": "JWT"})


def _serial(file: Path) -> int:
    return int(file.stem.removeprefix("key-"))


def _save_key(file: Path, key: RSAPrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Written beside and renamed, so that a stop in the middle leaves no half key.
    unfinished = file.with_suffix(".unfinished")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(pem)
    unfinished.rename(file)


def _load_key(file: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey), "only _save_key writes into this folder"
    return key


def _public_jwk(key: RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _key_id(key),
        "n": _base64url(numbers.n),
        "e": _base64url(numbers.e),
    }


def _key_id(key: RSAPrivateKey) -> str:
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()[:16]


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
