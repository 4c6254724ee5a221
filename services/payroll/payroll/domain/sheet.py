"""The lines of computed wages, kept as columns, and the payslip that is one row of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np

from commons.money import Money, total
from payroll.domain.errors import ParametersNotConfirmed
from payroll.domain.integers import Cents, Flags, Rounding, rate_of
from payroll.domain.law import PayrollLaw, Rule, Source, Words, fingerprint
from payroll.domain.traced import Traced, made_of


class Kind(StrEnum):
    """What a line does to the totals.

    An earning counts in the net wage and in the labor cost, a deduction in the net wage, a charge in the
    labor cost, a settlement only in what is paid out; a step shows how a figure came about.
    """

    EARNING = "earning"
    DEDUCTION = "deduction"
    CHARGE = "charge"
    SETTLEMENT = "settlement"
    STEP = "step"


PAID_BY = {
    Kind.EARNING: "employer",
    Kind.DEDUCTION: "worker",
    Kind.CHARGE: "employer",
    Kind.SETTLEMENT: "worker",
    Kind.STEP: None,
}


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One line for every row of a batch; amounts in cents, signed as they count in the totals."""

    code: str
    kind: Kind
    period: str
    base: Cents | None
    rate: Cents | None
    amount: Cents
    rule: Rule | None
    rounding: Rounding
    is_always_shown: bool
    made_of: frozenset[str]


