"""The programs of a service, one image: `python -m invoicing api | worker | migrate | doctor | …`."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvloop

from commons import law, logs, telemetry
from commons.country import Country, CountryDataWrong, load_country
from commons.database import Pools, create_pools
from commons.migrate import MigrationRefused, migrate
from commons.refusal import Refusal
from commons.settings import Settings, SettingsWrong

if TYPE_CHECKING:
    from commons.figures import Figure

log = logging.getLogger(__name__)

EXIT_WRONG_USE: Final = 2


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is made of; `app.py` of each declares one.

    `sections` are the files of its country that it cannot do without; `migrations` all folders in order.
    `api` runs the api process; `work` opens what the worker does. Both import what they need when called, so
    that each process loads only its own. `figures` are the counts that should be nothing.
    """

    name: str
    settings: type[Settings]
    sections: tuple[str, ...]
    migrations: Sequence[Path]
    api: Callable[[Any], None]
    work: Callable[[Any, Country, Pools], AbstractAsyncContextManager[Any]]
    figures: Callable[[], Sequence[Figure]] = tuple


def main(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Run one of the programs until it ends; its exit code. Faults of the set-up are sentences."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    programs = {"api": _api, "worker": _worker, "migrate": _migrate, "doctor": _doctor}
    tools = {"parked": _parked, "replay": _replay, "restored": _restored}
    takes_more = {"worker", *tools}
    if not given or (len(given) != 1 and given[0] not in takes_more) or given[0] not in programs | tools:
        sys.stderr.write(f"usage: python -m {service.name} {' | '.join(programs | tools)}\n")
        return EXIT_WRONG_USE
    if given[0] == "worker" and len(given) > 1:
        try:
            programs["worker"] = partial(_worker, parts=_parts(given[1:]))
        except ValueError as wrong:
            sys.stderr.write(f"{service.name} worker: {wrong}\n")
            return EXIT_WRONG_USE
    try:
        settings = service.settings.from_environment()
        country = load_country(settings.country, need=service.sections, folder=settings.countries_dir)
    except (SettingsWrong, CountryDataWrong) as wrong:
        sys.stderr.write(f"{service.name} {given[0]} cannot start:\n{wrong}\n")
        return EXIT_WRONG_USE
    except Refusal as refusal:
        sys.stderr.write(
            f"{service.name} {given[0]} cannot start: {refusal.message} {refusal.public_facts()}\n"
        )
        return EXIT_WRONG_USE
    if given[0] in tools:
        return tools[given[0]](service, settings, given[1:])
    # What is imported now lives as long as the process: collecting while importing is a fifth of the start.
    gc.disable()
    logs.set_up(service.name, given[0], country=settings.country, level=settings.log_level)
    telemetry.set_up(service.name, given[0], settings.otel_exporter_otlp_endpoint)
    telemetry.BUILD_INFO.labels(settings.build_commit).set(1)
    log.info("starts", extra={"build_commit": settings.build_commit})
    return programs[given[0]](service, settings, country)


def _api(service: Service, settings: Settings, country: Country) -> int:
    _name_stale_parameters(country)
    service.api(settings)
    return 0


def _parts(arguments: Sequence[str]) -> tuple[str, ...]:
    """What a worker does where its work is shared out: `--parts relay,effects`."""
    from commons.worker import PARTS

    named = tuple(arguments[1].split(",")) if len(arguments) == 2 and arguments[0] == "--parts" else ()
    if not named or len(set(named)) != len(named) or not set(named) <= set(PARTS):
        raise ValueError(f"say --parts and, with commas between them, some of {', '.join(PARTS)}.")
    return named


def _worker(
    service: Service, settings: Settings, country: Country, parts: Sequence[str] | None = None
) -> int:
    from commons.worker import run_worker

    _name_stale_parameters(country)

    async def work() -> None:
        pools = await create_pools(settings.database_url, f"{service.name} worker")
        try:
            async with service.work(settings, country, pools) as its_work:
                gc.freeze()
                gc.enable()
                await run_worker(
                    settings, pools, its_work if parts is None else replace(its_work, parts=parts)
                )
        finally:
            await pools.close()

    try:
        uvloop.run(work())
    except Exception:
        log.exception("the worker ends and is started again")
        return 1
    return 0


def _migrate(service: Service, settings: Settings, country: Country) -> int:
    try:
        asyncio.run(migrate(settings.database_url, service.migrations))
    except MigrationRefused as refused:
        sys.stderr.write(f"{service.name} migrate: {refused}\n")
        return 1
    return 0


def _doctor(service: Service, settings: Settings, country: Country) -> int:
    from commons.doctor import run_doctor

    return asyncio.run(run_doctor(service, settings, country))


def _parked(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    from commons.repair import run_parked

    return run_parked(service, settings, arguments)


def _replay(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    from commons.repair import run_replay

    return run_replay(service, settings, arguments)


def _restored(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    from commons.restoration import run_restored

    return run_restored(service, settings, arguments)


def _name_stale_parameters(country: Country) -> None:
    for sentence in law.sentences(country, datetime.now(UTC).date()):
        log.warning(sentence)
