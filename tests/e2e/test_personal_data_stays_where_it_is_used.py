"""Planted numbers, an account and a family are searched for everywhere: they are in payroll, sealed, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.databases import Databases, logs_with
from tests.e2e.house import Person
from tests.e2e.story import Story
from tests.e2e.traces import FILE, traces_with
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

KAFKA_SECONDS_MAX = 30.0
RECORDS_MAX = 5_000
# What the family situation looks like wherever somebody would write it.
FAMILY = ("PENSION", "isSingleParent", "is_single_parent", "familySituation", "family_situation")
COMPLETE = """
mutation Complete($member: ID!, $entity: ID!, $number: String!, $iban: String!, $name: String!, $family: FamilySituationInput!) {
  completePayrollProfile(memberId: $member, entityId: $entity, nationalNumber: $number, iban: $iban,
                         holderName: $name, language: "fr", familySituation: $family) {
    __typename
    ... on Refusal { code message path facts }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A member whose file holds what is searched for, and what was answered to wrong input about it."""

    person: Person
    words: tuple[str, ...]
    answers: tuple[str, ...]


def as_written(number: str) -> list[str]:
    """A number as people write it: in one piece, in groups of four, with dots and dashes."""
    groups = [number[start : start + 4] for start in range(0, len(number), 4)]
    dotted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    return [number, " ".join(groups), dotted]


@pytest.fixture(scope="module")
async def planted(story: Story, databases: Databases) -> Planted:
    """Eva completes her profile, wrongly in every way that shows a number, then rightly; it is read by an officer."""
    eva = story.eva
    good: dict[str, Any] = {
        "member": eva.id,
        "entity": story.house.entity_id,
        "number": eva.national_number,
        "iban": eva.iban,
        "name": eva.name,
        "family": {"spouse": "PENSION", "children": 7, "isSingleParent": False},
    }
    # As long as a right one, with a check digit that is not.
    false_number = eva.national_number[:-1] + str((int(eva.national_number[-1]) + 1) % 10)
    false_iban = eva.iban[:-1] + str((int(eva.iban[-1]) + 1) % 10)
    wrong: Sequence[dict[str, Any]] = (
        {"number": false_number},
        {"iban": false_iban},
        {"iban": eva.national_number},
        {"number": int(eva.national_number)},
        {"number": [eva.national_number]},
        {"iban": {"iban": eva.iban}},
        {"family": {"spouse": "PENSIONED-AND-PLANTED", "children": 7}},
        {"family": {"spouse": "PENSION", "children": 70}},
        {"member": eva.national_number},
        {"entity": eva.iban},
    )
    answers = [await eva.persona.post(COMPLETE, good | change) for change in wrong]
    refused = [answer.text for answer in answers]
    assert all(answer.body.get("errors") or "Refusal" in answer.text for answer in answers), refused
    literal = 'mutation { completePayrollProfile(nationalNumber: "%s", iban: "%s" { __typename } }'
    refused.append((await eva.persona.post(literal % (eva.national_number, eva.iban))).text)
    accepted = await eva.persona.post(COMPLETE, good)
    assert accepted.body["data"]["completePayrollProfile"]["__typename"] == "Member", accepted.text
    await story.house.staff.payroll_officer.post(
        "query Read($id: ID!) { member(id: $id) { payrollProfile { spouse children } } }", {"id": eva.id}
    )
    await databases.when_quiet()
    words = [*as_written(eva.national_number), *as_written(eva.iban), false_number, false_iban]
    return Planted(eva, tuple(words), tuple(refused))


def test_an_answer_to_wrong_input_does_not_repeat_it(planted: Planted) -> None:
    found = [
        (word, answer)
        for answer in planted.answers
        for word in (*planted.words, "PENSIONED-AND-PLANTED")
        if word in answer
    ]
    assert found == []


async def test_no_outbox_holds_what_was_planted(planted: Planted, databases: Databases) -> None:
    assert await databases.events_with([*planted.words, *FAMILY]) == []


async def test_no_topic_holds_what_was_planted(planted: Planted, stack: Addresses) -> None:
    records = await _everything_in_kafka(stack)
    assert any(b"PayrollProfileCompleted" in record for record in records), "the search reads the topics"
    words = [*planted.words, *FAMILY]
    assert [word for word in words for record in records if word.encode() in record] == []


def test_no_log_of_any_process_holds_what_was_planted(planted: Planted, stack: Addresses) -> None:
    assert logs_with(stack.run_dir, ["completePayrollProfile", "complete_payroll_profile"]), (
        "the search reads the logs"
    )
    assert logs_with(stack.run_dir, [*planted.words, *FAMILY]) == []


async def test_no_trace_of_any_process_holds_what_was_planted(planted: Planted, stack: Addresses) -> None:
    if not (stack.run_dir / FILE).is_file():
        pytest.skip("not run: the stack was started without a collector of traces")

    async def exporting() -> list[str]:
        return traces_with(stack.run_dir, ["gateway", "complete_payroll_profile", *SERVICES])

    await until("every process has exported traces", exporting, lambda seen: len(seen) == len(SERVICES) + 2)
    assert traces_with(stack.run_dir, [*planted.words, *FAMILY]) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_no_database_can_be_read_for_what_was_planted(
    service: str, planted: Planted, databases: Databases
) -> None:
    assert await databases.tables_with(service, planted.words) == []


async def _everything_in_kafka(stack: Addresses) -> list[bytes]:
    """Every record of every topic of the cell, with its headers."""
    topics = [f"{stack.country.lower()}.{service}.v1" for service in SERVICES]
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=stack.kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(KAFKA_SECONDS_MAX):
            places = sorted(consumer.assignment())
            assert {place.topic for place in places} == set(topics)
            ends = await consumer.end_offsets(places)
            await consumer.seek_to_beginning(*places)
            found: list[bytes] = []
            while any([await consumer.position(place) < ends[place] for place in places]):
                batch = await consumer.getmany(timeout_ms=500, max_records=RECORDS_MAX)
                for records in batch.values():
                    for record in records:
                        headers = b" ".join(value or b"" for _, value in record.headers)
                        found.append(b" ".join((record.key or b"", headers, record.value or b"")))
            return found
    finally:
        await consumer.stop()
