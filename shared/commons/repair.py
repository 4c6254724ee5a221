"""Look at what waits, let it go on, set it aside, publish again: `python -m payroll parked | replay`."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import orjson

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Record, connect
from commons.outbox import topic_of
from commons.parked import EVENTS_PER_KEY_MAX, release, skip
from commons.refusal import Refusal
from commons.replay import ReplayRequested, replay

if TYPE_CHECKING:
    from commons.process import Service
    from commons.settings import Settings

DONE, REFUSED = 0, 1
ROWS_SHOWN_MAX: Final = 100
NAME_LENGTH_MAX: Final = 100
REASON_LENGTH_MAX: Final = 500

Key = tuple[str, str, UUID]


def run_parked(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    """List, show, release or skip parked events, or list what was decided; the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {service.name} parked",
        description="Events that wait because they, or one before them, could not be handled.",
    )
    commands = parser.add_subparsers(dest="command")
    commands.add_parser(
        "list", help="the aggregates that wait, those that need a person first (also without a word)"
    )
    shown = commands.add_parser("show", help="the waiting events of one aggregate, whole")
    shown.add_argument("key", type=_key, help="TOPIC/TYPE/ID, as it is listed")
    for name, says in (
        ("release", "try its first event again now, and those behind it in order"),
        ("skip", "set its first event aside for ever, so that those behind it go on"),
    ):
        decision = commands.add_parser(name, help=says)
        decision.add_argument("key", type=_key, help="TOPIC/TYPE/ID, as it is listed")
        add_who_and_why(decision)
    commands.add_parser("decisions", help="who released, skipped or published again what, when and why")
    chosen = parser.parse_args(arguments)

    async def run(db: Connection) -> Iterable[str]:
        match chosen.command:
            case "show":
                return await _show(db, service.name, chosen.key)
            case "release":
                await release(db, service.name, *chosen.key, by=chosen.by, reason=chosen.reason)
                return ["Released: the worker tries it within a second. `parked` shows whether it went."]
            case "skip":
                await skip(db, service.name, *chosen.key, by=chosen.by, reason=chosen.reason)
                return ["Skipped: it counts as received, and those behind it go on within a second."]
            case "decisions":
                return await _decisions(db)
            case _:
                return await _list(db, service.name)

    return asyncio.run(_in_transaction(settings, f"{service.name} parked", run))


