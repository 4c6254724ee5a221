"""Say what a year costs, from what was measured: `make capacity-page` writes docs/capacity.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.capacity.measure import MEASURED
from deploy.seeing.metrics import ROOT, SERVICES

PAGE: Final = ROOT / "docs" / "capacity.md"
TEMPLATE: Final = Path(__file__).parent / "capacity.template.md"
HELM: Final = ROOT / "deploy" / "helm"

DATABASES: Final = len(SERVICES)
PARTITIONS: Final = 6
MONTHS: Final = 12
SECONDS_A_MONTH: Final = 30 * 86_400
EVENTS_KEPT_DAYS: Final = 14
REPLICAS_OF_KAFKA: Final = 3
MIB, GIB = 1024**2, 1024**3


@dataclass(frozen=True, slots=True)
class Year:
    """What a cooperative does in a year."""

    name: str
    members: int
    turnover_euros: int
    newcomers_a_month: int


SMART: Final = Year("a year of Smart's size", 22_000, 190_000_000, 537)
TEN_TIMES: Final = Year("ten times that", 220_000, 1_900_000_000, 5_370)

# Published: nearly 22,000 active users, EUR 190 million and 537 newcomers a month (Smart's press kit, 2018).
MEAN_ORDER_EUROS: Final = 1_000  # published for Austria: 3,000 orders, about EUR 3 million (2019)
# Assumptions: nobody publishes these.
PEAK_SHARE: Final = 0.4  # of a month's engagements end in its last three days
PEAK_HOURS: Final = 30  # three days of ten hours
READS_A_MEMBER_AND_MONTH: Final = 60  # pages looked at, each one query
ASSEMBLY_MINUTES: Final = 15  # within which everybody casts a vote
CPU_OF_A_CORE: Final = 0.5  # of a core is used at the peak: the rest is for rollouts and a lost node
WAGE_DAY_HOURS: Final = 1  # within which the wages of a due day are to be funded and ordered


@dataclass(frozen=True, slots=True)
class Cost:
    """What one engagement costs one service."""

    api_ms: float
    worker_ms: float
    capabilities: float
    events: float
    rows: float
    database_bytes: float
    event_bytes: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What one engagement costs the cell, idle time taken off."""

    of: Mapping[str, Cost]
    gateway_ms: float
    gateway_requests: float
    postgres_ms: float
    kafka_ms: float
    idle_cores: float
    vote_ms: float

    @property
    def request_ms(self) -> float:
        """CPU of the gateway for one request."""
        return self.gateway_ms / self.gateway_requests

    @property
    def read_ms(self) -> float:
        """CPU of one query: the gateway's, and that of a mean capability of an api."""
        apis = sum(each.api_ms for each in self.of.values())
        return self.request_ms + apis / self.gateway_requests

    @property
    def total_ms(self) -> float:
        """All programs together."""
        programs = sum(each.api_ms + each.worker_ms for each in self.of.values())
        return programs + self.gateway_ms + self.postgres_ms + self.kafka_ms


def costs(measured: Mapping[str, Any]) -> Costs:
    """From sums to one engagement."""
    grown, count = measured["grown"], measured["engagements"]
    idle = measured["idle"]
    elapsed = grown["clock"]["seconds"]

    def cpu_ms(program: str) -> float:
        at_rest = idle["cpu_seconds"][program] / idle["seconds"]
        used: float = grown["cpu"][program] - at_rest * elapsed
        per_engagement: float = used * 1000 / count
        return max(0.0, per_engagement)

    story = measured["story"]
    return Costs(
        of={
            service: Cost(
                api_ms=cpu_ms(f"{service} api"),
                worker_ms=cpu_ms(f"{service} worker"),
                capabilities=sum(grown["capabilities"][f"{service} {each}"] for each in ("api", "worker"))
                / count,
                events=grown["events"][service] / count,
                rows=grown["rows"][service] / count,
                database_bytes=grown["database_bytes"][service] / count,
                event_bytes=grown["kafka_bytes"][service] / count,
            )
            for service in SERVICES
        },
        gateway_ms=cpu_ms("gateway"),
        gateway_requests=sum(grown["requests"].values()) / count,
        postgres_ms=cpu_ms("postgres"),
        kafka_ms=cpu_ms("kafka"),
        idle_cores=sum(
            value / idle["seconds"] for name, value in idle["cpu_seconds"].items() if name != "simulators"
        ),
        vote_ms=1000
        * story["cpu_seconds"]["governance api"]
        / max(1.0, story["capabilities"]["governance api"]),
    )


def _both(of: Mapping[str, float], service: str) -> float:
    return of[f"{service} api"] + of[f"{service} worker"]


