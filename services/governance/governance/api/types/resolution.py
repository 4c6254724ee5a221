"""A resolution and what became of it."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import attribute, enum, node_id, record
from governance.api.types.rule_check import RuleCheck
from governance.domain.ballot import Choice
from governance.domain.resolution import DecisionOutcome, ResolutionState
from governance.rows import ResolutionRow, ResolutionTextRow

enum(Choice, name="VoteChoice")
enum(DecisionOutcome, name="ResolutionOutcome")
enum(ResolutionState)


@record(ResolutionTextRow)
class ResolutionText:
    """The text of a resolution in one language."""

    language: str
    text: str
    is_authoritative: bool


@record(ResolutionRow, keys=["id"])
class Resolution:
    """One question to the assembly. One member, one vote."""

    id: ID = node_id("Resolution")
    meeting_id: ID = node_id("Meeting", "meeting_id")
    number: int
    title: str
    kind: str
    texts: list[ResolutionText]
    text_sha256: str = attribute(description="SHA-256 over the texts of all languages, taken at the call.")
    state: ResolutionState
    ballot_opened_on: date | None
    ballot_closed_on: date | None
    turnout: int = attribute(description="How many members have voted, live.")
    for_count: int | None = attribute(description="Null until the ballot is closed.")
    against_count: int | None = attribute(description="Null until the ballot is closed.")
    abstain_count: int | None = attribute(description="Null until the ballot is closed.")
    one_vote_check: RuleCheck | None
    quorum_check: RuleCheck | None = attribute(description="Live until the ballot is closed, then final.")
    majority_check: RuleCheck | None
    outcome: DecisionOutcome | None
