"""The law of a country as dated data: read once at start, checked whole, asked by the day."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import yaml
from dateutil.easter import easter

from commons.dated import Dated, Span, ValueNotInForce
from commons.money import EXPONENT
from commons.refusal import Refusal

SECTIONS: Final = ("country", "invoicing", "payroll", "membership", "guarantee", "governance")
READ: Final = ("primary", "secondary", "inferred", "invented")
ALIASES_MAX: Final = 100  # in one file
FILE_BYTES_MAX: Final = 2_000_000  # twenty times the longest file
DAYS_COUNTED_MAX: Final = 400  # no delay of the law is longer; a wrong calendar must not loop for ever

ABOUT_A_VALUE: Final = frozenset({"source", "read", "invented", "checked_until", "confirmed"})
"""What one dated value may say about itself; where it does, it stands before what its parameter says."""

ABOUT_A_PARAMETER: Final = frozenset({"values", "source", "read", "invented", "checked_until", "local_names"})
"""What a parameter says of all its values."""

Fields = Mapping[str, object]


class CountryUnknown(Refusal):
    """There is no such country in this system."""


class CountryNotReady(Refusal):
    """The country's folder exists, but data that a cell needs is still missing."""


class CountryDataWrong(Exception):
    """The country's files break a rule of their form; the sentences name file, parameter and reason."""


class ParameterUnknown(KeyError):
    """The country's files have no parameter of that name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or rule of the law: its dated values, where they stand, how they were read.

    `values` maps a day to the fields of the entry in force, without `since` and `until`; texts that look like
    numbers stay text, so that no reader makes a float. `read` is `primary`, `secondary`, `inferred` or
    `invented`; `checked_until` is the last day the source is known to hold. A single value may have its own
    source, reading and last day: ask `source_on`, `read_on` and `checked_until_on` for what holds on a day.
    """

    path: str
    values: Dated[Fields]
    source: str
    read: str
    checked_until: date

    @property
    def is_invented(self) -> bool:
        """Whether no source gives it as a whole: configuration to confirm before use in production."""
        return self.read == "invented"

    def on(self, day: date) -> Fields:
        """The fields in force on a day. Raises ValueNotInForce."""
        return self.values.on(day)

    def source_on(self, day: date) -> str:
        """Where the value in force on a day stands. Raises ValueNotInForce."""
        return self.source_of(self.values.on(day))

    def read_on(self, day: date) -> str:
        """How the value in force on a day was read. Raises ValueNotInForce."""
        return self.read_of(self.values.on(day))

    def checked_until_on(self, day: date) -> date:
        """The last day the source of the value in force is known to hold.

        The parameter's own day where no value is in force: that there is none was checked until then.
        """
        try:
            own = self.values.on(day).get("checked_until")
        except ValueNotInForce:
            own = None
        return own if isinstance(own, date) else self.checked_until

    def source_of(self, value: Fields) -> str:
        """Where one of its values stands."""
        return _text_of_source(value["source"]) if "source" in value else self.source

    def read_of(self, value: Fields) -> str:
        """How one of its values was read."""
        return "invented" if value.get("invented") is True else str(value.get("read", self.read))

    def invented_spans(self) -> list[Span[Fields]]:
        """Its values that no source gives, oldest first."""
        return [span for span in self.values.spans if self.read_of(span.value) == "invented"]


@dataclass(frozen=True, slots=True)
class Section:
    """One file of a country: its parameters by dotted path, and the plain tree beside them."""

    name: str
    tree: Fields
    parameters: Mapping[str, Parameter]

    def __getitem__(self, path: str) -> Parameter:
        if path not in self.parameters:
            raise ParameterUnknown(f"{self.name}: {path}")
        return self.parameters[path]

    def under(self, path: str) -> Mapping[str, Parameter]:
        """All parameters below a path, by the rest of their name."""
        prefix = path + "."
        return {
            name[len(prefix) :]: value for name, value in self.parameters.items() if name.startswith(prefix)
        }


