"""Refuse in a sentence: a normal answer with a stable code, a message and its facts."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


class Refusal(Exception):
    """This cannot be done.

    The class name is the code that clients match and that never changes; the first paragraph of the
    docstring is the message that people read; the keyword arguments are the facts that travel with it.
    `path` names the input that caused it, outermost first, for example `("lines", "0", "price")`.
    """

    path: tuple[str, ...] = ()

    def __init__(self, *, at: tuple[str, ...] = (), **facts: object) -> None:
        self.facts: dict[str, object] = facts
        if at:
            self.path = at
        super().__init__(f"{self.code}: {self.message}")

    @property
    def code(self) -> str:
        """The stable code: the name of the class."""
        return type(self).__name__

    @property
    def message(self) -> str:
        """One sentence for a person: the first paragraph of the docstring."""
        text = inspect.cleandoc(type(self).__doc__ or "This cannot be done.")
        return " ".join(text.split("\n\n", 1)[0].split())

    def at(self, *path: str) -> Refusal:
        """The same refusal, pointing at an input."""
        self.path = (*path, *self.path)
        return self

    def public_facts(self) -> dict[str, object]:
        """The facts in a form that JSON can carry: amounts and rates as text, days in ISO 8601."""
        return {name: _plain(value) for name, value in self.facts.items()}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    amount, currency = getattr(value, "amount", None), getattr(value, "currency", None)
    if isinstance(amount, Decimal) and isinstance(currency, str):
        return {"amount": str(amount), "currency": currency}
    return str(value)