class Sheet:
    """Where an engine writes its lines, in the order of the law.

    It also notes every rule that was consulted, so that a payslip can say all that it rests on. `period` is
    the span the law counts a line by: payment, month, quarter or year.
    """

    def __init__(self, law: PayrollLaw, day: date) -> None:
        self.law = law
        self.day = day
        self.consulted: dict[str, Rule] = {}
        self.lines: list[ColumnLine] = []
        self.remarks: dict[str, Flags] = {}
        self._totals: dict[Kind, Cents] = {}

    def rule(self, path: str) -> Rule:
        """A parameter on the sheet's day, noted as consulted. Raises ValueNotInForce."""
        self.consulted[path] = self.law.rule(path, self.day)
        return self.consulted[path]

    def find(self, path: str) -> Rule | None:
        """The same, or nothing where the country has none in force."""
        rule = self.law.find(path, self.day)
        if rule is not None:
            self.consulted[path] = rule
        return rule

    def write(
        self,
        code: str,
        kind: Kind,
        amount: Cents,
        *,
        base: Cents | None = None,
        rate: Cents | int | None = None,
        rule: Rule | None = None,
        period: str = "payment",
        rounding: Rounding = Rounding.HALF_UP_CENT,
        is_always_shown: bool = False,
    ) -> Cents:
        """Add a line; gives its amount back, so that a rule reads as one sentence."""
        rates = np.array([rate], dtype=np.int64) if isinstance(rate, int) else rate
        names = made_of(base) | made_of(amount) | made_of(rate)
        self.lines.append(
            ColumnLine(
                code, kind, period, base, rates, amount, rule, rounding, is_always_shown, names - {code}
            )
        )
        if isinstance(amount, Traced):
            # From here on this very column is the line, and so is what is computed from it.
            amount.made_of = frozenset({code})
        so_far = self._totals.get(kind)
        self._totals[kind] = amount if so_far is None else so_far + amount
        return amount

    def remark(self, code: str, applies: Flags) -> None:
        """Say something about the rows where it applies."""
        self.remarks[code] = applies

    def total(self, *kinds: Kind) -> Cents:
        """The sum of the lines of some kinds, for every row."""
        found = [self._totals[kind] for kind in kinds if kind in self._totals]
        # A column of its own, also of one line: whoever asked may write it as another.
        return sum(found, start=np.zeros(1, dtype=np.int64))

    def line(self, code: str) -> Cents:
        """The amount of a line by its code, nothing where the sheet has none."""
        amounts = [line.amount for line in self.lines if line.code == code]
        return amounts[0] if amounts else np.zeros(1, dtype=np.int64)

    @property
    def gross_wage(self) -> Cents:
        """The gross wages."""
        return self.total(Kind.EARNING)

    @property
    def net_wage(self) -> Cents:
        """Gross less the worker's contributions and withholding tax."""
        return self.total(Kind.EARNING, Kind.DEDUCTION)

    @property
    def net_payable(self) -> Cents:
        """What goes to the worker's account: net wage with meal vouchers and expenses settled."""
        return self.total(Kind.EARNING, Kind.DEDUCTION, Kind.SETTLEMENT)

    @property
    def labor_cost(self) -> Cents:
        """Gross and the employer's contributions."""
        return self.total(Kind.EARNING, Kind.CHARGE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a payslip, explained: what it is, of what, at which rate, rounded how, by which law.

    `amount` is signed as it counts in the totals. `source` is missing where the line comes from the contract.
    `made_of` names what it was computed from, where that was traced: other lines by their code, and what was
    told (`terms.…`, `time`, `situation.…`, `earlier.…`).
    """

    code: str
    kind: Kind
    label: Words
    base: Money | None
    rate: Decimal | None
    amount: Money
    period: str
    rounding: str
    source: Source | None
    made_of: tuple[str, ...] = ()

    @property
    def paid_by(self) -> str | None:
        """Who bears it: `worker`, `employer`, or nobody where it is a step."""
        return PAID_BY[self.kind]

    @property
    def is_invented(self) -> bool:
        """Whether its figure has no source."""
        return self.source is not None and self.source.is_invented


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence a payslip must say, for example that a contribution could not be computed."""

    code: str
    words: Words

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """The sentence by language, with its facts filled in."""
        return tuple(sorted(self.words.items()))


@dataclass(frozen=True, slots=True)
class Payslip:
    """A computed wage with every line, never edited once paid.

    `sources` are all figures of the law it rests on; `fingerprint` is the hash of these and of the engine.
    """

    day: date
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    gross_wage: Money
    net_wage: Money
    net_payable: Money
    labor_cost: Money
    sources: tuple[Source, ...]
    fingerprint: str
    engine_version: str

    def amount(self, code: str) -> Money:
        """The amount of a line by its code, nothing where the payslip has none."""
        found = [line.amount for line in self.lines if line.code == code]
        return total(found, self.gross_wage.currency)

    def unconfirmed(self) -> tuple[Source, ...]:
        """The figures that production may not use before an officer confirms them."""
        return tuple(source for source in self.sources if source.needs_confirmation)

    def require_confirmed(self) -> None:
        """Refuse a payslip that rests on unconfirmed figures. Raises ParametersNotConfirmed."""
        if missing := self.unconfirmed():
            raise ParametersNotConfirmed(parameters=[source.parameter for source in missing])


def withholding_tax(payslip: Payslip) -> Money:
    """The tax withheld, as a positive amount: every deduction whose code begins with `withholding`."""
    lines = [
        line.amount
        for line in payslip.lines
        if line.kind is Kind.DEDUCTION and line.code.split(".")[0] == "withholding"
    ]
    return -total(lines, payslip.gross_wage.currency)


def payslip_of(sheet: Sheet, engine_version: str) -> Payslip:
    """The payslip of a sheet of one wage. Lines of nothing are left out where they explain nothing."""
    return payslips_of(sheet, 1, engine_version)[0]


def payslips_of(sheet: Sheet, count: int, engine_version: str) -> list[Payslip]:
    """The payslips of all `count` rows of a sheet, in their order: words, sources and hash are made once."""
    law, currency = sheet.law, sheet.law.currency
    lines = [_LineCells.of(line, law.line_words(line.code), count, currency) for line in sheet.lines]
    remarks = [
        (Remark(code, law.remark_words(code)), _cells(applies, count))
        for code, applies in sheet.remarks.items()
        if applies.any()
    ]
    sources = tuple(rule.source for rule in sheet.consulted.values())
    hashed = fingerprint(sheet.consulted.values(), engine_version)
    totals = (sheet.gross_wage, sheet.net_wage, sheet.net_payable, sheet.labor_cost)
    gross_wage, net_wage, net_payable, labor_cost = (_cells(total, count) for total in totals)
    return [
        Payslip(
            day=sheet.day,
            lines=tuple(line.at(row) for line in lines if line.is_shown(row)),
            remarks=tuple(remark for remark, applies in remarks if applies[row]),
            gross_wage=Money(gross_wage[row], currency),
            net_wage=Money(net_wage[row], currency),
            net_payable=Money(net_payable[row], currency),
            labor_cost=Money(labor_cost[row], currency),
            sources=sources,
            fingerprint=hashed,
            engine_version=engine_version,
        )
        for row in range(count)
    ]


@dataclass(frozen=True, slots=True)
class _LineCells:
    """A line of a sheet with its figures as plain numbers: reading a column cell by cell is slow."""

    line: ColumnLine
    label: Words
    currency: str
    made_of: tuple[str, ...]
    bases: Sequence[int] | None
    rates: Sequence[int] | None
    amounts: Sequence[int]

    @classmethod
    def of(cls, line: ColumnLine, label: Words, count: int, currency: str) -> _LineCells:
        """The figures of `count` rows."""
        return cls(
            line,
            label,
            currency,
            tuple(sorted(line.made_of)),
            None if line.base is None else _cells(line.base, count),
            None if line.rate is None else _cells(line.rate, count),
            _cells(line.amount, count),
        )

    def is_shown(self, row: int) -> bool:
        """Whether it says something in a row."""
        return self.line.is_always_shown or self.amounts[row] != 0

    def at(self, row: int) -> Line:
        """The line of a row."""
        line = self.line
        return Line(
            code=line.code,
            kind=line.kind,
            label=self.label,
            base=None if self.bases is None else Money(self.bases[row], self.currency),
            rate=None if self.rates is None else rate_of(self.rates[row]),
            amount=Money(self.amounts[row], self.currency),
            period=line.period,
            rounding=line.rounding,
            source=None if line.rule is None else line.rule.source,
            made_of=self.made_of,
        )


def _cells(values: Cents | Flags, count: int) -> Sequence[int]:
    # A column of length one stands for every row.
    cells: Sequence[int] = values.ravel().tolist()
    return [*cells] * count if len(cells) == 1 else cells
