"""Settings from the environment: one frozen dataclass, read whole at the start, refused in sentences."""

from __future__ import annotations

import base64
import binascii
import os
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, Self, Union, get_args, get_origin, get_type_hints

from commons.database import Connection, check_durability

PORT_MAX: Final = 65_535


class SettingsWrong(Exception):
    """Environment variables are missing or malformed; one sentence a line, never with a secret's value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What every service reads. A service adds fields in a subclass; the variable is the field's name.

    Types: str, int, bool (true or false), bytes (base64), Path, Literal, and each of them `| None`.
    """

    country: str
    database_url: str = field(repr=False)
    # Counts up with each restoration: a copy that was not told of its own is found by it.
    database_generation: int = 1
    kafka_bootstrap: str
    http_host: str = "127.0.0.1"
    http_port: int
    jwt_issuer: str
    jwt_audience: str = "partage"
    jwks_url: str
    profile: Literal["local", "production"] = "production"
    simulation_allowed: bool = False
    # After SIGTERM, still answering: longer than the gateway keeps an idle connection and a probe needs.
    drain_seconds: int = 6
    otel_exporter_otlp_endpoint: str | None = None
    countries_dir: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # Set in an image when it is built.
    build_commit: str = "unknown"
    kafka_ca_file: str | None = None
    kafka_certificate_file: str | None = None
    kafka_key_file: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read every field from its variable. Raises SettingsWrong with all that is wrong at once."""
        found = os.environ if environment is None else environment
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for each in fields(cls):
            variable = each.name.upper()
            text = found.get(variable, "")
            if not text:
                if each.default is MISSING and each.default_factory is MISSING:
                    wrong.append(f"{variable} is not set.")
                continue
            try:
                values[each.name] = _read(hints[each.name], text)
            except ValueError as error:
                wrong.append(f"{variable} {error}.")
        if not wrong:
            settings = cls(**values)
            wrong = settings.problems()
            if not wrong:
                return settings
        raise SettingsWrong("\n".join(wrong))

    def problems(self) -> list[str]:
        """What single fields cannot tell; a subclass adds its own sentences."""
        wrong = []
        if len(self.country) != 2 or not self.country.islower():
            wrong.append("COUNTRY must be a code of two lower-case letters, like be.")
        if not 0 <= self.http_port <= PORT_MAX:
            wrong.append(f"HTTP_PORT must be between 0 and {PORT_MAX}.")
        if self.profile == "production" and self.simulation_allowed:
            wrong.append(
                "SIMULATION_ALLOWED must be false in production: a simulated day moves the law's deadlines."
            )
        return wrong

    @property
    def is_production(self) -> bool:
        """Whether real people's money is meant."""
        return self.profile == "production"

    async def check_database(self, db: Connection) -> None:
        """Refuse, in production, a database that could forget a commit. Raises UnsafeDatabase."""
        if self.is_production:
            await check_durability(db)


def _read(kind: Any, text: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not types.NoneType)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ValueError(f"must be one of {', '.join(get_args(kind))}")
        return text
    return _READERS[kind](text)


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None


_READERS: Final[Mapping[Any, Any]] = {
    str: str,
    int: _whole_number,
    bool: _truth,
    bytes: _bytes,
    Path: Path,
}
