"""Let entities have business days."""

from __future__ import annotations

from commons.clock import entity_registered

__all__ = ["entity_registered"]
