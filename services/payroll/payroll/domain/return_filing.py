"""The filing of a periodic return: when it is due, where it stands, what the authority answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.country import Country
from commons.period import DateRange, Month
from payroll.domain.contract import HOURS_UNIT, ContractKind, Terms, days_of_week, full_time
from payroll.domain.errors import (
    ParametersNotConfirmed,
    ReturnAlreadyFiled,
    ReturnAnswerMalformed,
    ReturnCannotMove,
    ReturnNotRefused,
    ReturnPeriodNotOver,
    ReturnUnknown,
)
from payroll.domain.law import PayrollLaw
from payroll.domain.periodic_return import Form, form_of

SEQUENCE_MAX: Final = 99
FIELDS_MAX: Final = 200  # an answer with more is not an answer
TEXT_LENGTH_MAX: Final = 500
CODE_LENGTH_MAX: Final = 40
REJECTED: Final = "rejected"  # the result where the authority did not even take the return


class ReturnKind(StrEnum):
    """What a country wants each period: its return, and that to social insurance where it has its own.

    The values are the names of the parameters in the country's data.
    """

    GENERAL = "return"
    SOCIAL = "return_social"


class ReturnState(StrEnum):
    """Where a return stands; it follows from what happened to it."""

    DUE = "due"
    FILED = "filed"
    UNANSWERED = "unanswered"
    ACCEPTED = "accepted"
    WARNED = "warned"
    REFUSED = "refused"


RESULTS: Final[Mapping[str, ReturnState]] = {
    "A": ReturnState.ACCEPTED,
    "W": ReturnState.WARNED,
    "B": ReturnState.REFUSED,
    REJECTED: ReturnState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that the authority names: its code, the file and the place in it, and its own words."""

    code: str
    file: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """The authority's decision about a return."""

    result: str
    fields: tuple[RefusedField, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the return counts."""
        return RESULTS[self.result] is not ReturnState.REFUSED


@dataclass(frozen=True, slots=True)
class Filing:
    """One return of an entity, kind and period; another sequence number says that it was filed again."""

    id: UUID
    entity_id: UUID
    kind: ReturnKind
    period: DateRange
    sequence: int
    due_date: date
    filed_on: date | None = None
    unanswered_on: date | None = None
    decided_on: date | None = None
    result: str | None = None

    @property
    def state(self) -> ReturnState:
        """Where it stands."""
        if self.result is not None:
            return RESULTS[self.result]
        if self.filed_on is None:
            return ReturnState.DUE
        return ReturnState.FILED if self.unanswered_on is None else ReturnState.UNANSWERED

    @property
    def is_accepted(self) -> bool:
        """Whether the authority took it, with warnings or without."""
        return self.state in (ReturnState.ACCEPTED, ReturnState.WARNED)


@dataclass(frozen=True, slots=True)
class WorkedTime:
    """The days and hours that a return says of a contract, in hundredths."""

    days_hundredths: int
    hours_hundredths: int


def worked_time(terms: Terms, law: PayrollLaw) -> WorkedTime:
    """What was agreed; of a month the days of the full-time week in it, with the public holidays among them.

    A day has the hours of a full-time year over its days. Where the law counts a month's work as so many days
    or hours whatever the month, the country's data says them. Rounded to the hundredth, halves up.
    Raises ValueNotInForce.
    """
    year = full_time(law, terms.first_day)
    days_per_year, hours_per_year = year.count("days_per_year"), year.count("hours_per_year")
    if terms.kind is ContractKind.HOURS:
        hours = int(terms.hours * HOURS_UNIT)
        return WorkedTime((2 * hours * days_per_year + hours_per_year) // (2 * hours_per_year), hours)
    days = terms.days
    if terms.kind is ContractKind.MONTH:
        days = len(days_of_week(terms.dates, law))
    hours = (2 * HOURS_UNIT * days * hours_per_year + days_per_year) // (2 * days_per_year)
    if terms.kind is ContractKind.MONTH:
        months = len(terms.pay_periods)
        if year.has("month_days"):
            days = months * year.count("month_days")
        if year.has("month_hours"):
            hours = months * int(year.decimal("month_hours") * HOURS_UNIT)
    return WorkedTime(HOURS_UNIT * days, hours)


@dataclass(frozen=True, slots=True)
class Days:
    """When a return of a period files itself, when somebody must look, and the last day the law allows."""

    filing: date
    reminder: date
    due: date


def return_form(law: PayrollLaw, kind: ReturnKind, period_last: date) -> Form:
    """How a return is written for a period that ends on a day. Raises ReturnUnknown, ValueNotInForce."""
    if law.find(kind.value, period_last) is None:
        raise ReturnUnknown(kind=kind.value, day=period_last)
    return form_of(law, period_last, kind.value)


def return_period(law: PayrollLaw, kind: ReturnKind, day: date) -> DateRange:
    """The period of a return that a day falls in. Raises ReturnUnknown, ValueNotInForce."""
    return return_form(law, kind, day).period(day)


def days_of(law: PayrollLaw, country: Country, kind: ReturnKind, period: DateRange) -> Days:
    """The days of a return: it files itself some working days after the period, never after the legal day.

    Raises ReturnUnknown, ValueNotInForce.
    """
    form = return_form(law, kind, period.last)
    due = _due_day(form, period)
    house = law.rule("return_filing", period.last)
    filing = country.nth_working_day_after(period.last, house.count("working_days_after"))
    reminder, left = due, house.count("reminder_working_days")
    while left:
        reminder -= timedelta(days=1)
        left -= country.is_working_day(reminder)
    filing = min(filing, due)
    return Days(filing, max(reminder, filing), due)


def _due_day(form: Form, period: DateRange) -> date:
    """The last day on which the law takes the return, whatever day of the week it is.

    Where a country moves it to the next working day that is a grace which nobody here counts on.
    """
    month, rule = Month.of(period.end), form.rule
    if rule.has("due_months_after"):
        for _ in range(rule.count("due_months_after") - 1):
            month = month.next()
        return month.range.last
    day = rule.count("due_day")
    if rule.has("due_day_january_august") and month.month in (1, 8):
        day = rule.count("due_day_january_august")
    return month.first + timedelta(days=day - 1)


def declares_cost(law: PayrollLaw, kind: ReturnKind, period_last: date) -> bool:
    """Whether a return says what the contracts of its period cost: it names the employer's contributions.

    That is the return to social insurance where a country has its own.
    """
    has_own = law.find(ReturnKind.SOCIAL.value, period_last) is not None
    return kind is (ReturnKind.SOCIAL if has_own else ReturnKind.GENERAL)


def check_over(period: DateRange, today: date) -> None:
    """Refuse a return of a period that is still running. Raises ReturnPeriodNotOver."""
    if today <= period.last:
        raise ReturnPeriodNotOver(last_day=period.last, day=today)


def check_confirmed(form: Form) -> None:
    """Refuse, in production, a form that no source gives. Raises ParametersNotConfirmed."""
    sources = (form.rule.source, form.codes.source)
    if missing := [source.parameter for source in sources if source.needs_confirmation]:
        raise ParametersNotConfirmed(parameters=missing)


def file_return(filing: Filing, today: date) -> Filing:
    """It goes to the authority. Raises ReturnAlreadyFiled, ReturnPeriodNotOver."""
    if filing.filed_on is not None:
        raise ReturnAlreadyFiled(filed_on=filing.filed_on, state=filing.state)
    check_over(filing.period, today)
    return replace(filing, filed_on=today)


def refile_return(filing: Filing, new_id: UUID, *, late_payslips: int) -> Filing:
    """The next return of the same period, in place of one that was refused or lacks payslips or corrections.

    Raises ReturnNotRefused.
    """
    has_reason = filing.state is ReturnState.REFUSED or (filing.is_accepted and late_payslips > 0)
    if not has_reason or filing.sequence >= SEQUENCE_MAX:
        raise ReturnNotRefused(state=filing.state, sequence=filing.sequence)
    return Filing(
        new_id, filing.entity_id, filing.kind, filing.period, filing.sequence + 1, due_date=filing.due_date
    )


def decide_return(filing: Filing, answer: ReturnAnswer, today: date) -> Filing:
    """The authority decided; hearing the same again changes nothing. Raises ReturnCannotMove."""
    if filing.filed_on is None:
        raise ReturnCannotMove(state=filing.state, result=answer.result)
    if filing.result is None:
        return replace(filing, decided_on=today, result=answer.result)
    if filing.result != answer.result:
        raise ReturnCannotMove(state=filing.state, result=answer.result)
    return filing


def read_return_answer(document: object) -> ReturnAnswer | None:
    """The decision in an answer of the authority, or nothing where it has not decided yet.

    Raises ReturnAnswerMalformed.
    """
    status = _mapping(document, "returnStatus").get("returnStatus")
    if status is None:
        return None
    result = _mapping(status, "returnStatus").get("result")
    if result is None:
        return None
    if not isinstance(result, str) or result not in RESULTS or result == REJECTED:
        raise ReturnAnswerMalformed(field="result")
    fields = _mapping(status, "returnStatus").get("fields") or []
    if not isinstance(fields, Sequence) or isinstance(fields, str) or len(fields) > FIELDS_MAX:
        raise ReturnAnswerMalformed(field="fields")
    return ReturnAnswer(result, tuple(_field(_mapping(item, "fields")) for item in fields))


def _field(item: Mapping[str, object]) -> RefusedField:
    code, file, path, label = (
        str(item.get(name) or "")[:TEXT_LENGTH_MAX] for name in ("code", "file", "path", "label")
    )
    return RefusedField(code[:CODE_LENGTH_MAX], file, path, label)


def _mapping(value: object, field: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ReturnAnswerMalformed(field=field)
    return value
