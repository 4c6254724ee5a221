"""The two numbers of a contract: its price by the published coefficient, and what it really costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from commons.money import Money
from payroll.domain.engines import Engine
from payroll.domain.integers import Cents, mul_rate
from payroll.domain.inversion import BudgetToGross, gross_for_budget, gross_for_net, labor_cost
from payroll.domain.law import PayrollLaw, Source
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Wage


@dataclass(frozen=True, slots=True)
class Price:
    """The published coefficient of a regime on a day: what the budget is charged for one euro of gross."""

    coefficient_millionths: int
    currency: str
    source: Source

    @classmethod
    def on(cls, law: PayrollLaw, regime: str, day: date) -> Price:
        """The coefficient in force. Raises ValueNotInForce."""
        rule = law.rule("contract.price", day)
        return cls(rule.rate(regime), law.currency, rule.source)

    def of(self, gross: Money) -> Money:
        """The price of a gross wage, rounded to the cent."""
        return Money(int(mul_rate(gross.minor, self.coefficient_millionths)), self.currency)

    def column(self) -> Callable[[Cents], Cents]:
        """The price as a function of columns of gross."""
        return lambda grosses: mul_rate(grosses, self.coefficient_millionths)


@dataclass(frozen=True, slots=True)
class ContractAmounts:
    """The four amounts of a contract, as they become known.

    `estimated` is the engine's cost when the contract is asked for; `provisioned` the price charged to the
    budget; `declared` the cost of the quarterly return; `corrected` that of its correction, two quarters on.
    """

    estimated: Money
    provisioned: Money
    declared: Money | None = None
    corrected: Money | None = None

    @property
    def actual(self) -> Money:
        """The best known cost."""
        return self.corrected or self.declared or self.estimated

    @property
    def variance(self) -> Money:
        """What the price left over (or fell short by), for the mutual pool: never for the member."""
        return self.provisioned - self.actual


@dataclass(frozen=True, slots=True)
class Simulation:
    """A wage seen from both ends: every line of its payslip, what it costs, what the budget is charged.

    `remainder` is what stays of the budget asked about; missing where the question was about a net.
    """

    payslip: Payslip
    amounts: ContractAmounts
    remainder: Money | None


def simulate_gross(engine: Engine, wage: Wage) -> Simulation:
    """What a gross wage gives and costs."""
    return _simulation(engine, wage, engine.payslip(wage), None)


def simulate_budget(
    engine: Engine, wage: Wage, budget: Money, *, at_published_price: bool = True
) -> Simulation:
    """The largest gross a budget pays for, at the published price or at the engine's cost.

    Raises GrossNotPositive where the budget pays for nothing.
    """
    cost = (
        Price.on(engine.law, wage.regime, wage.day).column()
        if at_published_price
        else labor_cost(engine, wage)
    )
    found: BudgetToGross = gross_for_budget(engine, wage, budget, cost)
    return _simulation(engine, wage, found.payslip, found.remainder)


def simulate_net(engine: Engine, wage: Wage, net: Money) -> Simulation:
    """The smallest gross that gives a net wage. Raises NetNotReachable."""
    return _simulation(engine, wage, gross_for_net(engine, wage, net), None)


def _simulation(engine: Engine, wage: Wage, payslip: Payslip, remainder: Money | None) -> Simulation:
    price = Price.on(engine.law, wage.regime, wage.day)
    return Simulation(
        payslip=payslip,
        amounts=ContractAmounts(estimated=payslip.labor_cost, provisioned=price.of(payslip.gross_wage)),
        remainder=remainder,
    )
