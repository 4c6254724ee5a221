"""One running stack for all these tests, and one story played on it."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from local.stack import Stack
from tests.e2e.addresses import STACK_VARIABLE, Addresses
from tests.e2e.client import Door, open_gateway
from tests.e2e.databases import Databases, open_databases
from tests.e2e.story import Story, play
from tests.e2e.tomorrows_law import with_changes
from tests.e2e.traces import collected_traces


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The whole stack on free ports; the one of PARTAGE_STACK where that names an addresses.json."""
    running = os.environ.get(STACK_VARIABLE)
    if running:
        yield Addresses.of(json.loads(Path(running).read_text()))
        return
    run_dir = tmp_path_factory.mktemp("stack")
    law = {"COUNTRIES_DIR": str(with_changes(tmp_path_factory.mktemp("law") / "countries"))}
    with (
        collected_traces(run_dir) as environment,
        Stack(run_dir, port_base=0, durable=False, environment={**environment, **law}) as started,
    ):
        yield Addresses.of(started.addresses)


@pytest.fixture(scope="session")
async def door(stack: Addresses) -> AsyncIterator[Door]:
    """The gateway of the stack, and the connections to its simulators."""
    async with open_gateway(stack) as opened:
        yield opened


@pytest.fixture(scope="session")
async def databases(stack: Addresses) -> AsyncIterator[Databases]:
    """What the services of the stack have stored."""
    async with open_databases(stack) as opened:
        yield opened


@pytest.fixture(scope="session")
async def story(stack: Addresses, door: Door) -> Story:
    """The story, played once."""
    return await play(door, stack)
