"""A legal check with its arithmetic."""

from __future__ import annotations

from strawberry.scalars import JSON

from commons.graphql import record
from governance.rows import CheckRow


@record(CheckRow)
class RuleCheck:
    """A check that a reader can do again: its inputs, its arithmetic, its outcome and where the rule stands.

    `invented` marks a value of the configuration that no public source gives.
    """

    name: str
    passed: bool
    inputs: JSON
    formula: str
    outcome: str
    citation: str
    invented: bool
