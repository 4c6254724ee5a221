"""An issuer of tokens for tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "test-issuer"
AUDIENCE = "partage"


class Issuer:
    """Signs tokens with an RSA and an elliptic-curve key, and publishes both."""

    def __init__(self) -> None:
        self._rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._ec = ec.generate_private_key(ec.SECP256R1())
        self.fetches = 0

    async def keys(self) -> Mapping[str, Any]:
        """The published key set."""
        self.fetches += 1
        published = [
            {**RSAAlgorithm.to_jwk(self._rsa.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
            {**ECAlgorithm.to_jwk(self._ec.public_key(), as_dict=True), "kid": "ec", "use": "sig"},
        ]
        return {"keys": published}

    def token(self, *, algorithm: str = "RS256", kid: str | None = None, **claims: Any) -> str:
        """A token of a member of a Belgian entity, unless the claims say otherwise."""
        now = int(time.time())
        full: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "somebody",
            "iat": now,
            "exp": now + 600,
            "roles": ["member"],
            "countries": ["BE"],
            **claims,
        }
        full = {name: value for name, value in full.items() if value is not None}
        is_rsa = algorithm.startswith("RS")
        key = self._rsa if is_rsa else self._ec
        return jwt.encode(full, key, algorithm=algorithm, headers={"kid": kid or ("rsa" if is_rsa else "ec")})

    def authorization(self, **claims: Any) -> dict[str, str]:
        """The header that carries such a token."""
        return {"authorization": f"Bearer {self.token(**claims)}"}
