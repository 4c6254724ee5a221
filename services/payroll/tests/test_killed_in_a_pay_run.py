"""The worker is killed in the middle of a pay run, again and again: every payslip is there once."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from tests.an_office import OFFICER, Office
from tests.many_contracts import many_contracts

from commons.clock import BusinessDayOpened, business_day_opened
from commons.kafka import ensure_topics
from local.kafka import Kafka
from payroll.capabilities.continue_pay_run import BATCH_SIZE_MAX
from payroll.capabilities.start_pay_run import start_pay_run
from payroll.sealed import KEY_BYTES

ROOT: Final = Path(__file__).parents[3]
KILLS: Final = 2
CONTRACTS: Final = 5 * BATCH_SIZE_MAX - 1
LAST_DAY: Final = date(2026, 7, 31)
PATIENCE_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.01
TOPICS: Final = [f"be.{name}.v1" for name in ("invoicing", "payroll", "guarantee", "members", "control")]


async def test_a_worker_that_is_killed_in_a_pay_run_leaves_every_payslip_once(
    office: Office, entity: UUID, database_url: str, kafka: Kafka, tmp_path: Path
) -> None:
    await ensure_topics(kafka.bootstrap, TOPICS)
    await many_contracts(office, entity, CONTRACTS)
    opened = BusinessDayOpened(entity_id=entity, day=LAST_DAY)
    await office.run(lambda ctx: business_day_opened(ctx, opened))
    await office.run(lambda ctx: start_pay_run(ctx, entity_id=entity, period=LAST_DAY), OFFICER)
    seen = 0
    for _ in range(KILLS):
        async with worker(database_url, kafka.bootstrap, tmp_path) as process:
            await until(partial(has_more, office, entity, seen))
            process.kill()
        seen = await payslips(office, entity)
        assert 0 < seen < CONTRACTS, "it was killed in the middle"
        assert seen % BATCH_SIZE_MAX == 0, "a batch is there as a whole, or not at all"
    async with worker(database_url, kafka.bootstrap, tmp_path):
        await until(lambda: is_finished(office, entity))
    rows = await office.pools.read.fetch(
        "select contract_id, net_payable_minor, fingerprint from payslip where entity_id = $1", entity
    )
    assert len(rows) == len({row["contract_id"] for row in rows}) == CONTRACTS
    assert len({(row["net_payable_minor"], row["fingerprint"]) for row in rows}) == 1, "all worked the same"
    announced = await office.pools.read.fetch(
        "select type, count(*) as events, count(distinct agg_id) as things from outbox "
        "where data ->> 'entity_id' = $1 and type = any($2::text[]) group by type order by type",
        str(entity),
        [f"payroll.{name}.v1" for name in ("ContractEnded", "PayRunFinished", "PayslipComputed")],
    )
    assert [(row["type"], row["events"], row["things"]) for row in announced] == [
        ("payroll.ContractEnded.v1", CONTRACTS, CONTRACTS),
        ("payroll.PayRunFinished.v1", 1, 1),
        ("payroll.PayslipComputed.v1", CONTRACTS, CONTRACTS),
    ]


async def payslips(office: Office, entity: UUID) -> int:
    count = "select count(*) from payslip where entity_id = $1"
    return int(await office.pools.read.fetchval(count, entity))


async def has_more(office: Office, entity: UUID, before: int) -> bool:
    return await payslips(office, entity) > before


async def is_finished(office: Office, entity: UUID) -> bool:
    finished = "select finished_on from pay_run where entity_id = $1"
    return await office.pools.read.fetchval(finished, entity) is not None


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await fact():
                return
            await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def worker(
    database_url: str, bootstrap: str, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real program while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "COUNTRY": "be",
        "PROFILE": "local",
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP": bootstrap,
        "HTTP_PORT": str(port),
        "JWT_ISSUER": "http://127.0.0.1:1",
        "JWKS_URL": "http://127.0.0.1:1/jwks.json",
        "AUTHORITY_URL": "http://127.0.0.1:1",
        "BANK_URL": "http://127.0.0.1:1",
        "DATA_KEY": base64.b64encode(bytes(range(KEY_BYTES))).decode(),
    }
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "payroll", "worker", env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
