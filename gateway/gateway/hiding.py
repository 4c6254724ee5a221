"""Take out of a message what the person wrote, which graphql-core repeats: it may be personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

VALUE_CHARACTERS_MIN: Final = 3  # shorter ones say nothing about anybody, and are in every word
HIDDEN: Final = "…"
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|(?<![\w$])([0-9][0-9.]+)')


def without_values(message: str, text: str, variables: Any) -> str:
    """The message without the literals of the document and the values of the variables."""
    literals = {part for match in _LITERAL.finditer(text) for part in match.groups() if part}
    written = literals.union(_values(variables))
    for value in sorted(written, key=lambda value: (-len(value), value)):
        if len(value) >= VALUE_CHARACTERS_MIN:
            message = message.replace(value, HIDDEN)
    return message


def _values(variables: Any) -> Iterator[str]:
    waiting = [variables]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(value)
