"""An event nobody can read parks its key in each reader; the doctor says so, and operators set it aside."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from functools import partial
from uuid import uuid4

import pytest

from commons.database import Record, connect
from commons.uuid7 import uuid7
from local.paths import ROOT
from tests.e2e.addresses import Addresses
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

COMMAND_TIMEOUT_SECONDS = 180
READERS = ("invoicing", "guarantee", "governance")


async def local(stack: Addresses, *words: str) -> tuple[int, str]:
    def run() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "local", *words],
            cwd=ROOT,
            env={**os.environ, "RUN_DIR": str(stack.run_dir)},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )
        return done.returncode, done.stdout + done.stderr

    return await asyncio.to_thread(run)


async def rows(stack: Addresses, service: str, statement: str, *arguments: object) -> list[Record]:
    db = await connect(stack.databases[service], "tests")
    try:
        return await db.fetch(statement, *arguments)
    finally:
        await db.close()


async def test_a_poisoned_event_is_told_and_set_aside_with_a_reason(stack: Addresses) -> None:
    member = uuid4()
    await rows(
        stack,
        "members",
        "insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data) "
        "values ($1, 'be.members.v1', 'Member', $2, 1, 'members.MemberAdmitted.v1', $3::text::jsonb)",
        uuid7(),
        member,
        json.dumps({"nonsense": True}),
    )
    key = f"be.members.v1/Member/{member}"
    for reader in READERS:
        await until(
            f"{reader} has parked it",
            partial(rows, stack, reader, "select from parked where agg_id = $1", member),
            bool,
        )

    status, told = await local(stack, "doctor")
    assert status == 1
    for reader in READERS:
        assert f"{reader}: members.MemberAdmitted.v1, version 1 of {key}, is parked" in told
        assert f"`python -m {reader} parked release {key} --by YOU --reason WHY`" in told

    why = ("--by", "ana", "--reason", "nobody was admitted")
    for reader in READERS:
        assert (await local(stack, "operate", reader, "parked", "skip", key, *why))[0] == 0
        _, decided = await local(stack, "operate", reader, "parked", "decisions")
        assert f"ana skipped members.MemberAdmitted.v1, version 1 of {key}: nobody was admitted" in decided
    _, told = await local(stack, "doctor")
    assert str(member) not in told