@dataclass(frozen=True, slots=True)
class Country:
    """A country: code (lower case ISO 3166), currency (ISO 4217), languages, time zone, calendar, law.

    `payment_reference` names the strategy by which its banks write the reference of a payment;
    `enterprise_number` and `national_number` those that check the numbers of enterprises and people, empty in
    a country whose cell does not run yet. `decimals_shown` is how many decimals people write behind a whole
    amount: fewer than the currency has where nobody has used its small unit for long.
    """

    code: str
    name: str
    currency: str
    languages: tuple[str, ...]
    time_zone: ZoneInfo
    payment_reference: str
    enterprise_number: str
    national_number: str
    decimals_shown: int
    sections: Mapping[str, Section]
    folder: Path

    @property
    def upper(self) -> str:
        """The code in upper case, as tokens and global ids carry it."""
        return self.code.upper()

    def section(self, name: str) -> Section:
        """One file of this country. Raises CountryNotReady where the folder does not have it."""
        if name not in self.sections:
            raise CountryNotReady(country=self.code, missing=[name])
        return self.sections[name]

    def table(self, file: str, fields: Sequence[str]) -> list[list[int]]:
        """The rows of whole numbers of a table that the authority publishes, from a CSV file of the folder.

        Raises CountryDataWrong where the file is missing or has other columns.
        """
        path = self.folder / file
        try:
            head, *rows = csv.reader(path.read_text(encoding="ascii").splitlines())
            if head != list(fields):
                raise ValueError("other columns")
            return [[int(cell) for cell in row] for row in rows]
        except (OSError, ValueError) as error:
            raise CountryDataWrong(f"{self.code}/{file}: a table of {', '.join(fields)} is needed") from error

    def is_public_holiday(self, day: date) -> bool:
        """Whether the law makes it a holiday."""
        return _is_holiday(self.section("country")["public_holidays"].on(day), day)

    def is_working_day(self, day: date) -> bool:
        """Whether it counts when a legal delay is counted in working days."""
        weekdays = self.section("country")["working_days"].on(day)["weekdays"]
        assert isinstance(weekdays, list), "the loader checked it"
        return day.isoweekday() in weekdays and not self.is_public_holiday(day)

    def is_bank_day(self, day: date) -> bool:
        """Whether banks settle ordinary credit transfers."""
        return day.isoweekday() <= 5 and not _is_holiday(
            self.section("country")["bank_holidays"].on(day), day
        )

    def nth_working_day_after(self, day: date, count: int) -> date:
        """The day on which `count` (1 to 366) working days have passed since `day`, which is not counted."""
        assert 1 <= count <= 366, "a delay of the law is between a day and a year"
        for _ in range(DAYS_COUNTED_MAX * 2):
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
                if count == 0:
                    return day
        raise AssertionError("a calendar without working days")

    def all_parameters(self) -> Iterator[Parameter]:
        """Every parameter of every file."""
        for section in self.sections.values():
            yield from section.parameters.values()

    def stale_on(self, day: date) -> list[Parameter]:
        """The parameters whose value of that day has a source that was not checked for it."""
        return [parameter for parameter in self.all_parameters() if parameter.checked_until_on(day) < day]

    def invented(self) -> list[Parameter]:
        """The parameters of which at least one value is given by no source."""
        return [parameter for parameter in self.all_parameters() if parameter.invented_spans()]


def countries_folder() -> Path:
    """Where the country folders lie: `COUNTRIES_DIR`, or beside this library."""
    return Path(os.environ.get("COUNTRIES_DIR") or Path(__file__).resolve().parent.parent / "countries")


def country_codes(folder: Path | None = None) -> list[str]:
    """The codes of all countries that have a folder."""
    return sorted(path.parent.name for path in (folder or countries_folder()).glob("[a-z][a-z]/country.yaml"))


def load_country(code: str, *, need: tuple[str, ...] = ("country",), folder: Path | None = None) -> Country:
    """A country from its folder, every file checked.

    Raises CountryUnknown where there is no folder, CountryNotReady where a needed file is missing, and
    CountryDataWrong (with every fault, not only the first) where a file breaks its form.
    """
    folder = folder or countries_folder()
    if not re.fullmatch("[a-z]{2}", code) or not (folder / code / "country.yaml").is_file():
        raise CountryUnknown(country=code[:8], known=country_codes(folder))
    files = {name: folder / code / f"{name}.yaml" for name in SECTIONS}
    missing = [name for name in need if not files[name].is_file()]
    if missing:
        raise CountryNotReady(country=code, missing=missing)
    return _load(code, folder)


@cache
def _load(code: str, folder: Path) -> Country:
    faults: list[str] = []
    sections = {
        name: _read_section(name, folder / code / f"{name}.yaml", faults)
        for name in SECTIONS
        if (folder / code / f"{name}.yaml").is_file()
    }
    head = sections["country"].tree
    faults += [
        f"{code}/country.yaml: {field} is missing"
        for field in ("name", "currency", "languages", "time_zone", "payment_reference")
        if field not in head
    ]
    faults += [
        f"{code}/country.yaml: the parameter {name} is missing"
        for name in ("working_days", "public_holidays", "bank_holidays")
        if name not in sections["country"].parameters
        # What is there and wrong has said so.
        and not any(fault.startswith(f"{code}/country.yaml: {name}: ") for fault in faults)
    ]
    decimals = EXPONENT.get(str(head.get("currency")), 0)
    shown = head.get("decimals_shown", decimals)
    if type(shown) is not int or not 0 <= shown <= decimals:
        faults.append(f"{code}/country.yaml: decimals_shown is a whole number, at most {decimals}")
    if faults:
        raise CountryDataWrong("\n".join(faults))
    assert isinstance(shown, int), "it was looked at above"
    languages = head["languages"]
    assert isinstance(languages, list), "a list of codes"
    return Country(
        code=code,
        name=str(head["name"]),
        currency=str(head["currency"]),
        languages=tuple(str(language) for language in languages),
        time_zone=ZoneInfo(str(head["time_zone"])),
        payment_reference=str(head["payment_reference"]),
        enterprise_number=str(head.get("enterprise_number", "")),
        national_number=str(head.get("national_number", "")),
        decimals_shown=shown,
        sections=MappingProxyType(sections),
        folder=folder / code,
    )


