"""Say in sentences whether a service is well, and what to do where it is not: `python -m payroll doctor`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaError

from commons import law, ledger
from commons.country import Country
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Record, connect, is_unreachable
from commons.kafka import Unread, tls_context, unread
from commons.migrate import COMMONS_LEDGER, is_migrated
from commons.set_back import why_it_must_wait

if TYPE_CHECKING:
    from commons.process import Service
    from commons.settings import Settings

WELL, ILL = 0, 1

UNPUBLISHED_SECONDS_MAX: Final = 30.0
UNREAD_SECONDS_MAX: Final = 60.0
PARKED_SECONDS_MAX: Final = 600.0  # what waits for a neighbor has usually been released by then
DIFFERENCE_SECONDS_MAX: Final = 900.0  # two rounds of reconciliation: the replay should have arrived
EFFECT_SECONDS_MAX: Final = 900.0
LOOKS_BACK: Final = timedelta(days=1)
SHOWN_MAX: Final = 10
REASON_LENGTH_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth saying. With a `remedy` the service is not well; without one it repairs itself."""

    sentence: str
    remedy: str | None = None


async def run_doctor(service: Service, settings: Settings, country: Country) -> int:
    """Examine, print one line a finding, and answer the exit status: 0 well, 1 not."""
    findings = await examine(service, settings, country, now=datetime.now(UTC))
    for line in lines(service.name, findings):
        sys.stdout.write(line + "\n")
    return ILL if any(each.remedy for each in findings) else WELL


def lines(name: str, findings: Sequence[Finding]) -> Iterable[str]:
    """The findings as they are shown: what is the matter, then what to do."""
    for each in findings:
        yield f"{name}: {each.sentence}" + (f" To do: {each.remedy}" if each.remedy else "")
    if not any(each.remedy for each in findings):
        yield f"{name} is well."


async def examine(
    service: Service, settings: Settings, country: Country, *, now: datetime
) -> Sequence[Finding]:
    """Look at everything that a person on duty would have to know about a service."""
    findings = _stale_law(service, country, now)
    findings += await _broker(service, settings, now)
    try:
        db = await connect(settings.database_url, f"{service.name} doctor")
    except Exception as error:
        if not is_unreachable(error) and not isinstance(error, TimeoutError):
            raise
        return [
            Finding(
                f"The database cannot be reached ({type(error).__name__}); nothing else could be looked at.",
                "start PostgreSQL, or correct DATABASE_URL.",
            ),
            *findings,
        ]
    try:
        if not await is_migrated(db, service.migrations):
            return [
                Finding(
                    "The database lacks migrations of this version.",
                    f"run `python -m {service.name} migrate`.",
                ),
                *findings,
            ]
        why = await why_it_must_wait(db, service.name, settings.database_generation)
        told = [] if why is None else [Finding(why, "follow the page on restoring a service.")]
        return [*told, *await _database(service, db, now), *findings]
    finally:
        await db.close()


async def _database(service: Service, db: Connection, now: datetime) -> list[Finding]:
    findings = await _programs(service, db)
    findings += await _outbox(service, db)
    findings += await _parked(service, db, now)
    findings += await _differences(service, db, now)
    findings += await _effects(db, now)
    findings += await _deadlines(service, db)
    findings += await _watchdog(service, db, now)
    if COMMONS_LEDGER in service.migrations:
        findings += [
            Finding(
                f"The ledger is broken: {broken}.",
                "stop what pays, wake whoever answers for the books, and change nothing by hand.",
            )
            for broken in await ledger.check_invariants(db)
        ]
    for figure in service.figures():
        count, is_too_long = await figure.count(db, now=now)
        if is_too_long:
            findings.append(Finding(figure.sentence.format(count=count), figure.remedy))
    return findings


async def _programs(service: Service, db: Connection) -> list[Finding]:
    connected = {row["name"] for row in await db.fetch(SQL["sessions"])}
    return [
        Finding(
            f"No {program} is connected to the database: {lost}.",
            f"start `python -m {service.name} {program}`, and read the end of its log.",
        )
        for program, lost in (
            ("api", "nobody can ask this service"),
            ("worker", "nothing is published, handled or paid"),
        )
        if f"{service.name} {program}" not in connected
    ]


async def _outbox(service: Service, db: Connection) -> list[Finding]:
    row = await db.fetchrow(SQL["unpublished_age"])
    assert row is not None, "an aggregate always answers"
    if row["seconds"] <= UNPUBLISHED_SECONDS_MAX:
        return []
    return [
        Finding(
            f"{row['events']} events are committed and not published, the oldest for "
            f"{_span(row['seconds'])}.",
            f"see that Kafka answers and that the {service.name} worker runs; they go out then.",
        )
    ]


