"""Measure what an engagement costs on the local stack: `make capacity` writes docs/capacity.json.

An engagement is a member's work from beginning to end: a quote, its confirmation and cover, a contract that
is declared, an invoice that leaves, a payslip, an advance of the fund, a wage that the bank pays, the
client's payment and the recovery. Each has a legal entity and a new member of its own, so it costs a little
more here.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.seeing.metrics import ROOT
from local.stack import Stack
from tests.bench.programs import cpu_seconds, tree
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.client import Door, open_gateway
from tests.e2e.databases import Databases, open_databases
from tests.e2e.sale import Seller
from tests.e2e.story import play

MEASURED: Final = ROOT / "docs" / "capacity.json"
ENGAGEMENTS: Final = int(os.environ.get("ENGAGEMENTS", "12"))
AT_ONCE: Final = 3
WARM_UP: Final = 3
IDLE_SECONDS: Final = 20.0
Numbers = dict[str, float]

_BYTES: Final = """
select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint
from pg_class
where relkind = 'r'
  and relnamespace not in
    (select oid from pg_namespace where nspname like 'pg\\_%' or nspname = 'information_schema')
"""
_EVENTS: Final = "select count(*)::int from outbox"


async def measure(stack: Stack, addresses: Addresses) -> dict[str, Any]:
    """All figures of one run: sums over the engagements, which `derive` divides."""
    async with open_gateway(addresses) as door, open_databases(addresses) as databases:
        before = await _seen(stack, addresses, databases)
        await play(door, addresses, say=lambda _sentence: None)
        await databases.when_quiet()
        assembly = _grown(before, await _seen(stack, addresses, databases))
        await _engagements(door, addresses, WARM_UP, "warm")
        await databases.when_quiet()
        idle_before = await _seen(stack, addresses, databases)
        await asyncio.sleep(IDLE_SECONDS)
        idle = _grown(idle_before, await _seen(stack, addresses, databases))
        before = await _seen(stack, addresses, databases)
        await _engagements(door, addresses, ENGAGEMENTS, "measured")
        await databases.when_quiet()
        grown = _grown(before, await _seen(stack, addresses, databases))
    return {
        "command": "make capacity",
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),
        "engagements": ENGAGEMENTS,
        "idle": {"seconds": idle["clock"]["seconds"], "cpu_seconds": idle["cpu"]},
        "story": {"cpu_seconds": assembly["cpu"], "capabilities": assembly["capabilities"]},
        "grown": grown,
        "resident_mb": {name: round(_resident_mb(stack, name)) for name in stack.names},
    }


async def _engagements(door: Door, addresses: Addresses, count: int, name: str) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            seller = await Seller.at_work(door, addresses, name=f"Capacity {name} {number} SC")
            sale = await (await seller.sale(await seller.client())).invoiced()
            await sale.due_day_comes()
            await sale.client_pays(sale.total)
            await sale.invoice_is("PAID")
            await sale.advance_is("RECOVERED")

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


async def _seen(stack: Stack, addresses: Addresses, databases: Databases) -> dict[str, Numbers]:
    rows: Numbers = defaultdict(float)
    for table, count in (await databases.row_counts()).items():
        rows[table.partition(".")[0]] += count
    return {
        "clock": {"seconds": time.monotonic()},
        "cpu": {name: cpu_seconds(pid) for name in stack.names if (pid := stack.pid(name)) is not None},
        "capabilities": await _capabilities(addresses),
        "requests": await _requests(addresses),
        "rows": dict(rows),
        "database_bytes": {s: float(await db.fetchval(_BYTES)) for s, db in databases.by_service.items()},
        "events": {s: float(await db.fetchval(_EVENTS)) for s, db in databases.by_service.items()},
        "kafka_bytes": {service: _log_bytes(stack.run_dir, service) for service in SERVICES},
    }


async def _capabilities(addresses: Addresses) -> Numbers:
    counted: Numbers = {}
    async with httpx.AsyncClient(trust_env=False) as http:
        for process, bases in (("api", addresses.services), ("worker", addresses.workers)):
            for service in SERVICES:
                text = (await http.get(f"{bases[service]}/metrics")).text
                counted[f"{service} {process}"] = _sum(text, "capability_seconds_count")
    return counted


async def _requests(addresses: Addresses) -> Numbers:
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{addresses.gateway}/metrics")).text
    return {kind: _sum(text, "gateway_requests_total", kind=kind) for kind in ("query", "mutation")}


def _sum(text: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def _log_bytes(run_dir: Path, service: str) -> float:
    return float(
        sum(file.stat().st_size for file in (run_dir / "data" / "kafka").glob(f"**/*.{service}.v1-*/*.log"))
    )


def _grown(before: Mapping[str, Numbers], after: Mapping[str, Numbers]) -> dict[str, Numbers]:
    return {
        what: {name: round(value - before[what][name], 3) for name, value in found.items()}
        for what, found in after.items()
    }


def _resident_mb(stack: Stack, name: str) -> float:
    pid = stack.pid(name)
    if pid is None:
        return 0.0
    kb = 0
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        kb += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return kb / 1024


def main() -> None:
    """Measure once, and keep what was measured."""
    with tempfile.TemporaryDirectory(prefix="partage-capacity-") as folder, Stack(Path(folder)) as stack:
        measured = asyncio.run(measure(stack, Addresses.of(stack.addresses)))
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