class _Mapping(dict[object, object]):
    """A mapping that knows on which line of its file it begins, so that a fault can be found."""

    line = 0


def _line(node: object) -> str:
    return f"line {node.line}: " if isinstance(node, _Mapping) else ""


def _tree(data: bytes) -> object:
    if len(data) > FILE_BYTES_MAX:
        raise CountryDataWrong(f"the file is larger than {FILE_BYTES_MAX} bytes")
    return yaml.load(data.decode("utf-8"), Loader=_Loader) or {}  # noqa: S506 - a SafeLoader


class _Loader(yaml.SafeLoader):
    """YAML without floats and double keys: `0.055` stays the text that stands there.

    An alias may repeat something once more, a few times; one inside what another repeats is how a short file
    says a thing a billion times.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.aliases = 0
        self.repeated_depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node. Raises CountryDataWrong for an alias too many."""
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs miss its type
        self.aliases += isinstance(event, yaml.AliasEvent)
        if isinstance(event, yaml.AliasEvent) and (self.repeated_depth or self.aliases > ALIASES_MAX):
            line = event.start_mark.line + 1  # type: ignore[union-attr] # a parsed event has its place
            raise CountryDataWrong(f"line {line}: write it out, without *")
        is_repeated = not isinstance(event, yaml.AliasEvent) and event.anchor is not None
        self.repeated_depth += is_repeated
        node: yaml.Node | None = super().compose_node(parent, index)
        self.repeated_depth -= is_repeated
        return node


def _text_of_number(loader: _Loader, node: yaml.ScalarNode) -> str:
    raise CountryDataWrong(f"line {node.start_mark.line + 1}: write the number {node.value} in quotes")


def _mapping_without_doubles(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    pairs = [(loader.construct_object(key, deep=True), value) for key, value in node.value]
    line = node.start_mark.line + 1
    if not all(isinstance(key, Hashable) for key, _ in pairs):
        raise CountryDataWrong(f"line {line}: a name is a text")
    doubles = {str(name) for name, count in Counter(key for key, _ in pairs).items() if count > 1}
    if doubles:
        raise CountryDataWrong(f"line {line}: written twice: {', '.join(sorted(doubles))}")
    found = _Mapping({key: loader.construct_object(value, deep=True) for key, value in pairs})
    found.line = line
    return found


def _day(loader: _Loader, node: yaml.ScalarNode) -> date:
    try:
        found: date = loader.construct_yaml_timestamp(node)
    except ValueError:
        raise CountryDataWrong(f"line {node.start_mark.line + 1}: {node.value} is no day") from None
    return found


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    # YAML reads 12:30 as 750, 010 as 8 and 0x1f as 31: nobody who writes law means that.
    if not re.fullmatch(r"[+-]?(0|[1-9][0-9_]{0,20})", node.value):
        raise CountryDataWrong(f"line {node.start_mark.line + 1}: write {node.value[:40]} in quotes")
    return int(node.value.replace("_", ""))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _text_of_number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping_without_doubles)


def _read_section(name: str, path: Path, faults: list[str]) -> Section:
    where = f"{path.parent.name}/{path.name}"
    try:
        tree = _tree(path.read_bytes())
    except (yaml.YAMLError, CountryDataWrong) as fault:
        faults.append(f"{where}: {fault}")
        return Section(name, {}, {})
    except UnicodeDecodeError:
        faults.append(f"{where}: the file is not written in UTF-8")
        return Section(name, {}, {})
    except RecursionError:
        faults.append(f"{where}: the file is nested too deeply")
        return Section(name, {}, {})
    if not isinstance(tree, dict):
        faults.append(f"{where}: the file must be a mapping of names")
        return Section(name, {}, {})
    parameters: dict[str, Parameter] = {}
    _collect(where, (), tree, parameters, faults)
    return Section(name, MappingProxyType(tree), MappingProxyType(parameters))


def _collect(
    where: str, path: tuple[str, ...], node: object, found: dict[str, Parameter], faults: list[str]
) -> None:
    if node is None:
        faults.append(f"{where}: {'.'.join(path)}: still empty")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("values"), list):
        name = ".".join(path)
        try:
            found[name] = _parameter(name, node)
        except ValueError as fault:
            faults.append(f"{where}: {name}: {fault}")
        return
    for key, child in node.items():
        _collect(where, (*path, str(key)), child, found, faults)


