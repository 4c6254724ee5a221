"""The rules of a kind of meeting on a day, each with its citation, and in a form that a meeting can keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, Generic, TypeVar

from commons.country import CountryDataWrong, Parameter, Section
from governance.domain.errors import NoRuleSet, ResolutionKindUnknown

T = TypeVar("T")


class Base(StrEnum):
    """What a majority is counted over.

    Laws use two wordings for the first two; in both neither abstentions nor invalid votes count.
    """

    CAST_WITHOUT_ABSTENTIONS = "cast_without_abstentions"
    VALID_VOTES = "valid_votes"
    PRESENT_VOTES = "present_votes"


class BallotMode(StrEnum):
    """How a vote is given: in the open, sealed until the close, or secret and verifiable."""

    OPEN = "open"
    SEALED = "sealed"
    VERIFIABLE = "verifiable"


class RecordDateRule(StrEnum):
    """Which day decides who may vote."""

    DAY_OF_CALL = "day_of_call"
    DAYS_BEFORE_MEETING = "days_before_meeting"
    MEETING_DAY = "meeting_day"


@dataclass(frozen=True, slots=True)
class Cited(Generic[T]):
    """A value of the law or the statutes with the place where it stands."""

    value: T
    citation: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Majority:
    """The share of a base that carries; `strict` means more than the threshold, otherwise it is enough to
    reach it. `tie` is `rejected`, or `chair` where the chair's vote decides."""

    base: Base
    threshold: Fraction
    strict: bool
    tie: str = "rejected"


@dataclass(frozen=True, slots=True)
class Quorum:
    """The part of the members that must be present or represented, at the first and at the second call."""

    fraction: Fraction
    second_call: Fraction


@dataclass(frozen=True, slots=True)
class RecordDate:
    """The rule that gives the record date; `days` counts back from the meeting where the rule needs it."""

    rule: RecordDateRule
    days: int


