"""What must be true of a worker before a contract of a regime is made."""

from __future__ import annotations

from payroll.domain.contract import Terms
from payroll.domain.errors import RegimeConditionNotMet
from payroll.domain.law import PayrollLaw
from payroll.domain.wage import Situation


def check_condition(terms: Terms, situation: Situation, law: PayrollLaw) -> None:
    """Refuse a contract of a regime whose condition does not hold, or was not told to hold.

    The country's data names the fact (Belgium: article 1bis is for holders of an arts-work certificate).
    Raises RegimeConditionNotMet.
    """
    rule = law.find(f"contract.condition.{terms.regime}", terms.first_day)
    if rule is not None and not getattr(situation, rule.text("fact")):
        raise RegimeConditionNotMet(
            regime=terms.regime,
            fact=rule.text("fact"),
            parameter=rule.source.parameter,
            since=rule.source.since,
            source=rule.source.text,
        ).at("regime")