def run_replay(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    """Publish events of this service again: of an aggregate, a type or a span of time; the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {service.name} replay",
        description="Publish events of this service again: those that meet all conditions given. "
        "Readers that have handled them do nothing.",
    )
    parser.add_argument("--aggregate", type=_aggregate, metavar="TYPE/ID", help="the events of one aggregate")
    parser.add_argument("--type", help=f"of one type, like {service.name}.SomethingHappened.v1")
    parser.add_argument("--since", type=instant, help="made at or after: 2026-11-29T06:00+00:00")
    parser.add_argument("--until", type=instant, help="made before")
    add_who_and_why(parser)
    chosen = parser.parse_args(arguments)
    if not (chosen.aggregate or chosen.type or chosen.since):
        parser.error("say what: --aggregate, --type or --since")
    agg_type, agg_id = chosen.aggregate or (None, None)

    async def run(db: Connection) -> Iterable[str]:
        request = ReplayRequested(
            topic=topic_of(settings.country, service.name),
            agg_type=agg_type,
            agg_id=agg_id,
            event_type=chosen.type,
            since=chosen.since,
            until=chosen.until,
            requested_by=chosen.by,
            reason=chosen.reason,
        )
        return [f"{await replay(db, request)} events are published again by the worker."]

    return asyncio.run(_in_transaction(settings, f"{service.name} replay", run))


async def _in_transaction(
    settings: Settings, name: str, work: Callable[[Connection], Awaitable[Iterable[str]]]
) -> int:
    db = await connect(settings.database_url, name)
    try:
        async with db.transaction():
            lines = await work(db)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal.message} {refusal.public_facts()}\n")
        return REFUSED
    finally:
        await db.close()
    for line in lines:
        sys.stdout.write(line + "\n")
    return DONE


async def _list(db: Connection, name: str) -> Iterable[str]:
    rows = await db.fetch(SQL["find_parked_keys"], name, ROWS_SHOWN_MAX)
    if not rows:
        return ["Nothing is parked."]
    return [line for row in rows for line in _parked_lines(row)]


def _parked_lines(row: Record) -> Iterable[str]:
    yield f"{row['topic']}/{row['agg_type']}/{row['agg_id']}"
    yield (
        f"  {row['kind']}: {row['type']} (version {row['agg_version']}), {row['behind']} behind it, "
        f"since {row['first_seen']:%Y-%m-%d %H:%M:%S} UTC, tried {row['attempts'] + 1} times"
    )
    # The first line: the further ones of a database's message quote the row.
    yield f"  {(row['reason'].splitlines() or [''])[0]}"


async def _show(db: Connection, name: str, key: Key) -> Iterable[str]:
    rows = await db.fetch(SQL["parked_events_of_key"], name, *key, EVENTS_PER_KEY_MAX)
    if not rows:
        return ["Nothing of this aggregate is parked."]
    return [
        f"version {row['agg_version']}, {row['kind']}:\n"
        + orjson.dumps(row["event"], option=orjson.OPT_INDENT_2).decode()
        for row in rows
    ]


async def _decisions(db: Connection) -> Iterable[str]:
    decided = [
        (
            row["decided"],
            f"{row['released_by']} {row['decision']} {row['type']}, version {row['agg_version']} of "
            f"{row['topic']}/{row['agg_type']}/{row['agg_id']}: {row['reason']}",
        )
        for row in await db.fetch(SQL["find_parked_decisions"], ROWS_SHOWN_MAX)
    ]
    decided += [
        (row["decided"], f"{row['requested_by']} had {row['events']} events published again: {row['reason']}")
        for row in await db.fetch(SQL["find_replay_decisions"], ROWS_SHOWN_MAX)
    ]
    newest_first = sorted(decided, reverse=True)
    return [f"{at:%Y-%m-%d %H:%M:%S} UTC  {what}" for at, what in newest_first] or [
        "Nothing was decided yet."
    ]


def add_who_and_why(parser: argparse.ArgumentParser) -> None:
    """Ask a command for the name of whoever decides, and for the reason that is kept."""
    parser.add_argument(
        "--by", type=_text(NAME_LENGTH_MAX), default=_login(), required=_login() is None, help="who decides"
    )
    parser.add_argument("--reason", type=_text(REASON_LENGTH_MAX), required=True, help="why: kept for ever")


def _login() -> str | None:
    # In a container everybody is root or nobody's user: that is no name.
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return None
    return None if name in ("root", "nobody", "partage") else name


def _text(length_max: int) -> Callable[[str], str]:
    def text(given: str) -> str:
        if not given.strip() or len(given) > length_max:
            raise argparse.ArgumentTypeError(f"between 1 and {length_max} characters")
        return given.strip()

    return text


def _key(given: str) -> Key:
    topic, agg_type, agg_id = _parts(given, 3)
    return topic, agg_type, _uuid(agg_id)


def _aggregate(given: str) -> tuple[str, UUID]:
    agg_type, agg_id = _parts(given, 2)
    return agg_type, _uuid(agg_id)


def _parts(given: str, count: int) -> list[str]:
    parts = given.split("/")
    if len(parts) != count or not all(parts):
        raise argparse.ArgumentTypeError(f"{given[:80]} has not {count} parts separated by /")
    return parts


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given[:80]} is no UUID") from None


def instant(given: str) -> datetime:
    """A moment with its time zone, as a command takes it. Raises ArgumentTypeError."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given[:40]} is no instant") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{given[:40]} has no time zone; write 2026-11-29T06:00+00:00")
    return at
