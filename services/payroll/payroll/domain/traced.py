"""Columns that remember what they were made of: a payslip can say where each of its figures comes from.

A traced column computes what a plain one does. It carries names: of the lines that it was computed from,
and of what was told (`terms.gross`, `situation.children`, `earlier.gross_year`, `time`). Engines do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, Self

import numpy as np

from payroll.domain.wage import Batch

TERMS: Final = "terms"
TIME: Final = "time"
SITUATION: Final = "situation"
EARLIER: Final = "earlier"


class Traced(np.ndarray[Any, np.dtype[Any]]):
    """A column and the names of what it was made of."""

    made_of: frozenset[str]

    @classmethod
    def of(cls, values: np.ndarray[Any, Any], made_of: frozenset[str]) -> Self:
        """The same values, with names."""
        column = values.view(cls)
        column.made_of = made_of
        return column

    def __array_finalize__(self, obj: Any) -> None:
        self.made_of = getattr(obj, "made_of", frozenset())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        """Any arithmetic: the result is made of all that its arguments are made of."""
        if named:
            return _named(getattr(ufunc, method)(*_plain(inputs), **_plain(named)), inputs, named)
        # Nearly all of it, and most of what naming costs.
        names = [each.made_of for each in inputs if isinstance(each, Traced)]
        plain = [each.view(np.ndarray) if isinstance(each, Traced) else each for each in inputs]
        return _made(getattr(ufunc, method)(*plain), names)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Any other function of numpy: the same."""
        return _named(func(*_plain(tuple(args)), **_plain(dict(kwargs))), args, kwargs)


def made_of(values: object) -> frozenset[str]:
    """The names that a column carries, none where it carries none."""
    return values.made_of if isinstance(values, Traced) else frozenset()


def traced(batch: Batch) -> Batch:
    """The same batch, each of whose columns is named after itself.

    An amount that no row has, and a sum that nobody earned before, explain nothing and have no name.
    """
    columns = [item.name for item in fields(batch) if isinstance(getattr(batch, item.name), np.ndarray)]
    named: dict[str, Any] = {}
    for name in columns:
        values = getattr(batch, name)
        is_time = name.startswith(f"{TIME}_")
        named[name] = Traced.of(values, frozenset({TIME}) if is_time else _name(TERMS, name, values))
    return replace(
        batch,
        situation=batch.situation.each(
            lambda name, values: Traced.of(values, frozenset({f"{SITUATION}.{name}"}))
        ),
        earlier=batch.earlier.each(lambda name, values: Traced.of(values, _name(EARLIER, name, values))),
        **named,
    )


def _name(prefix: str, name: str, values: np.ndarray[Any, Any]) -> frozenset[str]:
    return frozenset({f"{prefix}.{name}"}) if np.any(values) else frozenset()


def _named(result: Any, args: Any, kwargs: Any) -> Any:
    return _made(result, list(_names((args, kwargs))))


def _made(result: Any, names: Sequence[frozenset[str]]) -> Any:
    if not isinstance(result, np.ndarray | np.generic):
        return result
    return Traced.of(np.asarray(result), frozenset[str]().union(*names))


def _names(value: Any) -> Iterator[frozenset[str]]:
    if isinstance(value, Traced):
        yield value.made_of
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, Mapping):
        yield from _names(list(value.values()))


def _plain(value: Any) -> Any:
    if isinstance(value, Traced):
        return value.view(np.ndarray)
    if isinstance(value, tuple | list):
        return type(value)(_plain(each) for each in value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value
