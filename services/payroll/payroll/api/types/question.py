"""What payroll asks."""

from __future__ import annotations

from commons.graphql import record
from payroll.domain.facts import Question, QuestionKind


@record(Question)
class PayrollQuestion:
    """One thing that payroll asks about a worker or a contract, as `about` says.

    A choice is answered by one of `choices`, a whole number lies between `least` and `most`, yes or no is
    `true` or `false`, a rate is a fraction of one such as 0.125. Where nothing is told the law takes the
    `default`.
    """

    name: str
    about: str
    kind: QuestionKind
    choices: list[str]
    least: int | None
    most: int | None
    default: str | None
