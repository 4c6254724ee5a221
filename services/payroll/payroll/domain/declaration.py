"""The declaration of a hire to the authority: what is sent, what comes back, where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from payroll.domain.errors import DeclarationAnswerMalformed, DeclarationCannotMove
from payroll.domain.law import Rule

ANOMALIES_MAX: Final = 50  # an answer with more is not an answer
TEXT_LENGTH_MAX: Final = 500


class DeclarationState(StrEnum):
    """Where a declaration stands between us and the authority."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNING = "accepted_with_warning"
    REFUSED = "refused"


# Sent: it left us. Acknowledged: the authority gave a reference. Waiting: it cannot identify somebody yet,
# and decides later. A refused declaration stays refused: a corrected one is a new declaration.
TRANSITIONS: Final[Mapping[DeclarationState, frozenset[DeclarationState]]] = {
    DeclarationState.DRAFT: frozenset({DeclarationState.SENT}),
    DeclarationState.SENT: frozenset({DeclarationState.ACKNOWLEDGED, DeclarationState.REFUSED}),
    DeclarationState.ACKNOWLEDGED: frozenset(
        {
            DeclarationState.ACCEPTED,
            DeclarationState.ACCEPTED_WITH_WARNING,
            DeclarationState.REFUSED,
            DeclarationState.WAITING,
        }
    ),
    DeclarationState.WAITING: frozenset(
        {DeclarationState.ACCEPTED, DeclarationState.ACCEPTED_WITH_WARNING, DeclarationState.REFUSED}
    ),
    DeclarationState.ACCEPTED: frozenset(),
    DeclarationState.ACCEPTED_WITH_WARNING: frozenset(),
    DeclarationState.REFUSED: frozenset(),
}

_ACCEPTED: Final = (DeclarationState.ACCEPTED, DeclarationState.ACCEPTED_WITH_WARNING)

# The results of Dimona as its interface documents them.
RESULTS: Final[Mapping[str, DeclarationState]] = {
    "A": DeclarationState.ACCEPTED,
    "W": DeclarationState.ACCEPTED_WITH_WARNING,
    "B": DeclarationState.REFUSED,
    "S": DeclarationState.WAITING,
}


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What the authority found wrong: its code and its own words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The authority's decision: the number of the working period, the state, and what it found wrong."""

    state: DeclarationState
    result: str
    period_id: str | None
    anomalies: tuple[Anomaly, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration and its exchange with the authority."""

    id: UUID
    contract_id: UUID
    state: DeclarationState = DeclarationState.DRAFT
    reference: str | None = None
    period_id: str | None = None
    result: str | None = None
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the worker may start."""
        return self.state in _ACCEPTED

    @property
    def is_decided(self) -> bool:
        """Whether the authority has nothing more to say."""
        return not TRANSITIONS[self.state]


@dataclass(frozen=True, slots=True)
class Hire:
    """Who hires whom for which days; `committee` is empty where the country has no joint committees."""

    enterprise_number: str
    national_number: str
    committee: str
    first_day: date
    last_day: date

    def __repr__(self) -> str:
        return "Hire(…)"  # a repr ends up in logs


def hire_body(hire: Hire, rule: Rule) -> dict[str, object]:
    """The body of a declaration of hire to Dimona, by the country's rule of that day.

    It holds a national number: it is sent and stored encrypted, never logged.
    """
    committee = rule.texts("joint_committees_sent_as").get(hire.committee, hire.committee)
    return {
        "employer": {"enterpriseNumber": hire.enterprise_number},
        "worker": {"ssin": hire.national_number},
        "dimonaIn": {
            "features": {"jointCommissionNumber": committee, "workerType": rule.text("worker_type")},
            "startDate": hire.first_day.isoformat(),
            "endDate": hire.last_day.isoformat(),
        },
    }


def cancel_body(period_id: str) -> dict[str, object]:
    """The body that takes back a declared working period."""
    return {"dimonaCancel": {"periodId": period_id}}


def out_body(period_id: str, last_day: date) -> dict[str, object]:
    """The body that ends a declared working period on a day before the one that was declared."""
    return {"dimonaOut": {"periodId": period_id, "endDate": last_day.isoformat()}}


def mark_sent(declaration: Declaration) -> Declaration:
    """It left us; sending again what is already on its way changes nothing. Raises DeclarationCannotMove."""
    if declaration.state is DeclarationState.SENT:
        return declaration
    return _move(declaration, DeclarationState.SENT)


def acknowledge(declaration: Declaration, reference: str) -> Declaration:
    """The authority took it and gave a reference to ask by. Raises DeclarationCannotMove."""
    if declaration.state is DeclarationState.ACKNOWLEDGED and declaration.reference == reference:
        return declaration
    return replace(_move(declaration, DeclarationState.ACKNOWLEDGED), reference=reference)


def decide(declaration: Declaration, answer: Answer) -> Declaration:
    """The authority decided; hearing it again changes nothing. Raises DeclarationCannotMove."""
    decided = replace(
        declaration,
        state=answer.state,
        result=answer.result,
        period_id=answer.period_id,
        anomalies=answer.anomalies,
    )
    if decided == declaration:
        return declaration
    _move(declaration, answer.state)
    return decided


def contradicts(declaration: Declaration, answer: Answer) -> bool:
    """Whether the authority now says the opposite of what it decided: a person must find out which counts."""
    is_accepted = answer.state in _ACCEPTED
    is_decided = not TRANSITIONS[answer.state]
    return declaration.is_decided and is_decided and is_accepted != declaration.is_accepted


def read_answer(document: object) -> Answer | None:
    """The decision in an answer of the authority, or nothing where it has not decided yet.

    Raises DeclarationAnswerMalformed.
    """
    status = _mapping(document).get("declarationStatus")
    if status is None:
        return None
    status = _mapping(status)
    result = status.get("result")
    if result is None:
        return None
    if not isinstance(result, str) or result not in RESULTS:
        raise DeclarationAnswerMalformed(field="result")
    period = _mapping(status.get("period") or {})
    return Answer(
        state=RESULTS[result],
        result=result,
        period_id=None if period.get("id") is None else str(period["id"])[:TEXT_LENGTH_MAX],
        anomalies=_anomalies(status.get("anomalies") or []),
    )


def _move(declaration: Declaration, to: DeclarationState) -> Declaration:
    if to not in TRANSITIONS[declaration.state]:
        raise DeclarationCannotMove(declaration=declaration.id, state=declaration.state, to=to)
    return replace(declaration, state=to)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise DeclarationAnswerMalformed(field="declarationStatus")
    return value


def _anomalies(value: object) -> tuple[Anomaly, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > ANOMALIES_MAX:
        raise DeclarationAnswerMalformed(field="anomalies")
    return tuple(_anomaly(_mapping(item)) for item in value)


def _anomaly(item: Mapping[str, object]) -> Anomaly:
    labels = item.get("label") or item.get("labels") or ""
    if isinstance(labels, Mapping):
        labels = next((str(text) for text in labels.values()), "")
    return Anomaly(str(item.get("code", ""))[:TEXT_LENGTH_MAX], str(labels)[:TEXT_LENGTH_MAX])
