"""The gateway's settings: the environment read into one frozen value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).resolve().parent.parent
SERVICES = ("members", "invoicing", "payroll", "guarantee", "governance")
COUNTRIES = frozenset({"AT", "BE", "DE", "ES", "FR", "HU", "IT", "NL", "SE"})


class InvalidSetting(Exception):
    """A setting is missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost. The numbers are our own choice: no source gives any."""

    body_bytes_max: int = 1_048_576  # a bank statement of a busy day; the services take no more either
    document_characters_max: int = 65_536
    tokens_max: int = 2_000
    # Brackets of any kind, counted before parsing: the parser recurses once a level.
    nesting_max: int = 40
    depth_max: int = 12
    aliases_max: int = 30
    directives_max: int = 30
    root_fields_max: int = 20
    fields_max: int = 2_000
    # The same response key asked again at the same place: validation compares each pair.
    repeats_max: int = 20
    variables_depth_max: int = 30
    validation_errors_max: int = 20
    answer_bytes_max: int = 16_777_216
    subgraph_seconds_max: float = 10.0
    request_seconds_max: float = 30.0
    requests_in_flight_max: int = 500
    connections_per_service_max: int = 64
    waiting_per_service_max: int = 500
    cached_documents_max: int = 1_000
    cached_tokens_max: int = 10_000
    condition_variants_max: int = 8
    proxied_bytes_max: int = 1_048_576
    # Without a token: a form is filled in, an order confirmed, a wage simulated; nobody does so every second.
    anonymous_per_minute_max: int = 60
    anonymous_addresses_max: int = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one gateway process and another."""

    country: str
    host: str
    port: int
    profile: Literal["local", "production"]
    services: Mapping[str, str]
    supergraph: Path
    jwt_issuer: str
    jwt_audience: str
    jwks_url: str
    node: str | None = None
    is_compiled: bool = True
    is_access_log_on: bool = True
    is_edge: bool = False
    otlp_endpoint: str | None = None
    # After SIGTERM, still answering: as long as whoever stands before it needs to see that it is not ready.
    drain_seconds: int = 6
    log_level: str = "info"
    # Set in an image when it is built.
    build_commit: str = "unknown"
    # How many proxies stand before the gateway, each of which adds its peer to x-forwarded-for.
    trusted_proxies: int = 0
    limits: Limits = field(default_factory=Limits)

    @property
    def is_local(self) -> bool:
        """Introspection, GraphiQL and suggestions are for development only."""
        return self.profile == "local"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises `InvalidSetting` at start rather than at noon."""
    env = os.environ if environment is None else environment
    country = _required(env, "COUNTRY").upper()
    if country not in COUNTRIES:
        raise InvalidSetting(f"COUNTRY must be one of {', '.join(sorted(COUNTRIES))}")
    profile = env.get("PROFILE", "production")
    if profile not in ("local", "production"):
        raise InvalidSetting("PROFILE must be local or production")
    is_local = profile == "local"
    return Settings(
        country=country,
        host=env.get("GATEWAY_HOST", "127.0.0.1"),
        port=_number(env, "HTTP_PORT", 8080),
        profile="local" if is_local else "production",
        services={name: _url(env, f"{name.upper()}_URL") for name in SERVICES},
        supergraph=Path(env.get("SUPERGRAPH", FOLDER / "schema" / "supergraph.graphql")),
        jwt_issuer=_required(env, "JWT_ISSUER"),
        jwt_audience=env.get("JWT_AUDIENCE", "partage"),
        jwks_url=_url(env, "JWKS_URL"),
        node=env.get("NODE") or None,
        is_compiled=_flag(env, "COMPILED_PLANS", True),
        is_access_log_on=_flag(env, "ACCESS_LOG", True),
        is_edge=_flag(env, "EDGE_ROUTES", is_local),
        otlp_endpoint=env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
        drain_seconds=_number(env, "DRAIN_SECONDS", 6),
        log_level=env.get("LOG_LEVEL", "info").lower(),
        build_commit=env.get("BUILD_COMMIT") or "unknown",
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        limits=_limits(env),
    )


def _limits(env: Mapping[str, str]) -> Limits:
    values: dict[str, int | float] = {}
    for name, default in asdict(Limits()).items():
        # body_bytes_max is set by MAX_BODY_BYTES, and so on.
        text = env.get("MAX_" + name.removesuffix("_max").upper())
        if text is None:
            continue
        try:
            value = type(default)(text)
        except ValueError:
            raise InvalidSetting(f"MAX_{name.removesuffix('_max').upper()} must be a number") from None
        if value <= 0:
            raise InvalidSetting(f"MAX_{name.removesuffix('_max').upper()} must be above zero")
        values[name] = value
    return Limits(**values)  # type: ignore[arg-type]  # each value was made by the type of its default


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise InvalidSetting(f"{name} is not set")
    return value


def _url(env: Mapping[str, str], name: str) -> str:
    value = _required(env, name)
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise InvalidSetting(f"{name} is not an http address")
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name, default))
    except ValueError:
        raise InvalidSetting(f"{name} must be a number") from None


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name, "").strip().lower()
    if not value:
        return default
    if value not in ("true", "false", "1", "0"):
        raise InvalidSetting(f"{name} must be true or false")
    return value in ("true", "1")