async def _parked(service: Service, db: Connection, now: datetime) -> list[Finding]:
    findings = []
    rows = await db.fetch(SQL["find_parked_keys"], service.name, SHOWN_MAX + 1)
    for row in rows[:SHOWN_MAX]:
        key = f"{row['topic']}/{row['agg_type']}/{row['agg_id']}"
        seconds = (now - row["first_seen"]).total_seconds()
        sentence = (
            f"{row['type']}, version {row['agg_version']} of {key}, is parked for {_span(seconds)} with "
            f"{row['behind']} behind it ({row['kind']}: {_short(row['reason'])})."
        )
        if row["kind"] == "failed":
            commands = f"python -m {service.name} parked"
            findings.append(
                Finding(
                    sentence,
                    f"repair the cause, then `{commands} release {key} --by YOU --reason WHY`; or set it "
                    f"aside for ever with `{commands} skip …`.",
                )
            )
        elif seconds > PARKED_SECONDS_MAX:
            findings.append(
                Finding(
                    sentence,
                    f"see whether {_producer(row)} is well and publishes; it is tried again by itself.",
                )
            )
        else:
            findings.append(Finding(sentence + " It is tried again by itself."))
    if len(rows) > SHOWN_MAX:
        findings.append(
            Finding("More keys are parked than are shown.", f"`python -m {service.name} parked` lists them.")
        )
    return findings


async def _differences(service: Service, db: Connection, now: datetime) -> list[Finding]:
    findings = []
    for row in await db.fetch(SQL["find_differences"], SHOWN_MAX):
        seconds = (now - row["noticed"]).total_seconds()
        sentence = (
            f"Of {row['topic']} in the hour from {row['hour_start']:%Y-%m-%d %H:%M} UTC {row['published']} "
            f"events were published and {row['received']} received; known for {_span(seconds)}, replay asked "
            f"for {row['asked']} times."
        )
        if seconds > DIFFERENCE_SECONDS_MAX:
            findings.append(
                Finding(
                    sentence,
                    f"see that the {_producer(row)} worker runs. Where more was received than published, its "
                    "database was set back: compare the two before anything else.",
                )
            )
        else:
            findings.append(Finding(sentence + " The replay repairs it."))
    return findings


async def _effects(db: Connection, now: datetime) -> list[Finding]:
    rows = await db.fetch(
        SQL["find_effects_to_look_at"], now - LOOKS_BACK, now - timedelta(seconds=EFFECT_SECONDS_MAX)
    )
    return [
        Finding(
            f"{row['effects']} effects {row['kind']} have failed in the last day.",
            f"see in the log what the other side answered (effect {row['kind']}).",
        )
        if row["state"] == "failed"
        else Finding(
            f"{row['effects']} effects {row['kind']} are {row['state']}, the oldest since "
            f"{row['since']:%Y-%m-%d %H:%M} UTC.",
            "see whether the other side answers; they are tried, or asked about, again by themselves.",
        )
        for row in rows
    ]


async def _deadlines(service: Service, db: Connection) -> list[Finding]:
    return [
        Finding(
            f"{row['deadlines']} deadlines {row['kind']} cannot be met, the oldest due on {row['since']}.",
            f"read in the log of the {service.name} worker why; they are tried again by themselves.",
        )
        for row in await db.fetch(SQL["find_failing_deadlines"])
    ]


async def _watchdog(service: Service, db: Connection, now: datetime) -> list[Finding]:
    exits = await db.fetchval(SQL["watchdog_exits_since"], now - LOOKS_BACK)
    if not exits:
        return []
    return [
        Finding(
            f"The consumer was found stuck {exits} times in the last day, and was started again each time."
        )
    ]


async def _broker(service: Service, settings: Settings, now: datetime) -> list[Finding]:
    tls = tls_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file)
    try:
        waiting = await unread(settings.kafka_bootstrap, service.name, tls=tls)
    except (KafkaError, TimeoutError, OSError) as error:
        return [
            Finding(
                f"Kafka cannot be asked what is unread ({type(error).__name__}).",
                "start Kafka, or correct KAFKA_BOOTSTRAP.",
            )
        ]
    if waiting is None:
        return [Finding("It has not read any topic yet.")]
    return [_lag(service, topic, each, now) for topic, each in sorted(waiting.items()) if _is_late(each, now)]


def _is_late(waiting: Unread, now: datetime) -> bool:
    return (now - waiting.oldest).total_seconds() > UNREAD_SECONDS_MAX


def _lag(service: Service, topic: str, waiting: Unread, now: datetime) -> Finding:
    seconds = (now - waiting.oldest).total_seconds()
    return Finding(
        f"{waiting.count} messages of {topic} are unread, the oldest for {_span(seconds)}.",
        f"see that the {service.name} worker runs, and what it logs.",
    )


def _stale_law(service: Service, country: Country, now: datetime) -> list[Finding]:
    own = replace(country, sections={name: country.sections[name] for name in service.sections})
    stale = law.sentences(own, now.date())
    return [
        Finding(sentence, "look its source up and write the value, or the new checked_until, into its file.")
        for sentence in stale
    ]


def _producer(row: Record) -> str:
    service: str = row["topic"].split(".")[1]
    return service


def _span(seconds: float) -> str:
    for unit, length in (("days", 172_800), ("hours", 7_200), ("minutes", 120)):
        if seconds >= length:
            return f"{int(seconds // (length / 2))} {unit}"
    return f"{int(seconds)} seconds"


def _short(reason: str) -> str:
    # The first line: the further ones of a database's message quote the row.
    return (reason.splitlines() or [""])[0][:REASON_LENGTH_SHOWN_MAX]
