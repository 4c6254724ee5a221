from __future__ import annotations

from typing import Any

import pytest
from tests.an_assembly import Assembly, an_item

from commons import global_id
from commons.database import Pools


async def decided(assembly: Assembly, *choices: str, kind: str = "ordinary") -> Any:
    """A resolution on which the first members voted so."""
    _, resolution = await assembly.open_ballot(an_item(kind))
    for member, choice in zip(assembly.members, choices, strict=False):
        await assembly.vote(resolution, member, choice)
    return await assembly.on_resolution("closeBallot", resolution)


async def test_abstentions_are_shown_and_stay_outside_the_base(assembly: Assembly) -> None:
    resolution = await decided(assembly, "FOR", "ABSTAIN", "ABSTAIN", "ABSTAIN")
    assert (resolution["forCount"], resolution["againstCount"], resolution["abstainCount"]) == (1, 0, 3)
    assert resolution["majorityCheck"] == {"outcome": "carried", "formula": "1/1 > 1/2"}
    assert (resolution["state"], resolution["outcome"]) == ("CARRIED", "CARRIED")
    assert resolution["oneVoteCheck"] == {"passed": True}


async def test_a_tie_rejects(assembly: Assembly) -> None:
    resolution = await decided(assembly, "FOR", "AGAINST", "ABSTAIN")
    assert resolution["majorityCheck"]["formula"] == "1/2 ≤ 1/2"
    assert resolution["outcome"] == "REJECTED"


async def test_nobody_voting_carries_nothing(assembly: Assembly) -> None:
    assert (await decided(assembly))["outcome"] == "REJECTED"


async def test_a_change_of_the_statutes_without_half_of_the_members_is_postponed(
    assembly: Assembly, pools: Pools
) -> None:
    resolution = await decided(assembly, "FOR", kind="statutes")
    assert resolution["quorumCheck"] == {"outcome": "not_reached", "formula": "1/4 < 1/2"}
    assert (resolution["outcome"], resolution["forCount"]) == ("POSTPONED", 1)
    assert await announced(pools, resolution) == ["BallotOpened", "BallotClosed"]


async def test_a_change_of_the_statutes_needs_three_quarters(assembly: Assembly) -> None:
    resolution = await decided(assembly, "FOR", "FOR", "AGAINST", kind="statutes")
    assert resolution["majorityCheck"]["formula"] == "2/3 < 3/4"
    assert resolution["outcome"] == "REJECTED"


@pytest.mark.parametrize(
    ("choice", "event"), [("FOR", "ResolutionCarried"), ("AGAINST", "ResolutionRejected")]
)
async def test_the_result_is_announced_with_its_counts_after_the_close(
    assembly: Assembly, pools: Pools, choice: str, event: str
) -> None:
    resolution = await decided(assembly, choice, "ABSTAIN")
    assert await announced(pools, resolution) == ["BallotOpened", "BallotClosed", event]
    data = await pools.read.fetchval(
        "select data from outbox where agg_id = $1 order by agg_version desc limit 1",
        global_id.decode(resolution["id"]).key,
    )
    assert data["for_count"] + data["against_count"] == data["abstain_count"] == 1


async def test_a_ballot_is_closed_once(assembly: Assembly) -> None:
    resolution = await decided(assembly, "FOR")
    assert (await assembly.on_resolution("closeBallot", resolution))["code"] == "BallotNotOpen"


async def announced(pools: Pools, resolution: Any) -> list[str]:
    rows = await pools.read.fetch(
        "select type from outbox where agg_id = $1 order by agg_version",
        global_id.decode(resolution["id"]).key,
    )
    return [row["type"].split(".")[1] for row in rows]
