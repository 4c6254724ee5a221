"""What clients tell of a worker: facts by name, or the household, a shorter way to tell three of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from commons.arguments import Between, Text
from commons.refusal import Refusal
from payroll.domain.belgium.situation import Spouse
from payroll.domain.errors import FactToldTwice
from payroll.domain.facts import Facts, check_facts, situation_of
from payroll.domain.person import FamilySituation
from payroll.domain.wage import WHOLE_MAX, Situation

FACTS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class FamilySituationInput:
    """The household on the day of payment, as tax law sees it."""

    spouse: Spouse
    children: Annotated[int, Between(0, WHOLE_MAX)] = 0
    is_single_parent: bool = False

    @property
    def family(self) -> FamilySituation:
        """The domain's value."""
        return FamilySituation(self.spouse, self.children, self.is_single_parent)


@dataclass(frozen=True, slots=True)
class TaxFactInput:
    """One fact about the worker: a name and an answer as `payrollQuestions` lists them."""

    name: Annotated[str, Text(max=60, min=1)]
    value: Annotated[str, Text(max=40, min=1)]


def told(
    kind: type[Situation], family: FamilySituationInput | None, tax_facts: Sequence[TaxFactInput] | None
) -> Facts:
    """All facts that were told, each once, checked one by one and together.

    Raises what `check_facts` and `Situation.check` raise, and FactToldTwice.
    """
    shorter = {} if family is None else family.family.facts
    try:
        facts = dict(check_facts(kind, list(shorter.items())))
    except Refusal as refusal:
        refusal.path = ()
        raise refusal.at("familySituation") from None
    try:
        listed = check_facts(kind, [(fact.name, fact.value) for fact in tax_facts or ()])
    except Refusal as refusal:
        raise refusal.at("taxFacts") from None
    if twice := sorted(facts.keys() & listed.keys()):
        raise FactToldTwice(fact=twice[0]).at("taxFacts")
    facts.update(listed)
    try:
        situation_of(kind, facts)
    except Refusal as refusal:
        raise refusal.at("taxFacts" if family is None else "familySituation") from None
    return facts
