"""The payroll law of a country on a day: typed reading of its dated parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

from commons.country import Country, CountryDataWrong, Parameter
from commons.dated import Span, ValueNotInForce
from commons.money import Money
from payroll.domain.integers import Cents, bracket_of, column, millionths, mul_rate, pick

T = TypeVar("T")
Words = Mapping[str, str]

DAYS_KEPT: Final = 500  # a year's days of payment and some; what is asked beyond is found anew


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure stands: parameter, day it holds since, text of the law, and how far it can be trusted.

    `read` is `primary`, `secondary`, `inferred` or `invented`. `confirmed_by` and `confirmed_on` name the
    payroll officer who stands for a figure that was not read in a source.
    """

    parameter: str
    since: date
    text: str
    read: str
    checked_until: date
    confirmed_by: str | None = None
    confirmed_on: date | None = None

    @property
    def is_invented(self) -> bool:
        """Whether no source gives the figure."""
        return self.read == "invented"

    @property
    def needs_confirmation(self) -> bool:
        """Whether production may use it only after an officer's dated confirmation."""
        return self.read in ("inferred", "invented") and self.confirmed_on is None


@dataclass(frozen=True, slots=True)
class Bracket:
    """One step of a scale: what is over `over` pays `fixed` and `rate` (millionths) of the excess."""

    over: int
    fixed: int
    rate: int
    minimum: int


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The steps of a scale side by side, as columns, lowest first; see Bracket."""

    overs: Cents
    fixed: Cents
    rates: Cents
    minimums: Cents

    @classmethod
    def of(cls, brackets: Sequence[Bracket]) -> Self:
        """The columns of some steps."""
        return cls(
            column(*(each.over for each in brackets)),
            column(*(each.fixed for each in brackets)),
            column(*(each.rate for each in brackets)),
            column(*(each.minimum for each in brackets)),
        )

    def due(self, amount: Cents) -> Cents:
        """What an amount owes: what its step has fixed, and the rate of what is over it, to the cent."""
        index = bracket_of(amount, self.overs)
        over = amount - pick(self.overs, index)
        return pick(self.fixed, index) + mul_rate(over, pick(self.rates, index))


@dataclass(frozen=True, slots=True)
class Rule:
    """The fields of one parameter on one day, read as whole numbers, with their source.

    A field that is missing or of the wrong form raises CountryDataWrong: it is a fault of the file. What was
    read is kept: every wage asks for the same figures.
    """

    currency: str
    fields: Mapping[str, object]
    source: Source
    _read: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def has(self, name: str) -> bool:
        """Whether the field is given."""
        return name in self.fields

    def amount(self, name: str) -> int:
        """A field as minor units."""
        amount: int = self._once("amount", name, self._amount)
        return amount

    def amounts(self, name: str) -> tuple[int, ...]:
        """A field as a list of minor units."""
        amounts: tuple[int, ...] = self._once("amounts", name, self._amounts)
        return amounts

    def rate(self, name: str) -> int:
        """A field as millionths."""
        rate: int = self._once("rate", name, self._rate)
        return rate

    def decimal(self, name: str) -> Decimal:
        """A field as an exact number."""
        number: Decimal = self._once("decimal", name, self._decimal)
        return number

    def count(self, name: str) -> int:
        """A field as a whole number."""
        value = self.fields.get(name)
        if type(value) is not int:
            raise self._wrong(name)
        return value

    def counts(self, name: str) -> tuple[int, ...]:
        """A field as a list of whole numbers."""
        values = self.fields.get(name)
        if not isinstance(values, list) or not all(type(value) is int for value in values):
            raise self._wrong(name)
        return tuple(values)

    def text(self, name: str) -> str:
        """A field as text."""
        return self._text(self.fields, name)

    def texts(self, name: str) -> Mapping[str, str]:
        """A field that maps texts to texts."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name)
        return {str(key): str(item) for key, item in value.items()}

    def rows(self, name: str) -> tuple[Mapping[str, str], ...]:
        """A field that is a list of mappings."""
        rows: tuple[Mapping[str, str], ...] = self._once("rows", name, self._rows)
        return rows

    def brackets(self, name: str) -> tuple[Bracket, ...]:
        """A field as the steps of a scale, lowest first."""
        brackets: tuple[Bracket, ...] = self._once("brackets", name, self._brackets)
        return brackets

    def scale(self, name: str) -> Scale:
        """The same, as columns."""
        scale: Scale = self._once("scale", name, self._scale)
        return scale

    @property
    def fingerprint(self) -> str:
        """Since when it holds and all its fields, as one text that tells it from every other state of it."""
        text: str = self._once("fingerprint", "", self._fingerprint)
        return text

    def made(self, make: Callable[[Rule], T]) -> T:
        """What a step of the law makes of the fields alone: made once and kept."""
        if make not in self._read:
            self._read[make] = make(self)
        made: T = self._read[make]
        return made

    def _fingerprint(self, _name: str) -> str:
        told = {"since": self.source.since.isoformat(), "fields": _plain(self.fields)}
        return json.dumps(told, sort_keys=True, ensure_ascii=False)

    def _once(self, form: str, name: str, read: Callable[[str], Any]) -> Any:
        kept = self._read.get((form, name))
        if kept is None:
            kept = self._read[form, name] = read(name)
        return kept

    def _amount(self, name: str) -> int:
        return self._minor(self._text(self.fields, name))

    def _rate(self, name: str) -> int:
        return millionths(self.decimal(name))

    def _decimal(self, name: str) -> Decimal:
        return Decimal(self._text(self.fields, name))

    def _amounts(self, name: str) -> tuple[int, ...]:
        values = self.fields.get(name)
        if not isinstance(values, list):
            raise self._wrong(name)
        return tuple(self._minor(str(value)) for value in values)

    def _rows(self, name: str) -> tuple[Mapping[str, str], ...]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self._wrong(name)
        return tuple(MappingProxyType({str(key): str(item) for key, item in row.items()}) for row in value)

    def _brackets(self, name: str) -> tuple[Bracket, ...]:
        brackets = tuple(
            Bracket(
                self._minor(row["over"]),
                self._minor(row["fixed"]),
                millionths(Decimal(row["rate"])),
                self._minor(row.get("min", "0")),
            )
            for row in self.rows(name)
        )
        overs = [bracket.over for bracket in brackets]
        if not brackets or overs != sorted(set(overs)) or overs[0] != 0:
            raise self._wrong(name)
        return brackets

    def _scale(self, name: str) -> Scale:
        return Scale.of(self.brackets(name))

    def _text(self, fields: Mapping[str, object], name: str) -> str:
        value = fields.get(name)
        if not isinstance(value, str):
            raise self._wrong(name)
        return value

    def _minor(self, text: str) -> int:
        return Money.of(text, self.currency).minor

    def _wrong(self, name: str) -> CountryDataWrong:
        return CountryDataWrong(f"payroll: {self.source.parameter}: {name} is missing or malformed")


