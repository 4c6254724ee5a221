"""Makes a party slow, broken, silent or contrary on demand, always in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from simulators.store import Store

rule_count_max = 200
latency_milliseconds_max = 60_000
processing_milliseconds_max = 86_400_000

SCHEMA = """
create table if not exists behavior_rule (
  id integer primary key autoincrement,
  rule text not null,
  times_left integer
);
"""

Fault = Literal["error", "busy", "silence", "lost_answer"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something a party can be asked, the facts by which a rule can pick it, the outcomes it knows.

    `is_decision_only` marks a part of a larger request: only rules with an outcome reach it, so that a
    delay meant for the request is not counted again for each part.
    """

    name: str
    facts: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    is_decision_only: bool = False


class Rule(BaseModel):
    """How to behave, toward whom and how many times; the newest matching rule is the one obeyed.

    `match` compares facts of the request (and `operation`) ignoring case, spaces, dots and hyphens.
    `times` counts the requests that obey the rule; without it the rule stays until deleted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[Text, Text] = Field(default_factory=dict, max_length=8)
    times: int | None = Field(default=None, ge=1, le=1_000_000)
    latency_ms: int = Field(default=0, ge=0, le=latency_milliseconds_max)
    processing_ms: int | None = Field(default=None, ge=0, le=processing_milliseconds_max)
    fault: Fault | None = None
    outcome: Text | None = None
    reason: Text | None = None


class UnusableRule(Exception):
    """No operation of this party could ever obey this rule."""


class TooManyRules(Exception):
    """The party holds as many rules as it may; delete some first."""


WELL_BEHAVED = Rule()


class Behavior:
    """The rules one party has been given, kept in its store."""

    def __init__(self, store: Store, operations: tuple[Operation, ...]) -> None:
        self._store = store
        self._operations = {operation.name: operation for operation in operations}

    def add(self, rule: Rule) -> int:
        """Adds a rule and returns its number. Raises `UnusableRule` or `TooManyRules`."""
        if not any(self._can_obey(operation, rule) for operation in self._operations.values()):
            raise UnusableRule
        if self._store.number("select count(*) from behavior_rule") >= rule_count_max:
            raise TooManyRules
        return self._store.insert(
            "insert into behavior_rule (rule, times_left) values (?, ?)", rule.model_dump_json(), rule.times
        )

    def rules(self) -> list[dict[str, object]]:
        """The rules still in force, newest first."""
        rows = self._store.many("select * from behavior_rule order by id desc limit ?", rule_count_max)
        return [
            {"id": row["id"], "times_left": row["times_left"]}
            | Rule.model_validate_json(row["rule"]).model_dump(exclude_defaults=True)
            for row in rows
        ]

    def forget(self, rule_id: int | None = None) -> int:
        """Deletes one rule, or all, and returns how many went."""
        if rule_id is None:
            return self._store.write("delete from behavior_rule")
        return self._store.write("delete from behavior_rule where id = ?", rule_id)

    def toward(self, operation: str, **facts: str) -> Rule:
        """The rule to obey for this request; counts it as used once."""
        known = self._operations[operation]
        for row in self._store.many("select * from behavior_rule order by id desc limit ?", rule_count_max):
            rule = Rule.model_validate_json(row["rule"])
            if self._can_obey(known, rule) and _matches(rule, {"operation": operation, **facts}):
                self._use(row["id"], row["times_left"])
                return rule
        return WELL_BEHAVED

    def _use(self, rule_id: int, times_left: int | None) -> None:
        if times_left is None:
            return
        if times_left <= 1:
            self.forget(rule_id)
        else:
            self._store.write("update behavior_rule set times_left = times_left - 1 where id = ?", rule_id)

    @staticmethod
    def _can_obey(operation: Operation, rule: Rule) -> bool:
        named = rule.match.get("operation")
        return (
            (named is None or _plain(named) == _plain(operation.name))
            and set(rule.match) - {"operation"} <= operation.facts
            and (
                rule.outcome in operation.outcomes
                or (rule.outcome is None and not operation.is_decision_only)
            )
        )


def _matches(rule: Rule, facts: dict[str, str]) -> bool:
    return all(_plain(facts.get(fact, "")) == _plain(wanted) for fact, wanted in rule.match.items())


def _plain(text: str) -> str:
    return text.translate(str.maketrans("", "", " .-")).upper()
