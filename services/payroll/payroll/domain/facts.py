"""What a country's engine asks of a worker, and the situation that the answers make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Final, get_type_hints

from payroll.domain.errors import FactMalformed, FactNotAChoice, FactOutOfRange, FactToldTwice, FactUnknown
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Remark
from payroll.domain.wage import WHOLE_MAX, Situation

Facts = Mapping[str, str]
"""What was told of a worker: names of the engine's questions, and answers as `Question` writes them."""

ASSUMED: Final = "assumed"
_ASSUMED_WORDS: Final = {
    "en": "Nothing was told of the following; what the law takes then was used: {facts}."
}
_WHOLE: Final = re.compile(r"[0-9]{1,7}")
_RATE: Final = re.compile(r"[01](\.[0-9]{1,6})?")
_YES_NO: Final = {"true": True, "false": False}


class QuestionKind(StrEnum):
    """How an answer is written: one of the choices, a whole number, `true` or `false`, a fraction of one."""

    CHOICE = "choice"
    WHOLE = "whole"
    YES_NO = "yes_no"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that payroll asks about a worker or a contract, with the law's default where it has one.

    `least` and `most` bound a whole number; `choices` are all answers to a choice.
    """

    name: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    default: str | None = None
    about: str = "worker"

    def check(self, answer: str) -> None:
        """Refuse what is no answer; the answer itself is personal and never repeated.

        Raises FactNotAChoice, FactMalformed, FactOutOfRange.
        """
        if self.kind is QuestionKind.CHOICE or self.kind is QuestionKind.YES_NO:
            if answer not in self.choices:
                raise FactNotAChoice(fact=self.name, choices=list(self.choices))
        elif self.kind is QuestionKind.RATE:
            if not _RATE.fullmatch(answer):
                raise FactMalformed(fact=self.name, kind=self.kind.value)
            if Decimal(answer) > 1:
                raise FactOutOfRange(fact=self.name, least="0", most="1")
        elif not _WHOLE.fullmatch(answer.removeprefix("-")):
            raise FactMalformed(fact=self.name, kind=self.kind.value)
        elif self.least is not None and self.most is not None and not self.least <= int(answer) <= self.most:
            raise FactOutOfRange(fact=self.name, least=self.least, most=self.most)


def questions(kind: type[Situation]) -> tuple[Question, ...]:
    """What an engine asks, read off its class of situations."""
    return _asked(kind).questions


def check_facts(kind: type[Situation], told: Sequence[tuple[str, str]]) -> Facts:
    """The facts of a list, each known to the engine, told once and answered as asked.

    Raises FactUnknown, FactToldTwice and what `Question.check` raises, pointing into the list.
    """
    known = {question.name: question for question in questions(kind)}
    facts: dict[str, str] = {}
    for place, (name, answer) in enumerate(told):
        if name not in known:
            raise FactUnknown(known=sorted(known)).at(str(place), "name")
        if name in facts:
            raise FactToldTwice(fact=name).at(str(place), "name")
        try:
            known[name].check(answer)
        except (FactNotAChoice, FactMalformed, FactOutOfRange) as refusal:
            raise refusal.at(str(place), "value") from None
        facts[name] = answer
    return facts


def situation_of(kind: type[Situation], facts: Facts) -> Situation:
    """The situation that facts make, with the law's default for what was not told.

    A fact that the engine asks no more is left out, and an answer that it does not know any more counts as
    not told: what was kept last year must not stop a wage. Raises what `Situation.check` raises.
    """
    hints = _asked(kind).hints
    situation = kind(**{name: _value(hints[name], facts[name]) for name in _usable(kind, facts)})
    situation.check()
    return situation


def assumed(kind: type[Situation], facts: Facts, law: PayrollLaw) -> Remark | None:
    """The remark that names what was not told and what was taken instead; nothing where all was told."""
    usable = _usable(kind, facts)
    missing = [f"{asked.name} = {asked.default}" for asked in questions(kind) if asked.name not in usable]
    if not missing:
        return None
    words = {**_ASSUMED_WORDS, **law.find_remark_words(ASSUMED)}
    text = ", ".join(missing)
    return Remark(
        ASSUMED,
        {
            language: words.get(language, words["en"]).replace("{facts}", text)
            for language in (*law.country.languages, "en")
        },
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    questions: tuple[Question, ...]
    hints: Mapping[str, Any]


def _asked(kind: type[Situation]) -> _Asked:
    key: Any = kind  # a class is hashable, which the protocol does not say
    return _read(key)


@cache  # once for each engine: reading the annotations of a class takes longer than a payslip
def _read(kind: type[Any]) -> _Asked:
    hints = get_type_hints(kind)
    asked = (_question(item.name, hints[item.name], item.default, item.metadata) for item in fields(kind))
    return _Asked(tuple(asked), hints)


def _usable(kind: type[Situation], facts: Facts) -> frozenset[str]:
    found = set()
    for asked in questions(kind):
        if asked.name in facts:
            try:
                asked.check(facts[asked.name])
            except (FactNotAChoice, FactMalformed, FactOutOfRange):
                continue
            found.add(asked.name)
    return frozenset(found)


def _question(name: str, hint: Any, default: Any, metadata: Mapping[str, int]) -> Question:
    assert default is not MISSING, "the law has a default for every field of a situation"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        choices = tuple(member.value for member in hint)
        return Question(name, QuestionKind.CHOICE, choices, default=str(default))
    if hint is bool:
        return Question(name, QuestionKind.YES_NO, tuple(_YES_NO), default=str(default).lower())
    if hint is Decimal:
        return Question(name, QuestionKind.RATE, default=str(default))
    assert hint is int, "a situation has choices, whole numbers, yes or no, and rates"
    least, most = metadata.get("least", 0), metadata.get("most", WHOLE_MAX)
    return Question(name, QuestionKind.WHOLE, (), least, most, default=str(default))


def _value(hint: Any, answer: str) -> object:
    return _YES_NO[answer] if hint is bool else hint(answer)
