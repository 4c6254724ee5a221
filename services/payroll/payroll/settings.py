"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from commons.settings import Settings
from payroll.sealed import KEY_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class PayrollSettings(Settings):
    """The key of personal data, and where authority and bank are.

    `authority_client_key` is a PEM file with the RSA key by which the authority knows us; locally one is made
    at each start.
    """

    data_key: bytes = field(repr=False)
    authority_url: str
    bank_url: str
    authority_client_id: str = "partage"
    authority_client_key: Path | None = None

    def problems(self) -> list[str]:
        """A key of the wrong length, and production without a client key, are refused at the start."""
        wrong = Settings.problems(self)
        if len(self.data_key) != KEY_BYTES:
            wrong.append(f"DATA_KEY must be the base64 of {KEY_BYTES} bytes.")
        if self.is_production and self.authority_client_key is None:
            wrong.append("AUTHORITY_CLIENT_KEY must name a PEM file in production.")
        return wrong
