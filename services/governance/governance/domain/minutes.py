"""The minutes of a meeting as a structured record: what was decided, by how many, under which rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from governance.domain.checks import Check
from governance.domain.errors import MeetingNotClosed, MinutesIncomplete
from governance.domain.meeting import Meeting, MeetingState
from governance.domain.resolution import Resolution
from governance.domain.roll import Correction

_DAYS: Final = ("meeting_date", "convened_on", "record_date", "written_on")


@dataclass(frozen=True, slots=True)
class MinutedCorrection:
    """A correction of the roll in the minutes: how many lines, not whose."""

    reason: str
    added: int
    removed: int
    signed_by: tuple[str, str]
    hash_before: str
    hash_after: str


@dataclass(frozen=True, slots=True)
class MinutedResolution:
    """One resolution in the minutes."""

    number: int
    kind: str
    texts: Mapping[str, str]
    authoritative_language: str
    text_hash: str
    outcome: str
    for_count: int
    against_count: int
    abstain_count: int
    represented: int
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The record of a meeting. Names are those of the bureau only: an open vote is recorded as counts."""

    entity_name: str
    meeting_kind: str
    meeting_date: date
    place: str
    second_call: bool
    convened_on: date
    record_date: date
    roll_size: int
    roll_hash: str
    corrections: tuple[MinutedCorrection, ...]
    present: int
    by_proxy: int
    chair: str
    secretary: str
    rule_set: str
    rule_set_version: str
    meeting_checks: tuple[Check, ...]
    resolutions: tuple[MinutedResolution, ...]
    remarks: tuple[str, ...]
    written_on: date

    def to_record(self) -> dict[str, Any]:
        """Plain JSON: what is stored, hashed and handed to the renderers."""
        return {
            "entity_name": self.entity_name,
            "meeting_kind": self.meeting_kind,
            "meeting_date": self.meeting_date.isoformat(),
            "place": self.place,
            "second_call": self.second_call,
            "convened_on": self.convened_on.isoformat(),
            "record_date": self.record_date.isoformat(),
            "roll_size": self.roll_size,
            "roll_hash": self.roll_hash,
            "corrections": [
                {
                    "reason": one.reason,
                    "added": one.added,
                    "removed": one.removed,
                    "signed_by": list(one.signed_by),
                    "hash_before": one.hash_before,
                    "hash_after": one.hash_after,
                }
                for one in self.corrections
            ],
            "present": self.present,
            "by_proxy": self.by_proxy,
            "chair": self.chair,
            "secretary": self.secretary,
            "rule_set": self.rule_set,
            "rule_set_version": self.rule_set_version,
            "meeting_checks": [check.to_record() for check in self.meeting_checks],
            "resolutions": [
                {
                    "number": one.number,
                    "kind": one.kind,
                    "texts": dict(one.texts),
                    "authoritative_language": one.authoritative_language,
                    "text_hash": one.text_hash,
                    "outcome": one.outcome,
                    "for_count": one.for_count,
                    "against_count": one.against_count,
                    "abstain_count": one.abstain_count,
                    "represented": one.represented,
                    "checks": [check.to_record() for check in one.checks],
                }
                for one in self.resolutions
            ],
            "remarks": list(self.remarks),
            "written_on": self.written_on.isoformat(),
        }

    @property
    def text(self) -> str:
        """The record in its canonical JSON form: what is stored, signed and published."""
        return json.dumps(self.to_record(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @classmethod
    def from_text(cls, text: str) -> Minutes:
        """The minutes as they were stored."""
        record = json.loads(text)
        days = {name: date.fromisoformat(record[name]) for name in _DAYS}
        parts = {
            "corrections": tuple(
                MinutedCorrection(**{**one, "signed_by": tuple(one["signed_by"])})
                for one in record["corrections"]
            ),
            "meeting_checks": tuple(map(Check.from_record, record["meeting_checks"])),
            "resolutions": tuple(
                MinutedResolution(**{**one, "checks": tuple(map(Check.from_record, one["checks"]))})
                for one in record["resolutions"]
            ),
            "remarks": tuple(record["remarks"]),
        }
        return cls(**{**record, **days, **parts})


def write_minutes(
    meeting: Meeting,
    resolutions: Sequence[Resolution],
    *,
    entity_name: str,
    chair: str,
    secretary: str,
    present: int,
    by_proxy: int,
    meeting_checks: Sequence[Check],
    corrections: Sequence[Correction] = (),
    remarks: Sequence[str] = (),
    today: date,
) -> Minutes:
    """The minutes of a closed meeting.

    Raises MeetingNotClosed, and MinutesIncomplete with everything that the rules of the meeting ask for and
    that is missing.
    """
    if meeting.state is not MeetingState.CLOSED:
        raise MeetingNotClosed(meeting=meeting.id, state=meeting.state.value)
    rules, convened_on, record_date = meeting.rules, meeting.convened_on, meeting.record_date
    assert rules is not None, "convene() sets it"
    assert convened_on is not None, "convene() sets it"
    assert record_date is not None, "convene() sets it"
    has = {
        "chair": bool(chair.strip()),
        "secretary": bool(secretary.strip()),
        "place": bool(meeting.place.strip()),
        "notice": any(check.name == "notice" for check in meeting_checks),
        "roll": meeting.roll_hash is not None,
        "decisions": bool(resolutions) and all(one.decision is not None for one in resolutions),
    }
    missing = [field for field in rules.minutes_required.value if not has.get(field, False)]
    if missing:
        raise MinutesIncomplete(missing=missing)
    return Minutes(
        entity_name=entity_name,
        meeting_kind=meeting.kind,
        meeting_date=meeting.meeting_date,
        place=meeting.place,
        second_call=meeting.second_call,
        convened_on=convened_on,
        record_date=record_date,
        roll_size=meeting.roll_size or 0,
        roll_hash=meeting.roll_hash or "",
        corrections=tuple(map(_corrected, corrections)),
        present=present,
        by_proxy=by_proxy,
        chair=chair.strip(),
        secretary=secretary.strip(),
        rule_set=rules.code,
        rule_set_version=rules.version,
        meeting_checks=tuple(meeting_checks),
        resolutions=tuple(_minuted(one) for one in sorted(resolutions, key=lambda one: one.number)),
        remarks=tuple(remarks),
        written_on=today,
    )


def _corrected(correction: Correction) -> MinutedCorrection:
    return MinutedCorrection(
        reason=correction.reason,
        added=len(correction.added),
        removed=len(correction.removed),
        signed_by=correction.signed_by,
        hash_before=correction.hash_before,
        hash_after=correction.hash_after,
    )


def _minuted(resolution: Resolution) -> MinutedResolution:
    decision = resolution.decision
    assert decision is not None, "a meeting is closed with every resolution decided"
    return MinutedResolution(
        number=resolution.number,
        kind=resolution.kind,
        texts=resolution.texts,
        authoritative_language=resolution.authoritative_language,
        text_hash=resolution.called_hash or "",
        outcome=decision.outcome.value,
        for_count=decision.tally.for_count,
        against_count=decision.tally.against_count,
        abstain_count=decision.tally.abstain_count,
        represented=decision.represented,
        checks=decision.checks,
    )
