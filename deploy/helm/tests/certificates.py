"""Certificates as the operators make them: an authority of the day, servers under it, and clients."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

VALID: Final = timedelta(days=1)


class Authority:
    """Signs certificates; `certificate` is what whoever trusts it needs."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = _builder(self._name, self._name, self._key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._certificate = made.sign(self._key, hashes.SHA256())

    @property
    def certificate(self) -> bytes:
        """In PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def signed(self, name: str, *, address: str | None = None) -> tuple[bytes, bytes]:
        """Key and certificate, in PEM, of a client of that name or of a server at that address."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_named(name), self._name, key.public_key())
        if address is not None:
            there = x509.IPAddress(ipaddress.ip_address(address))
            made = made.add_extension(x509.SubjectAlternativeName([there]), critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        return pem_of(key), certificate.public_bytes(serialization.Encoding.PEM)


def rsa_key() -> bytes:
    """A key of a client of an authority, in PEM."""
    return pem_of(rsa.generate_private_key(public_exponent=65_537, key_size=2_048))


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A key, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
    )
