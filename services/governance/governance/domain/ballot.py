"""Votes and proxies in an open ballot: who may give one, and what they add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from governance.domain.errors import (
    AlreadyVoted,
    NoProxyFromMember,
    NotOnRoll,
    ProxyAfterVote,
    ProxyAlreadyGiven,
    ProxyChained,
    ProxyToOneself,
    TooManyProxies,
)
from governance.domain.roll import Roll


class Choice(StrEnum):
    """What a member says to a resolution."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote of a member, cast in person or by the holder of the member's proxy."""

    member_id: UUID
    choice: Choice
    cast_by: UUID


@dataclass(frozen=True, slots=True)
class Proxy:
    """A member lets another vote; it can be taken back at any time before the vote."""

    giver_id: UUID
    holder_id: UUID
    given_on: date
    revoked_on: date | None = None

    @property
    def is_in_force(self) -> bool:
        """Whether it was not taken back."""
        return self.revoked_on is None


@dataclass(frozen=True, slots=True)
class Tally:
    """The counted votes. `invalid` stays 0 in an open ballot."""

    for_count: int
    against_count: int
    abstain_count: int
    invalid_count: int = 0

    @property
    def cast(self) -> int:
        """All votes that were given."""
        return self.for_count + self.against_count + self.abstain_count + self.invalid_count


def cast_vote(
    *,
    member_id: UUID,
    choice: Choice,
    cast_by: UUID,
    roll: Roll,
    voted: Collection[UUID],
    proxies: Iterable[Proxy],
) -> Vote:
    """A vote that counts; `voted` are the members whose vote is in.

    Raises NotOnRoll, AlreadyVoted, NoProxyFromMember. A member who gave a proxy and comes after all votes in
    person: being there takes the proxy back.
    """
    if member_id not in roll.members:
        raise NotOnRoll(member=member_id)
    if member_id in voted:
        raise AlreadyVoted(member=member_id)
    if cast_by != member_id and not any(
        proxy.giver_id == member_id and proxy.holder_id == cast_by and proxy.is_in_force for proxy in proxies
    ):
        raise NoProxyFromMember(member=member_id)
    return Vote(member_id, choice, cast_by)


def count(votes: Iterable[Vote]) -> Tally:
    """The sum of the votes."""
    choices = [vote.choice for vote in votes]
    return Tally(choices.count(Choice.FOR), choices.count(Choice.AGAINST), choices.count(Choice.ABSTAIN))


def give_proxy(
    *,
    giver_id: UUID,
    holder_id: UUID,
    today: date,
    roll: Roll,
    given: Sequence[Proxy],
    voted: Collection[UUID],
    per_holder_max: int,
) -> Proxy:
    """A new proxy; `given` are those of the same meeting.

    Raises ProxyToOneself, NotOnRoll, ProxyAfterVote, ProxyAlreadyGiven, ProxyChained, TooManyProxies.
    """
    if giver_id == holder_id:
        raise ProxyToOneself()
    for member_id in (giver_id, holder_id):
        if member_id not in roll.members:
            raise NotOnRoll(member=member_id)
    if giver_id in voted:
        raise ProxyAfterVote(member=giver_id)
    in_force = [proxy for proxy in given if proxy.is_in_force]
    if any(proxy.giver_id == giver_id for proxy in in_force):
        raise ProxyAlreadyGiven(member=giver_id)
    if any(proxy.holder_id == giver_id or proxy.giver_id == holder_id for proxy in in_force):
        raise ProxyChained()
    held = sum(proxy.holder_id == holder_id for proxy in in_force)
    if held >= per_holder_max:
        raise TooManyProxies(holder=holder_id, held=held, maximum=per_holder_max)
    return Proxy(giver_id, holder_id, today)


def revoke_proxy(proxy: Proxy, *, today: date) -> Proxy:
    """The proxy as taken back; a second time changes nothing."""
    return proxy if proxy.revoked_on is not None else replace(proxy, revoked_on=today)


def represented(
    *, present: Collection[UUID], proxies: Iterable[Proxy], voted: Collection[UUID], roll: Roll
) -> frozenset[UUID]:
    """The members who count for the quorum: present, represented by somebody present, or voted early."""
    by_proxy = {proxy.giver_id for proxy in proxies if proxy.is_in_force and proxy.holder_id in present}
    return roll.members & (frozenset(present) | by_proxy | frozenset(voted))
