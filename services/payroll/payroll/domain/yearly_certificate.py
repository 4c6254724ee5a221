"""What an employer certifies of a worker's year: which payslips count in it, and what each box says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from commons.country import CountryDataWrong
from commons.money import Money, total
from payroll.domain.errors import CertificateLineWithoutBox, CertificateTooLarge, CertificateUnknown
from payroll.domain.integers import Rounding
from payroll.domain.law import PayrollLaw, Rule
from payroll.domain.periodic_return import whole_units
from payroll.domain.sheet import Kind, Line, Payslip

PAYSLIPS_MAX: Final = 1_000  # of a worker in a year: more than two a day are no work
YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2199
CORRECTION: Final = "correction."  # what a payslip takes up of an earlier one; the lines below say of what
Shown = tuple[str, tuple[tuple[str, int], ...]]
_DAY_ENDS: Final = len("correction.2026-07-31")
_OF_THE_WORKER: Final = (Kind.EARNING, Kind.DEDUCTION, Kind.SETTLEMENT)


@dataclass(frozen=True, slots=True)
class CertifiedSpan:
    """Which payslips count in a year: by the end of their period and the day on which their wage is due.

    What was due until `due_before` for a period that ended before `due_first` counted in the year before.
    """

    period_first: date
    period_last: date
    due_first: date
    due_last: date
    due_before: date

    def counts(self, period_end: date, due_date: date) -> bool:
        """Whether a payslip counts."""
        is_within = (
            self.period_first <= period_end <= self.period_last
            and self.due_first <= due_date <= self.due_last
        )
        return is_within and not (due_date <= self.due_before and period_end < self.due_first)


def _by_period(year: int, rule: Rule) -> CertifiedSpan:
    """Wages count in the year in which their period ends."""
    return CertifiedSpan(date(year, 1, 1), date(year, 12, 31), date.min, date.max, date.min)


def _by_payment(year: int, rule: Rule) -> CertifiedSpan:
    """Wages count in the year in which they are due; some days of January may belong to the year before."""
    days = rule.count("january_days")
    due_last = date(year + 1, 1, days) if days else date(year, 12, 31)
    due_before = date(year, 1, days) if days else date.min
    return CertifiedSpan(date.min, date(year, 12, 31), date(year, 1, 1), due_last, due_before)


SPANS: Final[Mapping[str, Callable[[int, Rule], CertifiedSpan]]] = MappingProxyType(
    {"period_end": _by_period, "due_date": _by_payment}
)


@dataclass(frozen=True, slots=True)
class Term:
    """A line that a box adds up, as it counts on the payslip or turned round; of one regime or of all."""

    code: str
    regime: str | None
    is_turned: bool

    def takes(self, code: str, regime: str) -> bool:
        """Whether it is about a line of a contract."""
        return code == self.code and self.regime in (None, regime)


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the statement."""

    code: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class CertificateForm:
    """How a country wants a year certified: its boxes, and the lines that it does not ask for.

    A payslip with a line out of `left_out_with` is not certified at all: the employer has taxed it in the
    worker's place.
    """

    rule: Rule
    boxes: tuple[Box, ...]
    elsewhere: frozenset[str]
    left_out_with: frozenset[str]

    @property
    def format(self) -> str:
        """The name of the statement."""
        return self.rule.text("format")

    @property
    def is_shape_verified(self) -> bool:
        """Whether its boxes were read in the authority's own description."""
        return self.rule.source.read == "primary"

    @property
    def rounding(self) -> Rounding:
        """How each box is rounded, once the year is summed."""
        return Rounding(self.rule.text("rounding"))

    def span(self, year: int) -> CertifiedSpan:
        """Which payslips count in a year."""
        return SPANS[self.rule.text("counted_by")](year, self.rule)


@dataclass(frozen=True, slots=True)
class CertifiedWork:
    """A payslip, with the regime of its contract."""

    regime: str
    payslip: Payslip


@dataclass(frozen=True, slots=True)
class CertifiedBox:
    """What a box says."""

    code: str
    amount: Money


