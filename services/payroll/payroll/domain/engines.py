"""The payroll engines by the name that a country's data gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from commons.country import Country
from payroll.domain.belgium.engine import Belgium
from payroll.domain.errors import EngineUnknown
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Payslip, Sheet
from payroll.domain.wage import Batch, Wage


class Engine(Protocol):
    """What every country's engine does: compute wages, one or many, and say what it is."""

    @property
    def law(self) -> PayrollLaw:
        """The law it reads."""

    @property
    def version(self) -> str:
        """Changes whenever the same figures could give another payslip."""

    @property
    def net_drop_max_cents(self) -> int:
        """The most that one more cent of gross, or several, can take off the net."""

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch."""

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage."""


ENGINES: Final[dict[str, Callable[[PayrollLaw], Engine]]] = {"belgium": Belgium}


def engine_of(country: Country) -> Engine:
    """The engine of a country. Raises EngineUnknown, or CountryNotReady where there is no payroll file."""
    law = PayrollLaw(country)
    if law.engine not in ENGINES:
        raise EngineUnknown(engine=law.engine, country=country.code)
    return ENGINES[law.engine](law)
