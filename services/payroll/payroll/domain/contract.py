"""A short work contract: its terms, the refusals that guard it, its state told by its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.country import Country
from commons.money import CurrencyMismatch, Money
from commons.period import DateRange, Month
from payroll.domain.errors import (
    BudgetNotHeld,
    ContractAlreadyEnded,
    ContractAlreadyRefused,
    ContractDatesReversed,
    ContractMonthIncomplete,
    ContractNotEnded,
    ContractOutsideOrder,
    ContractQuantityMissing,
    ContractSpansMonths,
    GrossBelowMinimumWage,
    GrossNotPositive,
    HireDeclaredLate,
    HireIsAccepted,
    HireNotDeclared,
    HireTooLate,
    RegimeUnknown,
    SeveralPayPeriods,
    TooManyDays,
    TooManyHours,
    WageTooLarge,
    WorkHasBegun,
)
from payroll.domain.integers import CENTS_MAX, RATE_UNIT, mul_rate
from payroll.domain.law import PayrollLaw, Rule, Source
from payroll.domain.wage import (
    FULL_MONTH,
    Earlier,
    Situation,
    Wage,
    WorkTime,
)

HOURS_UNIT: Final = 100  # hours are counted in hundredths, as the quarterly return does


class ContractKind(StrEnum):
    """How the wage is agreed."""

    MONTH = "month"
    DAYS = "days"
    HOURS = "hours"
    LUMP_SUM = "lump_sum"


class ContractState(StrEnum):
    """Where a contract stands."""

    REQUESTED = "requested"
    BUDGET_HELD = "budget_held"
    DECLARED = "declared"
    ACTIVE = "active"
    ENDED = "ended"
    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Terms:
    """What member and cooperative agree on.

    `regime` is the kind of employment, by the names of the country's data. `wage` is the gross per month, per
    day, per hour, or the whole lump sum, by the kind. `days` counts the days worked (not for the month),
    `hours` the hours (only for hourly work). Both dates are days of work.
    """

    kind: ContractKind
    regime: str
    first_day: date
    last_day: date
    wage: Money
    days: int = 0
    hours: Decimal = Decimal(0)

    @property
    def dates(self) -> DateRange:
        """From the first day to the last."""
        return DateRange.inclusive(self.first_day, self.last_day)

    @property
    def gross_per_period(self) -> Money:
        """The gross wage of one pay period."""
        if self.kind is ContractKind.DAYS:
            return self.wage.times(self.days)
        if self.kind is ContractKind.HOURS:
            return self.wage.times(self.hours)
        return self.wage

    @property
    def gross(self) -> Money:
        """The gross wage of the whole contract."""
        return self.gross_per_period.times(len(self.pay_periods))

    @property
    def pay_periods(self) -> tuple[DateRange, ...]:
        """The spans that get a payslip each: the months of a contract by the month, else the contract."""
        if self.kind is not ContractKind.MONTH:
            return (self.dates,)
        month, last, spans = Month.of(self.first_day), Month.of(self.last_day), []
        while month <= last:
            spans.append(month.range)
            month = month.next()
        return tuple(spans)


def check_terms(terms: Terms, law: PayrollLaw) -> None:
    """Refuse terms that the law or the rules of the house do not allow.

    Raises what `check_time` raises, RegimeUnknown, CurrencyMismatch, GrossNotPositive, WageTooLarge,
    GrossBelowMinimumWage.
    """
    check_regime(terms.regime, law, terms.first_day)
    check_time(terms, law)
    check_currency(terms.wage, law)
    if terms.wage.minor <= 0:
        raise GrossNotPositive(wage=terms.wage)
    check_amount(terms.gross)
    minimum = minimum_wage(terms, law)
    if minimum is not None and terms.gross_per_period < minimum.amount:
        raise GrossBelowMinimumWage(
            gross=terms.gross_per_period,
            minimum=minimum.amount,
            parameter=minimum.source.parameter,
            since=minimum.source.since,
            source=minimum.source.text,
        )


def check_regime(regime: str, law: PayrollLaw, day: date) -> None:
    """Refuse a kind of employment that the country's data does not name. Raises RegimeUnknown."""
    known = regimes(law, day)
    if regime not in known:
        raise RegimeUnknown(known=list(known)).at("regime")


def check_currency(amount: Money, law: PayrollLaw) -> None:
    """Refuse an amount in another currency than the country's wages. Raises CurrencyMismatch."""
    if amount.currency != law.currency:
        raise CurrencyMismatch(expected=law.currency, given=amount.currency)


def check_amount(amount: Money) -> None:
    """Refuse amounts beyond what wages are computed for: ten million. Raises WageTooLarge."""
    if amount.minor > CENTS_MAX:
        raise WageTooLarge(gross_cents_max=CENTS_MAX)


