"""The payroll engines by the name that a country's data gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Protocol

from commons.country import Country
from payroll.domain.austria.engine import Austria
from payroll.domain.belgium.engine import Belgium
from payroll.domain.earlier import Counted
from payroll.domain.errors import EngineUnknown
from payroll.domain.france.engine import France
from payroll.domain.germany.engine import Germany
from payroll.domain.hungary.engine import Hungary
from payroll.domain.italy.engine import Italy
from payroll.domain.law import PayrollLaw
from payroll.domain.netherlands.engine import Netherlands
from payroll.domain.sheet import Payslip, Sheet
from payroll.domain.spain.engine import Spain
from payroll.domain.sweden.engine import Sweden
from payroll.domain.wage import Batch, Earlier, Situation, Wage


class Engine(Protocol):
    """What every country's engine does: compute wages, one or many, and say what it is.

    `situation_type` is the country's class of situations, whose fields are what a worker may be asked.
    """

    @property
    def situation_type(self) -> type[Situation]:
        """What the engine asks of a worker, each with the law's default."""

    @property
    def law(self) -> PayrollLaw:
        """The law it reads."""

    @property
    def version(self) -> str:
        """Changes whenever the same figures could give another payslip."""

    @property
    def net_drop_max_cents(self) -> int:
        """The most that one more cent of gross, or several, can take off the net."""

    @property
    def cost_dip_cents(self) -> int:
        """For so many cents of further gross the labor cost can be less than it was, by roundings alone."""

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """The grosses from which on the net may be more at once than just below; elsewhere it gains no more
        than the gross does, but for roundings.
        """

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """The grosses from which on the labor cost may be less than just below.

        It rises between them, but for the dips of `cost_dip_cents`.
        """

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day and one group as columns."""

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch."""

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage."""

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind for the next one of the month, the quarter or the year."""

    def earlier(self, payments: Sequence[Counted], day: date) -> Earlier:
        """What payments of the same employer to the same worker mean for a payment on a day."""


ENGINES: Final[dict[str, Callable[[PayrollLaw], Engine]]] = {
    "austria": Austria,
    "belgium": Belgium,
    "france": France,
    "germany": Germany,
    "hungary": Hungary,
    "italy": Italy,
    "netherlands": Netherlands,
    "spain": Spain,
    "sweden": Sweden,
}


def engine_of(country: Country) -> Engine:
    """The engine of a country. Raises EngineUnknown, or CountryNotReady where there is no payroll file."""
    law = PayrollLaw(country)
    if law.engine not in ENGINES:
        raise EngineUnknown(engine=law.engine, country=country.code)
    return ENGINES[law.engine](law)
