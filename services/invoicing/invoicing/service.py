"""What capabilities find in `ctx.service`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from commons.country import Country
from invoicing.documents.validator import Validator
from invoicing.domain.link import read_link, sign_link
from invoicing.domain.rules import InvoicingRules, invoicing_rules
from invoicing.settings import InvoicingSettings

LINK_PURPOSE: Final = "order"
SIMULATED_LINK_DAYS: Final = 30  # simulated days run ahead of the real time in which links expire


@dataclass(frozen=True, slots=True)
class OrderLinks:
    """Signs and reads the links by which buyers decide. The same order always has the same link."""

    key: bytes = field(repr=False)
    public_url: str

    def sign(self, order_id: UUID, expires_at: datetime) -> str:
        """The token of an order."""
        return sign_link(self.key, order_id=order_id, purpose=LINK_PURPOSE, expires_at=expires_at)

    def read(self, token: str, now: datetime) -> UUID:
        """The order a token stands for. Raises LinkNotValid, LinkExpired."""
        return read_link(self.key, token, purpose=LINK_PURPOSE, now=now)

    def url(self, token: str) -> str:
        """The address of the page."""
        return f"{self.public_url.rstrip('/')}/orders/{token}"


def link_expiry(*, is_simulated: bool, sent_at: datetime, valid_until: date, time_zone: ZoneInfo) -> datetime:
    """When a link ends: with the last valid day, or some real days after sending where days are simulated.

    The business day is guarded by the order itself.
    """
    if is_simulated:
        return sent_at + timedelta(days=SIMULATED_LINK_DAYS)
    return datetime.combine(valid_until + timedelta(days=1), time(), time_zone)


@dataclass(frozen=True, slots=True)
class Invoicing:
    """The country's rules, the links, whether a day may be simulated here, and the judge of e-invoices.

    The validator is started and closed by whoever opens the service.
    """

    rules: InvoicingRules
    links: OrderLinks
    is_simulation_allowed: bool
    validator: Validator


def open_invoicing(settings: InvoicingSettings, country: Country) -> Invoicing:
    """The service's object from its settings."""
    return Invoicing(
        rules=invoicing_rules(country),
        links=OrderLinks(settings.link_key, settings.public_url),
        is_simulation_allowed=settings.simulation_allowed,
        validator=Validator(settings.jars_dir),
    )