def regimes(law: PayrollLaw, day: date) -> tuple[str, ...]:
    """The kinds of employment of a country: those that have a price. Raises ValueNotInForce."""
    return tuple(sorted(law.rule("contract.price", day).fields.keys() - _NOT_REGIMES))


def check_time(terms: Terms, law: PayrollLaw) -> None:
    """Refuse dates and quantities that make no contract, whatever its wage.

    Raises ContractDatesReversed, ContractMonthIncomplete, ContractSpansMonths, ContractQuantityMissing,
    TooManyDays, TooManyHours.
    """
    if terms.last_day < terms.first_day:
        raise ContractDatesReversed(first_day=terms.first_day, last_day=terms.last_day)
    _check_span(terms)
    _check_quantities(terms, law)


def only_pay_period(terms: Terms) -> DateRange:
    """The pay period of a contract that has one: its budget is held, used and released as a whole.

    Raises SeveralPayPeriods.
    """
    periods = terms.pay_periods
    if len(periods) != 1:
        raise SeveralPayPeriods(pay_periods=len(periods))
    return periods[0]


def work_time(terms: Terms, law: PayrollLaw) -> WorkTime:
    """The time one pay period covers, as a part of a full-time year."""
    if terms.kind is ContractKind.MONTH:
        return FULL_MONTH
    year = full_time(law, terms.first_day)
    if terms.kind is ContractKind.HOURS:
        return WorkTime(int(terms.hours * HOURS_UNIT), year.count("hours_per_year") * HOURS_UNIT)
    return WorkTime(terms.days, year.count("days_per_year"))


def full_time(law: PayrollLaw, day: date) -> Rule:
    """The days and hours of a full-time year, and the days of its week. Raises ValueNotInForce."""
    return law.rule("contract.full_time", day)


def days_of_week(dates: DateRange, law: PayrollLaw) -> list[date]:
    """The days of a span on which full-time work is agreed on, public holidays among them.

    They are other days than those that count for a delay: in Belgium wages fall due by a calendar with
    Saturdays. Raises ValueNotInForce.
    """
    week = full_time(law, dates.start).counts("weekdays")
    return [day for day in dates.days() if day.isoweekday() in week]


def joint_committee(regime: str, law: PayrollLaw, day: date) -> str | None:
    """The joint committee a regime falls under at this employer; nothing where the country has none."""
    rule = law.find("contract.joint_committee", day)
    return None if rule is None or not rule.has(regime) else rule.text(regime)


@dataclass(frozen=True, slots=True)
class MinimumWage:
    """The least gross for one pay period, and where it stands."""

    amount: Money
    source: Source


def minimum_wage(terms: Terms, law: PayrollLaw) -> MinimumWage | None:
    """The minimum of the joint committee, of the regime, of an hour, or of a month: the first that there is.

    For less than a month, its share of the month; by the hour, the hours of the full-time time covered; each
    rounded to the minor unit; so much for each day where the rule has that. Nothing where the law has no
    minimum. Raises ValueNotInForce for a day on which the country has one at other times alone.
    """
    day, paths = terms.first_day, law.country.section("payroll").parameters
    committee = joint_committee(terms.regime, law, day)
    for name in (f"joint_committee_{committee}", terms.regime, "hourly", "monthly"):
        rule = law.find(f"minimum_wage.{name}", day)
        if rule is not None:
            return MinimumWage(
                Money(_least(terms, rule, law, by_hour=name == "hourly"), law.currency), rule.source
            )
    for name in ("hourly", "monthly"):
        if f"minimum_wage.{name}" in paths:
            law.rule(f"minimum_wage.{name}", day)
    return None


def _least(terms: Terms, rule: Rule, law: PayrollLaw, *, by_hour: bool) -> int:
    if rule.has("per_day"):
        return rule.amount("per_day") * terms.days
    least, time = rule.amount("amount"), work_time(terms, law)
    if not by_hour:
        return int(mul_rate(least, min(RATE_UNIT, time.month_millionths)))
    hours_per_year = full_time(law, terms.first_day).count("hours_per_year")
    parts, parts_per_year = (1, 12) if terms.kind is ContractKind.MONTH else (time.parts, time.parts_per_year)
    return (2 * least * hours_per_year * parts + parts_per_year) // (2 * parts_per_year)


def wage_of(
    terms: Terms, period: DateRange, situation: Situation, law: PayrollLaw, earlier: Earlier | None = None
) -> Wage:
    """The wage of one pay period, ready for the engine; the law of its last day applies."""
    return Wage(
        gross=terms.gross_per_period.minor,
        day=period.last,
        regime=terms.regime,
        situation=situation,
        time=work_time(terms, law),
        earlier=earlier,
    )


