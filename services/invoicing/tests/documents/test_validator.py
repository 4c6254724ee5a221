import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from invoicing.documents import validator as module
from invoicing.documents.judge import KNOWN_BAD
from invoicing.documents.validator import Validator, is_rejected
from invoicing.domain.errors import DocumentTooLarge, RuleFilesMissing, ValidatorBusy, ValidatorNotReady


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def validator(jars_dir: Path) -> AsyncIterator[Validator]:
    async with Validator(jars_dir) as running:
        yield running


@pytest.fixture(scope="session")
def good(fixtures_dir: Path) -> bytes:
    return (fixtures_dir / "own-peppol" / "valid" / "be-std-21.xml").read_bytes()


def process_id(validator: Validator) -> int:
    [worker] = validator._workers
    assert worker._process.pid is not None
    return worker._process.pid


async def test_it_is_ready_only_after_a_bad_document_was_rejected(validator: Validator, good: bytes) -> None:
    assert validator.is_ready
    assert is_rejected(await validator.findings(KNOWN_BAD))
    assert await validator.findings(good) == []


async def test_many_callers_are_answered_each_with_its_own_findings(
    validator: Validator, good: bytes
) -> None:
    answers = await asyncio.gather(
        *(validator.findings(good if index % 2 else b"<root/>") for index in range(20))
    )
    assert [is_rejected(answer) for answer in answers] == [index % 2 == 0 for index in range(20)]


async def test_a_judge_that_dies_is_replaced_and_its_document_is_rejected(
    validator: Validator, good: bytes
) -> None:
    os.kill(process_id(validator), signal.SIGKILL)
    [finding] = await validator.findings(good)
    assert (finding.rule, finding.is_fatal) == ("VALIDATOR", True)
    assert await validator.findings(good) == []


async def test_a_judge_that_takes_too_long_is_replaced(jars_dir: Path, good: bytes) -> None:
    async with Validator(jars_dir, document_timeout_seconds=0.5) as impatient:
        before = process_id(impatient)
        os.kill(before, signal.SIGSTOP)
        [finding] = await impatient.findings(good)
        assert "exceeded its time" in finding.message
        assert await impatient.findings(good) == []
        assert process_id(impatient) != before


async def test_a_caller_who_gives_up_leaves_no_answer_for_the_next(validator: Validator, good: bytes) -> None:
    hasty = asyncio.ensure_future(validator.findings(b"<root/>"))
    await asyncio.sleep(0)
    hasty.cancel()
    assert await validator.findings(good) == []


async def test_too_large_and_too_many_are_refused(
    validator: Validator, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DocumentTooLarge):
        await validator.findings(b" " * (5 * 1024 * 1024 + 1))
    monkeypatch.setattr(module, "WAITING_DOCUMENTS_MAX", 0)
    with pytest.raises(ValidatorBusy):
        await validator.findings(good)


async def test_without_rule_files_it_never_becomes_ready(tmp_path: Path) -> None:
    with pytest.raises(RuleFilesMissing):
        await Validator(tmp_path / "nowhere").start()
    empty = Validator(tmp_path)
    with pytest.raises(RuleFilesMissing):
        await empty.start()
    assert not empty.is_ready
    with pytest.raises(ValidatorNotReady):
        await empty.findings(b"<root/>")
