"""What the tests of this service start from."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from tests.a_filing import Filing, filing_in
from tests.an_office import Office

from commons.database import Pools
from commons.testing.api import AskedApi
from payroll.api.schema import schema
from payroll.app import SERVICE

ROOT = Path(__file__).parents[3]
PARTIES = ("identity", "authority", "bank", "e_invoice", "mail")
HOST = "127.0.0.1"
START_RETRIES = 12
STOP_TIMEOUT_SECONDS = 15


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """All migrations of this service."""
    return SERVICE.migrations


@pytest.fixture(scope="module")
def office(pools: Pools) -> Office:
    """A payroll service on the module's database."""
    return Office.on(pools)


@pytest.fixture(scope="module")
def api(office: Office) -> AskedApi:
    """This service's GraphQL on the module's database."""
    return AskedApi(
        schema, pools=office.pools, country=office.country, service=office.service, name="payroll"
    )


@pytest.fixture
async def entity(office: Office) -> UUID:
    """A simulated entity of the test's own, on 5 June 2026."""
    return await office.entity()


@pytest.fixture(scope="session")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The real program of simulated parties: the address of each."""
    sockets = [socket.create_server((HOST, 0)) for _ in PARTIES]
    ports = dict(zip(PARTIES, (each.getsockname()[1] for each in sockets), strict=True))
    for each in sockets:
        each.close()
    state = tmp_path_factory.mktemp("parties")
    environment = dict(os.environ) | {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
    with (state / "log").open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "simulators"],
            env=environment | {"STATE_DIR": str(state), "PROFILE": "local", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stderr=log,
        )
        try:
            addresses = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
            transport = httpx.HTTPTransport(retries=START_RETRIES)
            with httpx.Client(transport=transport, timeout=30, trust_env=False) as client:
                for address in addresses.values():
                    client.get(f"{address}/readyz").raise_for_status()
            yield addresses
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(STOP_TIMEOUT_SECONDS)


@pytest.fixture
async def http(parties: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Connections to the simulated parties; the authority behaves again afterwards."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        yield client
        await client.delete(f"{parties['authority']}/simulate/behavior")


@pytest.fixture
async def belgium(pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]) -> Filing:
    """A Belgian employer, known to the authority, whose member has a payslip of July."""
    filing = await filing_in(pools, "be", http, parties["authority"])
    await filing.pay_july()
    await filing.complete_declarant()
    return filing