@dataclass(frozen=True, slots=True)
class Derived:
    """What a year asks for."""

    engagements: int
    peak_an_hour: float
    peak_cores: float
    read_cores: float
    assembly_cores: float
    events: float
    rows: float
    database_gib: Mapping[str, float]
    kafka_gib: float
    wages_on_a_day: float
    wage_day_cores: float

    @property
    def cores(self) -> float:
        """At the worst hour, with room."""
        return (self.peak_cores + self.read_cores) / CPU_OF_A_CORE


def derived(year: Year, of: Costs) -> Derived:
    """The year's figures."""
    engagements = year.turnover_euros // MEAN_ORDER_EUROS
    peak = engagements / MONTHS * PEAK_SHARE / PEAK_HOURS
    reads_an_hour = year.members * READS_A_MEMBER_AND_MONTH * PEAK_SHARE / PEAK_HOURS
    on_a_day = engagements / MONTHS * PEAK_SHARE
    workers_ms = sum(of.of[service].worker_ms for service in ("guarantee", "payroll"))
    return Derived(
        engagements=engagements,
        peak_an_hour=peak,
        peak_cores=peak * of.total_ms / 1000 / 3600,
        read_cores=reads_an_hour * of.read_ms / 1000 / 3600,
        assembly_cores=year.members * (of.vote_ms + of.request_ms) / 1000 / (ASSEMBLY_MINUTES * 60),
        events=engagements * sum(each.events for each in of.of.values()),
        rows=engagements * sum(each.rows for each in of.of.values()),
        database_gib={name: engagements * each.database_bytes / GIB for name, each in of.of.items()},
        kafka_gib=engagements
        * sum(each.event_bytes for each in of.of.values())
        * EVENTS_KEPT_DAYS
        / 365
        * REPLICAS_OF_KAFKA
        / GIB,
        wages_on_a_day=on_a_day,
        wage_day_cores=on_a_day * workers_ms / 1000 / (WAGE_DAY_HOURS * 3600),
    )


def requested(profile: str) -> tuple[float, float, float]:
    """What a cell of a profile asks of its cluster at rest: cores, GiB of memory, GiB of disk."""
    services, data = (
        yaml.safe_load((HELM / chart / "values.yaml").read_text()) for chart in ("services", "data")
    )
    parts = services["profiles"][profile]
    cores = memory = disk = 0.0
    for part, copies in (("api", len(SERVICES)), ("worker", len(SERVICES)), ("gateway", 1)):
        pods = parts[part]["min"] * copies
        cores += pods * _cores(parts[part]["cpu"])
        memory += pods * _gib(parts[part]["memory"])
    kafka, postgres = data["profiles"][profile]["kafka"], data["profiles"][profile]["postgres"]
    pods = postgres["instances"] * DATABASES
    cores += kafka["nodes"] * _cores(kafka["cpu"]) + pods * _cores(postgres["cpu"])
    memory += kafka["nodes"] * _gib(kafka["memory"]) + pods * _gib(postgres["memory"])
    disk += kafka["nodes"] * _gib(kafka["storage"]) + pods * (
        _gib(postgres["storage"]) + _gib(postgres["wal"])
    )
    return cores, memory, disk


def page(measured: Mapping[str, Any]) -> str:
    """The document: its sentences are in capacity.template.md, its figures come from here."""
    of = costs(measured)
    years = [(year, derived(year, of)) for year in (SMART, TEN_TIMES)]
    each = [one for _, one in years]
    ten = each[1]
    calls = sum(one.capabilities for one in of.of.values())
    programs_ms = sum(one.api_ms + one.worker_ms for one in of.of.values())
    worker_ms = max(one.worker_ms for one in of.of.values())
    heaviest = max(SERVICES, key=lambda name: of.of[name].database_bytes)
    resident = sum(mb for name, mb in measured["resident_mb"].items() if name != "simulators")
    return TEMPLATE.read_text(encoding="utf-8").format(
        machine_cores=measured["cores"],
        load=measured["load_average"],
        count=measured["engagements"],
        services="\n".join(_service_row(name, one) for name, one in of.of.items()),
        requests=f"{of.gateway_requests:.0f}",
        gateway_ms=f"{of.gateway_ms:.0f}",
        request_ms=f"{of.request_ms:.1f}",
        postgres_ms=f"{of.postgres_ms:.0f}",
        kafka_ms=f"{of.kafka_ms:.0f}",
        total_s=f"{of.total_ms / 1000:.1f}",
        capability_ms=f"{programs_ms / calls:.1f}",
        idle_cores=f"{of.idle_cores:.2f}",
        resident_gib=f"{resident / 1024:.1f}",
        vote_ms=f"{of.vote_ms:.1f}",
        mean_order=f"{MEAN_ORDER_EUROS:,}",
        peak_share=f"{PEAK_SHARE:.0%}",
        peak_hours=PEAK_HOURS,
        reads=READS_A_MEMBER_AND_MONTH,
        assembly_minutes=ASSEMBLY_MINUTES,
        cpu_used=f"{CPU_OF_A_CORE:.0%}",
        years="\n".join(_year_rows(years, of)),
        worker_ms=f"{worker_ms:.0f}",
        six_workers=f"{PARTITIONS * 3600 * 1000 / worker_ms:,.0f}",
        partitions=PARTITIONS,
        ten_peak=f"{ten.peak_an_hour:,.0f}",
        postgres_cores=f"{ten.peak_an_hour * of.postgres_ms / 1000 / 3600:.1f}",
        heaviest=heaviest,
        heaviest_gib=f"{ten.database_gib[heaviest]:,.0f}",
        profiles="\n".join(_profile_row(profile) for profile in ("small", "large")),
    )


