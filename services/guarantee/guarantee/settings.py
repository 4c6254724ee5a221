"""What this service reads from its environment."""

from __future__ import annotations

from dataclasses import dataclass

from commons.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class GuaranteeSettings(Settings):
    """Nothing beyond what every service reads."""
