"""A resolution: proposed, voted on in a ballot, carried, rejected or postponed for want of a quorum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from governance.domain.ballot import Choice, Tally
from governance.domain.checks import Check, majority_check, quorum_check, text_check, text_hash
from governance.domain.errors import (
    AgendaFixed,
    BallotAlreadyOpened,
    BallotModeNotAvailable,
    BallotNotClosed,
    BallotNotOpen,
    LanguageMalformed,
    NotOnAgenda,
    ResolutionAlreadyDecided,
    TextChanged,
    TextNotAcceptable,
    TranslationMissing,
)
from governance.domain.rule_set import BallotMode, RuleSet

TEXT_LENGTH_MAX: Final = 20_000  # characters in one language; longer matter is a document beside it
# The modes that this service can hold. A secret mode adds its line here together with its urn.
BALLOT_MODES_HELD: Final = frozenset({BallotMode.OPEN})


class DecisionOutcome(StrEnum):
    """What became of a resolution."""

    CARRIED = "carried"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class ResolutionState(StrEnum):
    """How far a resolution has come."""

    PROPOSED = "proposed"
    BALLOT_OPEN = "ballot_open"
    BALLOT_CLOSED = "ballot_closed"
    CARRIED = "carried"
    REJECTED = "rejected"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Decision:
    """The result with its arithmetic."""

    outcome: DecisionOutcome
    tally: Tally
    represented: int
    checks: tuple[Check, ...]
    decided_on: date


@dataclass(frozen=True, slots=True)
class Resolution:
    """One question to the assembly, in several languages of which one is authoritative."""

    id: UUID
    meeting_id: UUID
    number: int
    kind: str
    texts: Mapping[str, str]
    authoritative_language: str
    called_hash: str | None = None
    ballot_opened_on: date | None = None
    ballot_closed_on: date | None = None
    decision: Decision | None = None

    @property
    def state(self) -> ResolutionState:
        """How far it has come."""
        if self.decision is not None:
            return ResolutionState(self.decision.outcome.value)
        if self.ballot_closed_on is not None:
            return ResolutionState.BALLOT_CLOSED
        return ResolutionState.PROPOSED if self.ballot_opened_on is None else ResolutionState.BALLOT_OPEN


def propose(
    *,
    id: UUID,
    meeting_id: UUID,
    number: int,
    kind: str,
    texts: Mapping[str, str],
    authoritative_language: str,
    is_convened: bool,
) -> Resolution:
    """A resolution for the agenda of a meeting that is not convened yet.

    Raises AgendaFixed, LanguageMalformed, TextNotAcceptable, and TranslationMissing where the authoritative
    text itself is not there.
    """
    if is_convened:
        raise AgendaFixed(meeting=meeting_id)
    for language, text in texts.items():
        if not re.fullmatch("[a-z]{2,3}", language):
            raise LanguageMalformed().at("texts")
        if not text.strip() or len(text) > TEXT_LENGTH_MAX or any(_is_control(sign) for sign in text):
            raise TextNotAcceptable(language=language, characters_max=TEXT_LENGTH_MAX).at("texts")
    if authoritative_language not in texts:
        raise TranslationMissing(languages=[authoritative_language[:3]]).at("authoritativeLanguage")
    return Resolution(id, meeting_id, number, kind, dict(texts), authoritative_language)


def fix_text(resolution: Resolution) -> Resolution:
    """The resolution as it is called: its text can be proven from here on."""
    return replace(resolution, called_hash=text_hash(resolution.texts))


def open_ballot(resolution: Resolution, *, rules: RuleSet, is_meeting_open: bool, today: date) -> Resolution:
    """The resolution with its ballot open.

    Raises BallotNotOpen while the meeting is not open, NotOnAgenda, TextChanged, BallotAlreadyOpened,
    BallotModeNotAvailable.
    """
    if not is_meeting_open:
        raise BallotNotOpen(resolution=resolution.id)
    if resolution.called_hash is None:
        raise NotOnAgenda(resolution=resolution.id)
    if resolution.ballot_opened_on is not None:
        raise BallotAlreadyOpened(resolution=resolution.id, opened_on=resolution.ballot_opened_on)
    text = text_check(resolution.texts, resolution.called_hash)
    if not text.passed:
        raise TextChanged(called=text.inputs["called"], now=text.inputs["now"])
    must_be_votable(resolution.kind, rules=rules)
    return replace(resolution, ballot_opened_on=today)


def must_be_votable(kind: str, *, rules: RuleSet) -> None:
    """Refuse a kind of resolution that could never be voted on here.

    Raises ResolutionKindUnknown, BallotModeNotAvailable.
    """
    mode = rules.rule_for(kind).ballot_mode
    if mode.value not in BALLOT_MODES_HELD:
        raise BallotModeNotAvailable(ballot_mode=mode.value.value, citation=mode.citation).at("kind")


def must_be_open(resolution: Resolution) -> None:
    """Refuse where no vote can be given now. Raises BallotNotOpen."""
    if resolution.state is not ResolutionState.BALLOT_OPEN:
        raise BallotNotOpen(resolution=resolution.id, state=resolution.state.value)


def close_ballot(resolution: Resolution, *, today: date) -> Resolution:
    """The resolution with its ballot closed. Raises BallotNotOpen."""
    must_be_open(resolution)
    return replace(resolution, ballot_closed_on=today)


def decide(
    resolution: Resolution,
    *,
    rules: RuleSet,
    tally: Tally,
    represented: int,
    members: int,
    second_call: bool,
    today: date,
    chair: Choice | None = None,
    found_before: Sequence[Check] = (),
) -> Resolution:
    """The resolution with its result: without a quorum it is postponed, else the majority decides.

    Both checks are kept, the majority too where the quorum fails, so that the minutes can show the count;
    those of the ballot itself, `found_before`, come first.
    Raises ResolutionAlreadyDecided, BallotNotClosed.
    """
    if resolution.decision is not None:
        raise ResolutionAlreadyDecided(resolution=resolution.id, state=resolution.state.value)
    if resolution.state is not ResolutionState.BALLOT_CLOSED:
        raise BallotNotClosed(resolution=resolution.id, state=resolution.state.value)
    rule = rules.rule_for(resolution.kind)
    quorum = quorum_check(rule.quorum, represented=represented, members=members, second_call=second_call)
    majority = majority_check(rule.majority, tally, chair=chair)
    if not quorum.passed:
        outcome = DecisionOutcome.POSTPONED
    else:
        outcome = DecisionOutcome.CARRIED if majority.passed else DecisionOutcome.REJECTED
    checks = (*found_before, quorum, majority)
    return replace(resolution, decision=Decision(outcome, tally, represented, checks, today))


def _is_control(sign: str) -> bool:
    # Line ends and tabs are text; other control signs, and signs that turn the reading direction, hide text.
    return sign not in "\n\t" and (
        unicodedata.category(sign) in ("Cc", "Cs") or unicodedata.bidirectional(sign) in _TURNS
    )


_TURNS: Final = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
