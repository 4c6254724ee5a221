"""Read which metrics and labels a query asks for, so that a test can hold them against the list."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<range>\[[^\]]*\])
      |(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      |(?P<number>[0-9][0-9.a-z]*)
      |(?P<other>=~|!~|==|!=|>=|<=|[-+*/%^(){},=<>])
      |\s+""",
    re.VERBOSE,
)
_GROUPING: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_WORDS: Final = frozenset({"and", "or", "unless", "bool", "offset", "inf", "nan", *_GROUPING})


class UnreadableQuery(Exception):
    """The query has a character that is no PromQL."""


@dataclass(slots=True)
class Asked:
    """What a query asks for: each metric with the labels of its selector, and the labels it groups by."""

    metrics: dict[str, set[str]] = field(default_factory=dict)
    grouping: set[str] = field(default_factory=set)


def asked(query: str) -> Asked:
    """The metrics and labels of a query. Raises UnreadableQuery. Whether it is well formed, promtool says."""
    found = Asked()
    tokens = list(_tokens(query))
    at = 0
    while at < len(tokens):
        token, follows = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        at += 1
        if token in _GROUPING and follows == "(":
            end = tokens.index(")", at)
            found.grouping |= {each for each in tokens[at + 1 : end] if each != ","}
            at = end + 1
        elif _is_name(token) and token.lower() not in _WORDS and follows != "(" and follows not in _GROUPING:
            labels = found.metrics.setdefault(token, set())
            if follows == "{":
                end = tokens.index("}", at)
                inside = tokens[at + 1 : end]
                labels |= {
                    name for name, sign in itertools.pairwise(inside) if _is_name(name) and sign in _SIGNS
                }
                at = end + 1
    return found


_SIGNS: Final = frozenset({"=", "!=", "=~", "!~"})


def _is_name(token: str) -> bool:
    return token[0].isalpha() or token[0] in "_:"


def _tokens(query: str) -> Iterator[str]:
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise UnreadableQuery(f"{query[at : at + 20]!r} of {query!r}")
        at = match.end()
        if match.lastgroup is not None and match.lastgroup != "range":
            yield match.group()
