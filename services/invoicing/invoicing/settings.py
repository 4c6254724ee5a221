"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from commons.settings import Settings
from invoicing.domain.link import KEY_BYTES_MIN


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoicingSettings(Settings):
    """The key of signed links, the address they begin with, the outside parties, and the rules of e-invoices.

    `public_url` is what clients see, without a path; `jars_dir` holds the jars of the e-invoice rules.
    """

    link_key: bytes = field(repr=False)
    public_url: str
    mail_url: str
    e_invoice_url: str
    jars_dir: Path

    def problems(self) -> list[str]:
        """A key that could be guessed is refused at the start."""
        wrong = Settings.problems(self)
        if len(self.link_key) < KEY_BYTES_MIN:
            wrong.append(f"LINK_KEY must be the base64 of at least {KEY_BYTES_MIN} bytes.")
        return wrong
