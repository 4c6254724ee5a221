"""Every legal check as a pure function: its inputs, its arithmetic, its outcome and where the rule stands."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from governance.domain.ballot import Choice, Proxy, Tally
from governance.domain.roll import Roll
from governance.domain.rule_set import Base, Cited, Majority, Quorum, RuleSet


class Outcome(StrEnum):
    """What a check found; the languages of the minutes have a word for each."""

    SUFFICIENT = "sufficient"
    TOO_SHORT = "too_short"
    WAIVED = "waived"
    RESPECTED = "respected"
    NOT_RESPECTED = "not_respected"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    CARRIED = "carried"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Check:
    """One check with everything a reader needs to do it again; the formula uses signs, not words."""

    name: str
    passed: bool
    inputs: Mapping[str, str]
    formula: str
    outcome: Outcome
    citation: str
    invented: bool

    def to_record(self) -> dict[str, object]:
        """The form that is stored with the meeting and printed in the minutes."""
        return {
            "name": self.name,
            "passed": self.passed,
            "inputs": dict(self.inputs),
            "formula": self.formula,
            "outcome": self.outcome.value,
            "citation": self.citation,
            "invented": self.invented,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Check:
        """The check as it was stored."""
        return cls(
            name=record["name"],
            passed=record["passed"],
            inputs=record["inputs"],
            formula=record["formula"],
            outcome=Outcome(record["outcome"]),
            citation=record["citation"],
            invented=record["invented"],
        )


def notice_check(
    rules: RuleSet,
    *,
    sent_on: Mapping[UUID, date],
    meeting_date: date,
    roll: Roll,
    waived: Collection[UUID] = (),
) -> Check:
    """Whether every member of the roll was called early enough, or waived it.

    Days are calendar days of the entity's time zone; the day of sending does not count, that of the meeting
    does. A notice that was never sent is too short.
    """
    called = roll.members - frozenset(waived)
    missing = [member for member in called if member not in sent_on]
    latest = max((sent_on[member] for member in called if member in sent_on), default=None)
    needed = rules.notice_days.value
    days = None if latest is None else (meeting_date - latest).days
    in_time = not missing and (days is None or days >= needed)
    sign = "≥" if days is not None and days >= needed else "<"
    return Check(
        name="notice",
        passed=in_time,
        inputs={
            "meeting_date": meeting_date.isoformat(),
            "last_sent_on": "" if latest is None else latest.isoformat(),
            "last_day_to_call": rules.last_day_to_call(meeting_date).isoformat(),
            "members": str(roll.size),
            "notices_missing": str(len(missing)),
            "waived": str(len(roll.members & frozenset(waived))),
        },
        formula="" if latest is None else f"{meeting_date} − {latest} = {days} {sign} {needed}",
        outcome=(Outcome.SUFFICIENT if called else Outcome.WAIVED) if in_time else Outcome.TOO_SHORT,
        citation=rules.notice_days.citation,
        invented=rules.notice_days.invented,
    )


def record_date_check(rules: RuleSet, *, convened_on: date, meeting_date: date, roll: Roll) -> Check:
    """Whether the roll is that of the record date."""
    wanted = rules.record_date_for(convened_on=convened_on, meeting_date=meeting_date)
    passed = roll.day == wanted
    return Check(
        name="record_date",
        passed=passed,
        inputs={
            "rule": rules.record_date.value.rule.value,
            "record_date": wanted.isoformat(),
            "roll_size": str(roll.size),
            "roll_hash": roll.hash,
        },
        formula=f"{roll.day} {'=' if passed else '≠'} {wanted}",
        outcome=Outcome.RESPECTED if passed else Outcome.NOT_RESPECTED,
        citation=rules.record_date.citation,
        invented=rules.record_date.invented,
    )


def one_vote_check(rules: RuleSet, *, voters: Sequence[UUID], roll: Roll) -> Check:
    """Whether every vote is that of a member on the roll, and nobody has more votes than the rules give."""
    most = max(Counter(voters).values(), default=0)
    strangers = [voter for voter in voters if voter not in roll.members]
    allowed = rules.votes_per_member.value
    passed = most <= allowed and not strangers
    return Check(
        name="one_vote",
        passed=passed,
        inputs={"votes": str(len(voters)), "most_by_one": str(most), "not_on_roll": str(len(strangers))},
        formula=f"{most} {'≤' if most <= allowed else '>'} {allowed}",
        outcome=Outcome.RESPECTED if passed else Outcome.NOT_RESPECTED,
        citation=rules.votes_per_member.citation,
        invented=rules.votes_per_member.invented,
    )


def quorum_check(
    quorum: Cited[Quorum], *, represented: int, members: int, second_call: bool = False
) -> Check:
    """Whether enough members are present or represented. Without a quorum any number is enough, even none."""
    needed = quorum.value.second_call if second_call else quorum.value.fraction
    share = Fraction(represented, members) if members else Fraction(0)
    passed = share >= needed
    return Check(
        name="quorum",
        passed=passed,
        inputs={
            "represented": str(represented),
            "members": str(members),
            "needed": str(needed),
            "call": "2" if second_call else "1",
        },
        formula=f"{represented}/{members} {'≥' if passed else '<'} {needed}",
        outcome=Outcome.REACHED if passed else Outcome.NOT_REACHED,
        citation=quorum.citation,
        invented=quorum.invented,
    )


def majority_check(majority: Cited[Majority], tally: Tally, *, chair: Choice | None = None) -> Check:
    """Whether a resolution carries: an exact fraction over the base that the rule names, never rounded.

    Where nobody voted in the base nothing carries. A tie goes to the chair only if the rule says so.
    """
    rule = majority.value
    base = base_of(rule.base, tally)
    share = Fraction(tally.for_count, base) if base else Fraction(0)
    passed = base > 0 and (share > rule.threshold if rule.strict else share >= rule.threshold)
    decided_by_chair = (
        not passed and rule.tie == "chair" and chair is Choice.FOR and tally.for_count == tally.against_count
    )
    signs = (">", "≤") if rule.strict else ("≥", "<")
    return Check(
        name="majority",
        passed=passed or decided_by_chair,
        inputs={
            "for": str(tally.for_count),
            "against": str(tally.against_count),
            "abstain": str(tally.abstain_count),
            "invalid": str(tally.invalid_count),
            "base": rule.base.value,
            "chair": "" if chair is None or rule.tie != "chair" else chair.value,
        },
        formula=f"{tally.for_count}/{base} {signs[0] if passed else signs[1]} {rule.threshold}",
        outcome=Outcome.CARRIED if passed or decided_by_chair else Outcome.REJECTED,
        citation=majority.citation,
        invented=majority.invented,
    )


def double_majority_check(majority: Cited[Majority], tallies: Mapping[str, Tally]) -> Check:
    """Whether a resolution carries in every class of members, each counted by itself."""
    parts = {name: majority_check(majority, tally) for name, tally in tallies.items()}
    passed = bool(parts) and all(part.passed for part in parts.values())
    return Check(
        name="double_majority",
        passed=passed,
        inputs={name: part.formula for name, part in parts.items()},
        formula="; ".join(f"{name}: {part.formula}" for name, part in parts.items()),
        outcome=Outcome.CARRIED if passed else Outcome.REJECTED,
        citation=majority.citation,
        invented=majority.invented,
    )


def base_of(base: Base, tally: Tally) -> int:
    """The number of votes that a majority is counted over."""
    if base is Base.PRESENT_VOTES:
        return tally.cast
    return tally.for_count + tally.against_count


def proxies_check(rules: RuleSet, *, proxies: Iterable[Proxy], roll: Roll) -> Check:
    """Whether no holder has more proxies than allowed, and givers and holders are members of the roll."""
    in_force = [proxy for proxy in proxies if proxy.is_in_force]
    most = max(Counter(proxy.holder_id for proxy in in_force).values(), default=0)
    strangers = sum(not {proxy.giver_id, proxy.holder_id} <= roll.members for proxy in in_force)
    allowed = rules.proxies_per_holder.value
    passed = most <= allowed and not strangers
    return Check(
        name="proxies",
        passed=passed,
        inputs={"proxies": str(len(in_force)), "most_by_one": str(most), "not_on_roll": str(strangers)},
        formula=f"{most} {'≤' if most <= allowed else '>'} {allowed}",
        outcome=Outcome.RESPECTED if passed else Outcome.NOT_RESPECTED,
        citation=rules.proxies_per_holder.citation,
        invented=rules.proxies_per_holder.invented,
    )


def text_check(texts: Mapping[str, str], called_hash: str) -> Check:
    """Whether the texts are, letter by letter and in each language, those that were called."""
    now = text_hash(texts)
    passed = now == called_hash
    return Check(
        name="text",
        passed=passed,
        inputs={"called": called_hash, "now": now, "languages": ", ".join(sorted(texts))},
        formula=f"{now[:16]} {'=' if passed else '≠'} {called_hash[:16]}",
        outcome=Outcome.UNCHANGED if passed else Outcome.CHANGED,
        citation="SHA-256 of the texts in all languages, taken at the call",
        invented=False,
    )


def text_hash(texts: Mapping[str, str]) -> str:
    """SHA-256 over the texts of all languages; each is counted in, so that none can run into the next."""
    digest = hashlib.sha256()
    for language in sorted(texts):
        for part in (language, texts[language]):
            data = part.encode()
            digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()
