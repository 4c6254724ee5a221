"""What a played story leaves behind: its timeline, its documents, and what its people were told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.e2e.client import Refused

CHAPTERS = (
    "Admission",
    "Activity and quote",
    "Contract",
    "Invoice",
    "Wage",
    "Guarantee",
    "Democracy",
    "The next year",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: on which business day who did what, with which operations."""

    chapter: int
    day: date
    who: str
    operations: tuple[str, ...]
    sentence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Document:
    """A document that came out of the story, to open."""

    file: str
    title: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(slots=True)
class Facts:
    """What is true at the end, as the personas were told it."""

    membership: dict[str, Any] = field(default_factory=dict)
    register: list[dict[str, Any]] = field(default_factory=list)
    refusals: dict[str, Refused] = field(default_factory=dict)
    covered_order: dict[str, Any] = field(default_factory=dict)
    from_budget: dict[str, Any] = field(default_factory=dict)
    from_net: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, Any] = field(default_factory=dict)
    invoice: dict[str, Any] = field(default_factory=dict)
    payslip: dict[str, Any] = field(default_factory=dict)
    paid_payslip: dict[str, Any] = field(default_factory=dict)
    unpaid_invoice: dict[str, Any] = field(default_factory=dict)
    advance: dict[str, Any] = field(default_factory=dict)
    recovered_advance: dict[str, Any] = field(default_factory=dict)
    paid_invoice: dict[str, Any] = field(default_factory=dict)
    payment_file: dict[str, Any] = field(default_factory=dict)
    funds: dict[date, dict[str, Any]] = field(default_factory=dict)
    budgets: dict[date, dict[str, Any]] = field(default_factory=dict)
    convened: dict[str, Any] = field(default_factory=dict)
    meeting: dict[str, Any] = field(default_factory=dict)
    roll: list[dict[str, Any]] = field(default_factory=list)
    spent_without_share: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A story from its first to its last day."""

    house: str
    member: str
    client: str
    timeline: tuple[Entry, ...]
    documents: tuple[Document, ...]
    facts: Facts
    seconds: float