def certificate_form(law: PayrollLaw, year: int) -> CertificateForm:
    """The statement of a year, as its last day wants it. Raises CertificateUnknown, CountryDataWrong."""
    rule = law.find("yearly_certificate", date(year, 12, 31))
    if rule is None:
        raise CertificateUnknown(year=year)
    return CertificateForm(
        rule=rule,
        boxes=tuple(Box(code, tuple(_terms(text))) for code, text in rule.texts("boxes").items()),
        elsewhere=frozenset(rule.text("elsewhere").split()),
        left_out_with=frozenset(rule.text("left_out_with").split())
        if rule.has("left_out_with")
        else frozenset(),
    )


def certify(works: Sequence[CertifiedWork], form: CertificateForm, currency: str) -> tuple[CertifiedBox, ...]:
    """Every box of the statement, summed over the payslips of a worker's year, then rounded.

    A correction that a payslip takes up counts with that payslip, in the box of the line that it corrects.
    No line of the worker's pay is dropped in silence. Raises CertificateLineWithoutBox, CertificateTooLarge,
    CurrencyMismatch.
    """
    if len(works) > PAYSLIPS_MAX:
        raise CertificateTooLarge(payslips_max=PAYSLIPS_MAX)
    sums = {box.code: Money.zero(currency) for box in form.boxes}
    unfinished: dict[Shown, Money] = {}
    for work in works:
        shown_before = _shown_before(work.payslip.lines, unfinished)
        codes = {line.code for line in work.payslip.lines}
        if codes & form.left_out_with:
            continue
        for line in work.payslip.lines:
            correction, _, corrected = line.code.partition("/")
            if corrected and correction in shown_before:
                continue
            if not _add(line, work.regime, form, sums):
                raise CertificateLineWithoutBox(line=line.code, format=form.format)
    return tuple(CertifiedBox(code, _rounded(amount, form.rounding)) for code, amount in sums.items())


def _shown_before(lines: Sequence[Line], unfinished: dict[Shown, Money]) -> frozenset[str]:
    """The corrections that an earlier payslip of the year took up in part: their lines stand on both.

    `unfinished` keeps what is still to be taken up of each.
    """
    found: set[str] = set()
    for line in lines:
        if line.kind is not Kind.SETTLEMENT or not line.code.startswith(CORRECTION):
            continue
        steps = [each for each in lines if each.code.startswith(f"{line.code}/")]
        whole = [each.amount for each in steps if each.code in line.made_of]
        said = tuple((each.code.partition("/")[2], each.amount.minor) for each in steps)
        shown = (line.code[:_DAY_ENDS], said)
        left = unfinished.pop(shown, None)
        if left is not None:
            found.add(line.code)
        rest = (total(whole, line.amount.currency) if left is None else left) - line.amount
        if rest.minor:
            unfinished[shown] = rest
    return frozenset(found)


def _add(line: Line, regime: str, form: CertificateForm, sums: dict[str, Money]) -> bool:
    """Add a line to its boxes; whether it has one, or needs none."""
    # `correction.2026-07-31/gross` is what a later payslip adds to the gross of an earlier one.
    code = line.code.rpartition("/")[2]
    is_known = line.kind not in _OF_THE_WORKER or code in form.elsewhere or code.startswith(CORRECTION)
    for box in form.boxes:
        for term in box.terms:
            if term.takes(code, regime):
                sums[box.code] += -line.amount if term.is_turned else line.amount
                is_known = True
    return is_known


def _rounded(amount: Money, rounding: Rounding) -> Money:
    if rounding is Rounding.HALF_UP_CENT:
        return amount
    unit: int = 10**amount.exponent
    return Money(whole_units(amount, rounding) * unit, amount.currency)


def _terms(text: str) -> Iterator[Term]:
    for word in text.split():
        code, _, regime = word.removeprefix("-").partition("@")
        if not code:
            raise CountryDataWrong(f"payroll: yearly_certificate: {word} names no line")
        yield Term(code, regime or None, word.startswith("-"))
