"""What capabilities find in `ctx.service`."""

from __future__ import annotations

from dataclasses import dataclass

from commons.database import Pool
from payroll.domain.engines import Engine
from payroll.domain.law import PayrollLaw
from payroll.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Payroll:
    """The country's engine, the key of personal data, and the pool that notes who read a file."""

    engine: Engine
    sealer: Sealer
    write: Pool
    is_production: bool = False

    @property
    def law(self) -> PayrollLaw:
        """The law the engine reads."""
        return self.engine.law
