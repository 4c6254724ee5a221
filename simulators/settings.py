"""What the environment says: one port number per simulated party and one folder for what must last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
PARTIES = ("identity", "authority", "bank", "e_invoice", "mail")


class ProductionRefused(Exception):
    """Simulated outside parties do not run in production."""


class MissingSetting(Exception):
    """A setting is missing or is not a port number."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the simulated parties listen and keep their state."""

    ports: Mapping[str, int]
    state_dir: Path
    identity_issuer: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Reads the settings.

        Raises `ProductionRefused` when PROFILE is production: an issuer that gives a token to
        whoever asks must never stand near real people's data. Raises `MissingSetting` otherwise
        when a port or the folder is not given.
        """
        if environment.get("PROFILE", "local") == "production":
            raise ProductionRefused
        ports = {party: _port(environment, f"{party.upper()}_PORT") for party in PARTIES}
        if not environment.get("STATE_DIR"):
            raise MissingSetting("STATE_DIR")
        return cls(
            ports=ports,
            state_dir=Path(environment["STATE_DIR"]),
            identity_issuer=environment.get("IDENTITY_ISSUER") or f"http://{HOST}:{ports['identity']}",
        )


def _port(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise MissingSetting(name)
    return int(text)