def _parameter(name: str, node: dict[str, object]) -> Parameter:
    entries = node["values"]
    assert isinstance(entries, list), "the caller looked"
    if not entries:
        empty = ["values", *(name for name in ("source", "checked_until") if not node.get(name))]
        raise ValueError(f"still empty: {', '.join(empty)}")
    spans: list[Span[Fields]] = []
    for place, entry in enumerate(entries):
        try:
            spans.append(_span(entry, entries[:place]))
            series = Dated.of(name, spans)  # so that a fault is that of the entry that brings it
        except ValueError as fault:
            raise ValueError(f"{_line(entry)}{str(fault).removeprefix(f'{name}: ')}") from None
    try:
        return _with_source(name, series, node)
    except ValueError as fault:
        raise ValueError(f"{_line(node)}{fault}") from None


def _span(entry: object, before: Sequence[dict[object, object]]) -> Span[Fields]:
    if not isinstance(entry, dict) or not _is_day(entry.get("since")):
        raise ValueError("every value needs a day `since`")
    if not _is_day(entry.get("until", entry["since"])):
        raise ValueError("`until` is a day")
    fields = {str(key): value for key, value in entry.items() if key not in ("since", "until")}
    if not fields.keys() - ABOUT_A_VALUE:
        raise ValueError(f"the value since {entry['since']} says nothing")
    _check_what_it_says_of_itself(entry["since"], fields)
    _check_misspelt(fields, before)
    return Span(entry["since"], MappingProxyType(fields), entry.get("until"))


def _check_misspelt(fields: Fields, before: Sequence[dict[object, object]]) -> None:
    """Refuse a name that no value before it has, where it looks like one which they all have."""
    known = {str(name) for other in before for name in other}
    missing = {name for name in known if all(name in other for other in before)} - fields.keys()
    for name in sorted(fields.keys() - known - ABOUT_A_VALUE):
        if meant := get_close_matches(name, missing, n=1):
            raise ValueError(f"`{name}` is unknown here; the values before have `{meant[0]}`")


def _with_source(name: str, series: Dated[Fields], node: dict[str, object]) -> Parameter:
    if unknown := sorted(map(str, node.keys() - ABOUT_A_PARAMETER)):
        raise ValueError(f"`{unknown[0]}` is unknown; a parameter has {', '.join(sorted(ABOUT_A_PARAMETER))}")
    source, read, checked = node.get("source"), node.get("read"), node.get("checked_until")
    if node.get("invented") is True:
        read = "invented"
    if not source:
        raise ValueError("a source is missing")
    if read not in READ:
        raise ValueError(f"`read` must be one of {', '.join(READ)}")
    if not _is_day(checked):
        raise ValueError("the day `checked_until` is missing")
    assert isinstance(checked, date), "a day"
    if not _is_source(source):
        raise ValueError("`source` is a text, or names an act and a place")
    return Parameter(name, series, _text_of_source(source), str(read), checked)


def _check_what_it_says_of_itself(since: date, fields: Fields) -> None:
    where = f"the value since {since}"
    if "source" in fields and not _is_source(fields["source"]):
        raise ValueError(f"{where}: `source` is a text, or names an act and a place")
    if "read" in fields and fields["read"] not in READ:
        raise ValueError(f"{where}: `read` must be one of {', '.join(READ)}")
    if not isinstance(fields.get("invented", False), bool):
        raise ValueError(f"{where}: `invented` is true or false")
    if "checked_until" in fields and not _is_day(fields["checked_until"]):
        raise ValueError(f"{where}: `checked_until` is a day")
    if "confirmed" in fields:
        confirmed = fields["confirmed"]
        if (
            not isinstance(confirmed, dict)
            or confirmed.keys() != {"by", "on"}
            or not (isinstance(confirmed["by"], str) and confirmed["by"])
            or not _is_day(confirmed["on"])
        ):
            raise ValueError(f"{where}: `confirmed` says `by` whom and `on` which day")


def _is_source(source: object) -> bool:
    """A text, or an act and the place in it."""
    return bool(source) and isinstance(source, str | dict)


def _text_of_source(source: object) -> str:
    return ", ".join(str(part) for part in source.values()) if isinstance(source, dict) else str(source)


def _is_day(value: object) -> bool:
    return type(value) is date


def _is_holiday(rule: Fields, day: date) -> bool:
    fixed, offsets = rule["fixed"], rule["easter_offsets"]
    assert isinstance(fixed, list), "a list of month-day texts"
    assert isinstance(offsets, list), "a list of days from Easter Sunday"
    return f"{day:%m-%d}" in fixed or (day - easter(day.year)).days in offsets
