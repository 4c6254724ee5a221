"""An explanation as indented sentences: what a payroll officer reads who asks why a net is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payroll.documents.explanation_words import EXPLANATION_WORDS
from payroll.domain.explanation import Node, Reason
from payroll.domain.law import PayrollLaw

_INDENT = "  "


def explanation_text(nodes: Sequence[Node], law: PayrollLaw, language: str = "en") -> str:
    """Every figure on a line of its own, with how it follows and the article of law below it."""
    return "\n".join(line for node in nodes for line in _lines(node, law, language))


def _lines(node: Node, law: PayrollLaw, language: str) -> Iterator[str]:
    indent = _INDENT * node.depth
    words = EXPLANATION_WORDS.get(node.code) or law.line_words(node.code)
    label = words.get(language) or words["en"]
    if node.amount is None:
        yield f"{indent}{label}" + (f": {', '.join(node.facts)}" if node.facts else "")
        return
    yield f"{indent}{label} ({node.code}): {node.amount}{_how(node)}"
    if node.source is not None and node.reason is not Reason.ABOVE:
        source = node.source
        trust = "" if source.read == "primary" else f", {source.read}"
        yield f"{indent}{_INDENT}law: {source.text} [{source.parameter} since {source.since}{trust}]"


def _how(node: Node) -> str:
    if node.reason is Reason.ABOVE:
        return ", explained above"
    if node.reason is Reason.SUM:
        return ", the sum of what follows"
    if node.base is None:
        return ""
    rate = "" if node.rate is None else f" at {(node.rate * 100).normalize():f} %"
    by = "" if node.reason is Reason.BASE_TIMES_RATE else ", by the rule"
    return f" on {node.base}{rate}{by}, rounded {node.rounding}"
