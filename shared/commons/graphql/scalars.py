"""Days, instants, decimals: one strict way to write each, the same in all services."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeVar

from graphql import GraphQLError
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

# No contract, birth or mandate lies outside; arithmetic inside these years never leaves Python's calendar.
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2199

D = TypeVar("D", bound=date)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,16}(\.\d{1,10})?", re.ASCII)


def _read_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return _in_range(date.fromisoformat(value))
        except ValueError:
            pass
    raise GraphQLError(f"A day is written like 2026-06-05, from {YEAR_MIN} to {YEAR_MAX}.")


def _read_instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            # In UTC, as it is written again: an offset may carry the last hours of a year into the next.
            return _in_range(datetime.fromisoformat(value).astimezone(UTC))
        except (ValueError, OverflowError):
            pass
    raise GraphQLError("An instant is written like 2026-06-05T14:30:00Z, with its offset.")


def _in_range(day: D) -> D:
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueError(day)
    return day


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise GraphQLError('A decimal is a text with digits and a point, like "935.00".')


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_day(value: date) -> str:
    return value.isoformat()


def _write_decimal(value: Decimal) -> str:
    return format(value, "f")


def _definition(
    name: str, description: str, write: Callable[..., str], read: Callable[[object], object]
) -> ScalarDefinition:
    return scalar(name=name, description=description, serialize=write, parse_value=read)


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    date: _definition("Date", "A day, ISO 8601: 2026-06-05.", _write_day, _read_day),
    datetime: _definition(
        "DateTime", "An instant, ISO 8601 in UTC: 2026-06-05T14:30:00Z.", _write_instant, _read_instant
    ),
    Decimal: _definition(
        "Decimal", 'A decimal number as text, never a float: "935.00".', _write_decimal, _read_decimal
    ),
}
