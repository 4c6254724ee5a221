"""Applying for membership: the door is open, so there is no state in which somebody waits for approval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from members.domain.errors import ApplicationAlreadyDecided, CategoryUnknown, RefusalReasonUnknown
from members.domain.person import Person
from members.domain.rules import MembershipRules


@dataclass(frozen=True, slots=True)
class MembershipApplication:
    """A person asks to join a legal entity in a category.

    Its status follows from its facts: admitted with a day and a member, or refused with a day and a reason.
    """

    id: UUID
    entity_id: UUID
    person: Person
    category: str
    applied_on: date
    member_id: UUID | None = None
    admitted_on: date | None = None
    refused_on: date | None = None
    refusal_reason: str | None = None
    refusal_motive: str | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it was admitted or refused."""
        return self.admitted_on is not None or self.refused_on is not None


def apply(
    *, id: UUID, entity_id: UUID, person: Person, category: str, today: date, rules: MembershipRules
) -> MembershipApplication:
    """A new application. Raises CategoryUnknown."""
    if category not in rules.categories:
        raise CategoryUnknown(categories=list(rules.categories)).at("category")
    return MembershipApplication(id, entity_id, person, category, today)


def admit(application: MembershipApplication, *, member_id: UUID, today: date) -> MembershipApplication:
    """The application with its member. Raises ApplicationAlreadyDecided."""
    if application.is_decided:
        raise ApplicationAlreadyDecided(application=application.id)
    return replace(application, member_id=member_id, admitted_on=today)


def refuse(
    application: MembershipApplication, *, reason: str, today: date, rules: MembershipRules
) -> MembershipApplication:
    """The application with the coded reason and its motive, which the applicant may ask for.

    Open admission of recognized cooperatives (Royal Decree of 28 June 2019): a refusal needs a reason that
    the statutes name. Raises ApplicationAlreadyDecided, RefusalReasonUnknown.
    """
    if application.is_decided:
        raise ApplicationAlreadyDecided(application=application.id)
    if reason not in rules.refusal_reasons:
        raise RefusalReasonUnknown(reasons=sorted(rules.refusal_reasons)).at("reason")
    return replace(
        application, refused_on=today, refusal_reason=reason, refusal_motive=rules.refusal_reasons[reason]
    )