@dataclass(frozen=True, slots=True)
class PayrollLaw:
    """The payroll file of one country; what was read of it is kept, a value once, however many days ask."""

    country: Country
    _rules: dict[tuple[str, date], Rule] = field(default_factory=dict, init=False, compare=False, repr=False)
    _days: dict[date, dict[str, Rule | None]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _said: dict[tuple[str, str], Words] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def currency(self) -> str:
        """The currency wages are paid in."""
        return self.country.currency

    @property
    def engine(self) -> str:
        """The name of the engine that computes this country's payslips."""
        return str(self.country.section("payroll").tree["engine"])

    def rule(self, path: str, day: date) -> Rule:
        """A parameter on a day. Raises ValueNotInForce."""
        return self._on(day).get(path) or self._in_force(path, day)

    def _on(self, day: date) -> dict[str, Rule | None]:
        """What was found of a day so far: a parameter that is not in force is kept as nothing."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            found = self._days[day] = {}
        return found

    def _in_force(self, path: str, day: date) -> Rule:
        parameter = self.country.section("payroll")[path]
        span = parameter.values.span_on(day)
        key = (path, span.since)
        if key not in self._rules:
            self._rules[key] = self._rule(parameter, span, day)
        self._on(day)[path] = self._rules[key]
        return self._rules[key]

    def _rule(self, parameter: Parameter, span: Span[Mapping[str, object]], day: date) -> Rule:
        own = span.value
        confirmed = own.get("confirmed")
        officer = confirmed if isinstance(confirmed, dict) else {}
        return Rule(
            currency=self.country.currency,
            fields=own,
            source=Source(
                parameter=parameter.path,
                since=span.since,
                text=parameter.source_of(own),
                read="invented" if own.get("invented") is True else str(own.get("read", parameter.read)),
                checked_until=parameter.checked_until_on(day),
                confirmed_by=officer.get("by"),
                confirmed_on=officer.get("on"),
            ),
        )

    def find(self, path: str, day: date) -> Rule | None:
        """A parameter on a day, or nothing where the country has none in force."""
        found = self._on(day)
        if path not in found:
            found[path] = self._find(path, day)
        return found[path]

    def _find(self, path: str, day: date) -> Rule | None:
        if path not in self.country.section("payroll").parameters:
            return None
        try:
            return self._in_force(path, day)
        except ValueNotInForce:
            return None

    def line_words(self, code: str) -> Words:
        """The name of a payslip line in the languages of the country."""
        return self._words("lines", code)

    def remark_words(self, code: str) -> Words:
        """The sentence of a remark in the languages of the country."""
        return self._words("remarks", code)

    def find_remark_words(self, code: str) -> Words:
        """The same, or nothing where the country's file leaves the sentence to the program."""
        return self.remark_words(code) if code in self._tree("remarks") else MappingProxyType({})

    def certificate_words(self, code: str) -> Words:
        """The name of a box of the yearly certificate."""
        return self._words("certificate_words", code)

    def payslip_words(self) -> Mapping[str, Words]:
        """The words on paper that the country has of its own; none where those of its languages do."""
        section = "payslip_words"
        if section not in self.country.section("payroll").tree:
            return MappingProxyType({})
        return {word: self._words(section, word) for word in self._tree(section)}

    def line_codes(self) -> frozenset[str]:
        """The codes of every line that has words."""
        return frozenset(self._tree("lines"))

    def _words(self, section: str, code: str) -> Words:
        if (section, code) not in self._said:
            self._said[section, code] = self._read_words(section, code)
        return self._said[section, code]

    def _read_words(self, section: str, code: str) -> Words:
        words = self._tree(section).get(code)
        if not isinstance(words, dict):
            raise CountryDataWrong(f"payroll: {section}: there are no words for {code}")
        return MappingProxyType({str(language): str(text) for language, text in words.items()})

    def _tree(self, section: str) -> Mapping[str, object]:
        tree = self.country.section("payroll").tree.get(section)
        if not isinstance(tree, dict):
            raise CountryDataWrong(f"payroll: {section} is missing")
        return tree


def fingerprint(rules: Iterable[Rule], engine_version: str) -> str:
    """The hash of the figures and the engine of a payslip: the same hash gives the same payslip again."""
    figures = {rule.source.parameter: rule.fingerprint for rule in rules}
    told = ", ".join(f"{json.dumps(parameter)}: {figures[parameter]}" for parameter in sorted(figures))
    text = f'{{"engine": {json.dumps(engine_version)}, "figures": {{{told}}}}}'
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | str) else str(value)