@dataclass(frozen=True, slots=True)
class ResolutionRule:
    """What a kind of resolution needs."""

    majority: Cited[Majority]
    quorum: Cited[Quorum]
    ballot_mode: Cited[BallotMode]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one kind of meeting as they stood on `day`."""

    code: str
    meeting_kind: str
    day: date
    notice_days: Cited[int]
    record_date: Cited[RecordDate]
    votes_per_member: Cited[int]
    proxies_per_holder: Cited[int]
    languages: Cited[tuple[str, ...]]
    minutes_required: Cited[tuple[str, ...]]
    resolutions: Mapping[str, ResolutionRule]

    @property
    def version(self) -> str:
        """Sixteen signs that change with any rule: SHA-256 of the stored form."""
        text = json.dumps(self.to_record(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def rule_for(self, kind: str) -> ResolutionRule:
        """The rule of a kind of resolution. Raises ResolutionKindUnknown."""
        if kind not in self.resolutions:
            raise ResolutionKindUnknown(kinds=sorted(self.resolutions)).at("kind")
        return self.resolutions[kind]

    def record_date_for(self, *, convened_on: date, meeting_date: date) -> date:
        """The day whose register says who may vote."""
        match self.record_date.value.rule:
            case RecordDateRule.DAY_OF_CALL:
                return convened_on
            case RecordDateRule.DAYS_BEFORE_MEETING:
                return meeting_date - timedelta(days=self.record_date.value.days)
            case RecordDateRule.MEETING_DAY:
                return meeting_date

    def last_day_to_call(self, meeting_date: date) -> date:
        """The last day on which a notice is early enough."""
        return meeting_date - timedelta(days=self.notice_days.value)

    def to_record(self) -> dict[str, Any]:
        """The form in which a meeting keeps its rules: plain JSON, fractions as text."""
        return {
            "code": self.code,
            "meeting_kind": self.meeting_kind,
            "day": self.day.isoformat(),
            "notice_days": _cited(self.notice_days, self.notice_days.value),
            "record_date": _cited(
                self.record_date,
                {"rule": self.record_date.value.rule.value, "days": self.record_date.value.days},
            ),
            "votes_per_member": _cited(self.votes_per_member, self.votes_per_member.value),
            "proxies_per_holder": _cited(self.proxies_per_holder, self.proxies_per_holder.value),
            "languages": _cited(self.languages, list(self.languages.value)),
            "minutes_required": _cited(self.minutes_required, list(self.minutes_required.value)),
            "resolutions": {
                kind: {
                    "majority": _cited(
                        rule.majority,
                        {
                            "base": rule.majority.value.base.value,
                            "threshold": str(rule.majority.value.threshold),
                            "strict": rule.majority.value.strict,
                            "tie": rule.majority.value.tie,
                        },
                    ),
                    "quorum": _cited(
                        rule.quorum,
                        {
                            "fraction": str(rule.quorum.value.fraction),
                            "second_call": str(rule.quorum.value.second_call),
                        },
                    ),
                    "ballot_mode": _cited(rule.ballot_mode, rule.ballot_mode.value.value),
                }
                for kind, rule in self.resolutions.items()
            },
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RuleSet:
        """The rules as a meeting kept them."""
        return cls(
            code=record["code"],
            meeting_kind=record["meeting_kind"],
            day=date.fromisoformat(record["day"]),
            notice_days=_uncited(record["notice_days"], int),
            record_date=_uncited(record["record_date"], _record_date),
            votes_per_member=_uncited(record["votes_per_member"], int),
            proxies_per_holder=_uncited(record["proxies_per_holder"], int),
            languages=_uncited(record["languages"], tuple),
            minutes_required=_uncited(record["minutes_required"], tuple),
            resolutions={
                kind: ResolutionRule(
                    majority=_uncited(rule["majority"], _majority),
                    quorum=_uncited(rule["quorum"], _quorum),
                    ballot_mode=_uncited(rule["ballot_mode"], BallotMode),
                )
                for kind, rule in record["resolutions"].items()
            },
        )


def find_rule_set(section: Section, *, legal_form: str, meeting_kind: str, day: date) -> RuleSet:
    """The rules for a kind of meeting of a legal form on a day, from `governance.yaml`.

    Raises NoRuleSet where no block applies, CountryDataWrong where a block gives another kind of value than
    this service needs.
    """
    wanted = legal_form.casefold().strip()
    for path, parameter in section.under("rule_sets").items():
        if not path.endswith(".applies") or parameter.values.spans[0].since > day:
            continue
        applies = parameter.on(day)
        forms = [str(form).casefold() for form in _list(applies.get("legal_forms"))]
        if applies.get("meeting_kind") == meeting_kind and wanted in forms:
            return _read(section, path.removesuffix(".applies"), meeting_kind, day)
    raise NoRuleSet(legal_form=legal_form[:80], meeting_kind=meeting_kind[:40], day=day)


def _read(section: Section, code: str, meeting_kind: str, day: date) -> RuleSet:
    own = section.under(f"rule_sets.{code}")
    kinds = sorted({path.split(".")[1] for path in own if path.startswith("resolutions.")})
    try:
        return RuleSet(
            code=code,
            meeting_kind=meeting_kind,
            day=day,
            notice_days=_from(own["notice"], day, lambda fields: _whole(fields["days"])),
            record_date=_from(own["record_date"], day, _record_date),
            votes_per_member=_from(own["votes"], day, lambda fields: _whole(fields["per_member"])),
            proxies_per_holder=_from(own["proxies"], day, lambda fields: _whole(fields["per_holder"])),
            languages=_from(own["languages"], day, lambda fields: _texts(fields["required"])),
            minutes_required=_from(own["minutes"], day, lambda fields: _texts(fields["required"])),
            resolutions={
                kind: ResolutionRule(
                    majority=_from(own[f"resolutions.{kind}.majority"], day, _majority),
                    quorum=_from(own[f"resolutions.{kind}.quorum"], day, _quorum),
                    ballot_mode=_from(
                        own[f"resolutions.{kind}.ballot_mode"], day, lambda fields: BallotMode(fields["mode"])
                    ),
                )
                for kind in kinds
            },
        )
    except (KeyError, ValueError, TypeError) as fault:
        raise CountryDataWrong(f"governance: {code}: {fault!r}") from fault


def _record_date(fields: Mapping[str, Any]) -> RecordDate:
    return RecordDate(RecordDateRule(fields["rule"]), _whole(fields["days"]))


def _majority(fields: Mapping[str, Any]) -> Majority:
    threshold = _fraction(fields["threshold"])
    if fields["tie"] not in ("rejected", "chair"):
        raise ValueError("tie must be rejected or chair")
    if not isinstance(fields["strict"], bool):
        raise ValueError("strict must be true or false")
    return Majority(Base(fields["base"]), threshold, fields["strict"], fields["tie"])


def _quorum(fields: Mapping[str, Any]) -> Quorum:
    return Quorum(_fraction(fields["fraction"]), _fraction(fields["second_call"]))


def _fraction(value: object) -> Fraction:
    if not isinstance(value, str):
        raise ValueError("a fraction is written as text, like 3/4")
    fraction = Fraction(value)
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction lies between 0 and 1")
    return fraction


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number, not below zero, is needed")
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    texts = _list(value)
    if not texts or not all(isinstance(item, str) for item in texts):
        raise ValueError("a list of texts is needed")
    return tuple(str(item) for item in texts)


def _from(parameter: Parameter, day: date, read: Any) -> Cited[Any]:
    return Cited(read(parameter.on(day)), parameter.source_on(day), parameter.read_on(day) == "invented")


def _cited(cited: Cited[Any], plain: object) -> dict[str, object]:
    return {"value": plain, "citation": cited.citation, "invented": cited.invented}


def _uncited(record: Mapping[str, Any], read: Any) -> Cited[Any]:
    return Cited(read(record["value"]), record["citation"], record["invented"])
