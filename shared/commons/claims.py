"""Who is asking: the verified claims of an access token."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claims:
    """The person or program behind a request, as its verified token says.

    `countries` holds upper-case ISO 3166-1 codes. `member_id` is set for members only,
    `partner_id` and `scopes` for partners only.
    """

    subject: str
    roles: frozenset[str] = frozenset()
    member_id: UUID | None = None
    partner_id: str | None = None
    countries: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    def has_role(self, *roles: str) -> bool:
        """Whether at least one of the roles is held."""
        return not self.roles.isdisjoint(roles)


ANONYMOUS = Claims(subject="anonymous")
"""Nobody signed in."""

SYSTEM = Claims(subject="system", roles=frozenset({"system"}))
"""The service itself: what consumers, effects and deadlines act as."""
