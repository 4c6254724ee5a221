"""Validates documents in processes of their own: the rule engine blocks the interpreter and takes memory."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from commons.refusal import Refusal
from invoicing.documents.address_space import check_address_space
from invoicing.documents.finding import FATAL, Finding
from invoicing.documents.safe_xml import DOCUMENT_BYTES_MAX
from invoicing.domain.errors import DocumentTooLarge, RuleFilesMissing, ValidatorBusy, ValidatorNotReady

START_TIMEOUT_SECONDS: Final = 60.0
DOCUMENT_TIMEOUT_SECONDS: Final = 20.0
STOP_TIMEOUT_SECONDS: Final = 5.0
WAITING_DOCUMENTS_MAX: Final = 200
WAITING_TIMEOUT_SECONDS: Final = 60.0
JUDGE_FAILED: Final = "VALIDATOR"  # the rule of a finding that says nothing about the document


class Validator:
    """A pool of judging processes, started by `spawn`; every one has rejected a known-bad document.

    A process that dies or exceeds its time is replaced, and its document gets a fatal finding.
    """

    def __init__(
        self,
        jars_dir: Path,
        *,
        processes: int = 1,
        document_timeout_seconds: float = DOCUMENT_TIMEOUT_SECONDS,
    ) -> None:
        assert 1 <= processes <= 16, "a judge takes a core and 220 MB"
        self.jars_dir = jars_dir
        self._process_count = processes
        self._document_timeout_seconds = document_timeout_seconds
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue(maxsize=processes)
        self._workers: set[_Worker] = set()
        self._waiting = 0
        self._is_closed = False

    async def start(self) -> Self:
        """Starts the processes and waits until each is ready.

        Raises RuleFilesMissing, AddressSpaceLimited, ValidatorNotReady.
        """
        # An engine that aborts takes its process with it; the caller learns of the limit before that.
        check_address_space()
        if not self.jars_dir.is_dir():
            raise RuleFilesMissing(file=self.jars_dir.name)
        try:
            for worker in await asyncio.gather(*(self._launch() for _ in range(self._process_count))):
                self._idle.put_nowait(worker)
        except BaseException:
            await self.close()
            raise
        return self

    @property
    def is_ready(self) -> bool:
        """Whether a process that has rejected the known-bad document is alive."""
        return not self._is_closed and any(worker.is_alive for worker in self._workers)

    async def findings(self, xml: bytes, kind: str = "invoice") -> list[Finding]:
        """Everything the rules have against the document; empty where it may be sent.

        `kind` as in `Judge.findings`. Raises DocumentTooLarge, ValidatorNotReady, ValidatorBusy.
        """
        if len(xml) > DOCUMENT_BYTES_MAX:
            raise DocumentTooLarge(bytes=len(xml), bytes_max=DOCUMENT_BYTES_MAX)
        if self._is_closed or not self._workers:
            raise ValidatorNotReady()
        if self._waiting >= WAITING_DOCUMENTS_MAX:
            raise ValidatorBusy(waiting=self._waiting)
        self._waiting += 1
        try:
            async with asyncio.timeout(WAITING_TIMEOUT_SECONDS):
                worker = await self._idle.get()
        except TimeoutError:
            raise ValidatorBusy(waiting=self._waiting) from None
        finally:
            self._waiting -= 1
        # Shielded: a caller who gives up must not leave a process whose answer nobody has read.
        return await asyncio.shield(asyncio.ensure_future(self._judge(worker, xml, kind)))

    async def close(self) -> None:
        """Ends every process of this pool."""
        self._is_closed = True
        workers, self._workers = self._workers, set()
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in workers))

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _judge(self, worker: _Worker, xml: bytes, kind: str) -> list[Finding]:
        timeout_seconds = self._document_timeout_seconds
        try:
            found = await asyncio.to_thread(worker.ask, xml, kind, timeout_seconds)
        except (TimeoutError, EOFError, OSError) as fault:
            await self._replace(worker)
            why = "exceeded its time" if isinstance(fault, TimeoutError) else "died"
            return [Finding(JUDGE_FAILED, "xml", FATAL, f"The judging process {why} on this document.")]
        self._idle.put_nowait(worker)
        return found

    async def _replace(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        await asyncio.to_thread(worker.stop)
        if not self._is_closed:
            self._idle.put_nowait(await self._launch())

    async def _launch(self) -> _Worker:
        worker = _Worker(self.jars_dir)
        self._workers.add(worker)
        await asyncio.to_thread(worker.wait_until_ready, START_TIMEOUT_SECONDS)
        return worker


class _Worker:
    """One judging process and the pipe to it; used by one caller at a time."""

    def __init__(self, jars_dir: Path) -> None:
        context: SpawnContext = multiprocessing.get_context("spawn")
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs, str(jars_dir)), name="invoice-judge", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def wait_until_ready(self, timeout_seconds: float) -> None:
        try:
            answer = self._receive(timeout_seconds)
        except (TimeoutError, EOFError, OSError):
            raise ValidatorNotReady() from None
        if isinstance(answer, Refusal):
            raise answer
        if answer != "ready":
            raise ValidatorNotReady()

    def ask(self, xml: bytes, kind: str, timeout_seconds: float) -> list[Finding]:
        self._connection.send((xml, kind))
        answer = self._receive(timeout_seconds)
        if not isinstance(answer, list):
            raise EOFError
        return answer

    def stop(self) -> None:
        self._connection.close()
        self._process.kill()  # it holds nothing that could be left half done
        self._process.join(STOP_TIMEOUT_SECONDS)

    def _receive(self, timeout_seconds: float) -> object:
        if not self._connection.poll(timeout_seconds):
            raise TimeoutError
        return self._connection.recv()


def _serve(connection: Connection, jars_dir: str) -> None:
    """The life of a judging process: compile, prove, then answer one document after the other."""
    # Imported here only: the engine's 96 MB of libraries have no place in the process that serves requests.
    from invoicing.documents.judge import Judge

    try:
        judge = Judge(Path(jars_dir))
    except Refusal as refusal:
        refusal.args = ()  # it is made anew from its class on the other side; its facts travel beside
        connection.send(refusal)
        return
    _silence_stderr()
    connection.send("ready")
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            xml, kind = connection.recv()
            connection.send(judge.findings(xml, kind))


def _silence_stderr() -> None:
    # The engine quotes the document when a rule stumbles over it; names and amounts have no place in a log.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def is_rejected(findings: Sequence[Finding]) -> bool:
    """Whether any finding forbids sending the document."""
    return any(finding.is_fatal for finding in findings)


def broken_rules(findings: Sequence[Finding]) -> list[str]:
    """The rules that forbid sending the document. Raises ValidatorNotReady where the judge failed, not it."""
    broken = sorted({finding.rule for finding in findings if finding.is_fatal})
    if JUDGE_FAILED in broken:
        raise ValidatorNotReady()
    return broken