def cut_short(terms: Terms, last_day: date, law: PayrollLaw) -> Terms:
    """The terms of a contract that ends earlier than agreed: the work until its last day and the wage for it.

    How much was worked by then is counted as the country's data says, else by the calendar. Never more than
    was agreed.
    """
    rule = law.find("contract.cut_short", terms.first_day)
    cut = _CUTS[_CUT_BY_DEFAULT if rule is None else rule.text("worked")]
    return cut(terms, last_day, len(days_of_week(terms.dates, law)))


def wage_due_date(law: PayrollLaw, country: Country, period_end: date) -> date:
    """The day on which the wage must be paid: the n-th working day after the pay period."""
    return country.nth_working_day_after(period_end, law.rule("wage_due", period_end).count("working_days"))


def reminder_day(terms: Terms, law: PayrollLaw, country: Country) -> date:
    """The n-th working day before work begins: a hire that is in doubt then is a payroll officer's work.

    Where the country's data names none, it is the first day itself.
    """
    rule = law.find("hire_reminder", terms.first_day)
    left, day = 0 if rule is None else rule.count("working_days"), terms.first_day
    while left:
        day -= timedelta(days=1)
        left -= country.is_working_day(day)
    return day


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract and what happened to it; the state follows from these facts."""

    id: UUID
    terms: Terms
    labor_cost: Money
    requested_on: date
    budget_held_on: date | None = None
    declared_on: date | None = None
    ended_on: date | None = None
    paid_on: date | None = None
    refused_on: date | None = None
    refusal_code: str | None = None

    def state(self, today: date) -> ContractState:
        """Where the contract stands on a day."""
        if self.refused_on is not None:
            return ContractState.REFUSED
        if self.paid_on is not None:
            return ContractState.PAID
        if self.ended_on is not None:
            return ContractState.ENDED
        if self.declared_on is not None:
            return ContractState.ACTIVE if self.terms.first_day <= today else ContractState.DECLARED
        return ContractState.REQUESTED if self.budget_held_on is None else ContractState.BUDGET_HELD

    def is_undeclared_at_start(self, today: date) -> bool:
        """Whether work should have begun while the hire is not accepted: for the payroll officer, at once."""
        return self.refused_on is None and self.declared_on is None and self.terms.first_day <= today


def check_days(terms: Terms, *, order: DateRange, today: date) -> None:
    """A contract lies within its order, and its hire can still be declared before work begins.

    Belgium: Dimona, at the latest when work starts (Royal Decree of 5 November 2002, art. 4).
    Raises ContractOutsideOrder, HireTooLate.
    """
    if terms.first_day < today:
        raise HireTooLate(first_day=terms.first_day, today=today).at("startDate")
    if terms.first_day < order.start:
        raise ContractOutsideOrder(order_first_day=order.start, order_last_day=order.last).at("startDate")
    if terms.last_day > order.last:
        raise ContractOutsideOrder(order_first_day=order.start, order_last_day=order.last).at("endDate")


def request_contract(
    *, contract_id: UUID, terms: Terms, labor_cost: Money, law: PayrollLaw, today: date
) -> Contract:
    """A new contract, waiting for its budget. Raises what `check_terms` raises."""
    check_terms(terms, law)
    return Contract(id=contract_id, terms=terms, labor_cost=labor_cost, requested_on=today)


def hold_budget(contract: Contract, today: date) -> Contract:
    """The budget of the activity holds the labor cost. Raises ContractAlreadyRefused."""
    _refuse_refused(contract)
    return replace(contract, budget_held_on=contract.budget_held_on or today)


def accept_hire(contract: Contract, today: date) -> Contract:
    """The authority accepted the hire. Raises ContractAlreadyRefused, BudgetNotHeld."""
    _refuse_refused(contract)
    if contract.budget_held_on is None:
        raise BudgetNotHeld(contract=contract.id)
    return replace(contract, declared_on=contract.declared_on or today)


def end_contract(contract: Contract, today: date) -> Contract:
    """The work is done, on or after its last day.

    Raises ContractAlreadyRefused, ContractAlreadyEnded, HireNotDeclared, ContractNotEnded.
    """
    _refuse_refused(contract)
    if contract.ended_on is not None:
        raise ContractAlreadyEnded(contract=contract.id, ended_on=contract.ended_on)
    if contract.declared_on is None:
        raise HireNotDeclared(contract=contract.id)
    if today < contract.terms.last_day:
        raise ContractNotEnded(contract=contract.id, last_day=contract.terms.last_day)
    return replace(contract, ended_on=today)


def require_payable(contract: Contract) -> None:
    """Refuse to compute the payslip of a contract whose work is not done or was not declared in time.

    Raises ContractAlreadyRefused, HireNotDeclared, HireDeclaredLate, ContractNotEnded.
    """
    _refuse_refused(contract)
    if contract.declared_on is None:
        raise HireNotDeclared(contract=contract.id)
    if contract.declared_on > contract.terms.first_day:
        raise HireDeclaredLate(first_day=contract.terms.first_day, declared_on=contract.declared_on)
    if contract.ended_on is None:
        raise ContractNotEnded(contract=contract.id, last_day=contract.terms.last_day)


def pay_contract(contract: Contract, today: date) -> Contract:
    """Every payslip of the contract is paid. Raises what `require_payable` raises."""
    require_payable(contract)
    return replace(contract, paid_on=contract.paid_on or today)


def call_off_contract(contract: Contract, *, is_contradicted: bool, today: date) -> None:
    """Let a contract go only where its hire is in doubt, and only while nobody has worked under it.

    Raises ContractAlreadyRefused, ContractAlreadyEnded, HireIsAccepted, WorkHasBegun.
    """
    _refuse_refused(contract)
    if contract.ended_on is not None:
        raise ContractAlreadyEnded(contract=contract.id, ended_on=contract.ended_on)
    if contract.declared_on is None:
        return
    if not is_contradicted:
        raise HireIsAccepted(contract=contract.id, declared_on=contract.declared_on)
    if contract.terms.first_day < today:
        raise WorkHasBegun(contract=contract.id, first_day=contract.terms.first_day)


def reopen_contract(contract: Contract) -> Contract:
    """A wage of the contract came back from the bank: it is owed as before."""
    return replace(contract, paid_on=None)


def refuse_contract(contract: Contract, code: str, today: date) -> Contract:
    """The contract cannot go on, for a reason that its code names. Raises ContractAlreadyEnded."""
    if contract.ended_on is not None:
        raise ContractAlreadyEnded(contract=contract.id, ended_on=contract.ended_on)
    if contract.refused_on is not None:
        return contract
    return replace(contract, refused_on=today, refusal_code=code)


def _calendar_share_rounded_up(terms: Terms, last_day: date, days_of_week: int) -> Terms:
    # A wage for the whole span becomes a lump sum for its part, rounded half up to the cent.
    span, part = terms.dates.day_count, DateRange.inclusive(terms.first_day, last_day).day_count
    is_whole = terms.kind in (ContractKind.MONTH, ContractKind.LUMP_SUM)
    agreed_days = terms.days or days_of_week
    hundredths = -(-int(terms.hours * HOURS_UNIT) * part // span)
    return replace(
        terms,
        kind=ContractKind.LUMP_SUM if is_whole else terms.kind,
        last_day=last_day,
        wage=Money((2 * terms.wage.minor * part + span) // (2 * span), terms.wage.currency)
        if is_whole
        else terms.wage,
        days=-(-agreed_days * part // span),
        hours=Decimal(hundredths) / HOURS_UNIT,
    )


_CUT_BY_DEFAULT: Final = "calendar_share_rounded_up"
_NOT_REGIMES: Final = frozenset({"source", "read", "invented", "confirmed"})
_CUTS: Final[Mapping[str, Callable[[Terms, date, int], Terms]]] = {
    _CUT_BY_DEFAULT: _calendar_share_rounded_up,
}


def _check_span(terms: Terms) -> None:
    if terms.kind is ContractKind.MONTH:
        whole = DateRange(Month.of(terms.first_day).first, Month.of(terms.last_day).next().first)
        if terms.dates != whole:
            raise ContractMonthIncomplete(first_day=terms.first_day, last_day=terms.last_day)
    elif Month.of(terms.first_day) != Month.of(terms.last_day):
        raise ContractSpansMonths(first_day=terms.first_day, last_day=terms.last_day)


def _check_quantities(terms: Terms, law: PayrollLaw) -> None:
    if terms.kind is ContractKind.MONTH:
        return
    if terms.days < 1 or (terms.kind is ContractKind.HOURS and terms.hours * HOURS_UNIT < 1):
        raise ContractQuantityMissing(days=terms.days, hours=terms.hours)
    if terms.days > terms.dates.day_count:
        raise TooManyDays(days=terms.days, days_max=terms.dates.day_count)
    hours_max = terms.days * law.rule("contract.limits", terms.first_day).count("hours_per_day_max")
    if terms.hours > hours_max:
        raise TooManyHours(hours=terms.hours, hours_max=hours_max)


def _refuse_refused(contract: Contract) -> None:
    if contract.refused_on is not None:
        raise ContractAlreadyRefused(contract=contract.id, reason=contract.refusal_code)