def _service_row(name: str, of: Cost) -> str:
    figures = (
        f"{of.capabilities:.0f}",
        f"{of.api_ms:.0f}",
        f"{of.worker_ms:.0f}",
        f"{of.events:.1f}",
        f"{of.rows:.0f}",
        f"{of.database_bytes / 1024:.0f}",
        f"{of.event_bytes / 1024:.1f}",
    )
    return _row(name, figures)


def _year_rows(years: Sequence[tuple[Year, Derived]], of: Costs) -> Iterator[str]:
    each = [one for _, one in years]
    calls = sum(one.capabilities for one in of.of.values())
    pages = [year.members * READS_A_MEMBER_AND_MONTH * MONTHS for year, _ in years]
    kafka = f"Kafka, GiB ({EVENTS_KEPT_DAYS} days, {REPLICAS_OF_KAFKA} replicas)"
    yield _row("members", [f"{year.members:,}" for year, _ in years])
    yield _row("newcomers a month", [f"{year.newcomers_a_month:,}" for year, _ in years])
    yield _row("engagements a year", [f"{one.engagements:,}" for one in each])
    yield _row("engagements an hour at a month's end", [f"{one.peak_an_hour:,.0f}" for one in each])
    yield _row("capabilities a year, millions", [_millions(one.engagements * calls) for one in each])
    yield _row(
        "requests to the gateway for them, millions",
        [_millions(one.engagements * of.gateway_requests) for one in each],
    )
    yield _row("pages looked at a year, millions", [_millions(seen) for seen in pages])
    yield _row("events a year, millions", [_millions(one.events) for one in each])
    yield _row("rows a year, millions", [_millions(one.rows) for one in each])
    for name in SERVICES:
        yield _row(f"database {name}, GiB a year", [f"{one.database_gib[name]:,.0f}" for one in each])
    yield _row(kafka, [f"{one.kafka_gib:,.1f}" for one in each])
    yield _row("cores at a month's end: engagements", [f"{one.peak_cores:,.2f}" for one in each])
    yield _row("cores at a month's end: pages", [f"{one.read_cores:,.2f}" for one in each])
    yield _row("cores at a month's end, with room", [f"{one.cores:,.1f}" for one in each])
    yield _row("cores while everybody votes", [f"{one.assembly_cores:,.2f}" for one in each])
    yield _row("wages due on the busiest day", [f"{one.wages_on_a_day:,.0f}" for one in each])
    yield _row(
        f"cores to fund and order them within {WAGE_DAY_HOURS} h",
        [f"{one.wage_day_cores:,.2f}" for one in each],
    )


def _profile_row(profile: str) -> str:
    cores, memory, disk = requested(profile)
    figures = (
        f"{cores:.1f}",
        f"{cores * MONTHS_HOURS:,.0f}",
        f"{memory:.1f}",
        f"{memory * MONTHS_HOURS:,.0f}",
        f"{disk:,.0f}",
    )
    return _row(profile, figures)


def _row(says: str, figures: Sequence[str]) -> str:
    return f"| {says} | {' | '.join(figures)} |"


def _millions(number: float) -> str:
    return f"{number / 1e6:,.1f}"


MONTHS_HOURS: Final = SECONDS_A_MONTH // 3600


def _cores(text: str) -> float:
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def _gib(text: str) -> float:
    scale = {"Mi": MIB, "Gi": GIB, "Ti": 1024 * GIB}[text[-2:]]
    return float(text[:-2]) * scale / GIB


def written(file: Path = MEASURED) -> str:
    """The page of what was last measured."""
    return page(json.loads(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
