"""What payroll asks: of a contract its regime, of a worker what the country's engine needs to know."""

from __future__ import annotations

from datetime import date

from commons.capability import capability
from commons.context import Ctx
from payroll.domain.contract import regimes
from payroll.domain.facts import Question, QuestionKind, questions
from payroll.service import Payroll


@capability
async def find_payroll_questions(ctx: Ctx[Payroll], *, day: date) -> list[Question]:
    """The regimes of a day, and every fact about a worker with its choices and the law's default.

    Raises ValueNotInForce for a day whose law is not known.
    """
    asked = Question("regime", QuestionKind.CHOICE, regimes(ctx.service.law, day), about="contract")
    return [asked, *questions(ctx.service.engine.situation_type)]
