"""Turn the page of a simulated entity's calendar."""

from commons.clock import business_day_opened

__all__ = ["business_day_opened"]
