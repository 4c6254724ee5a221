"""Starts the stack for a person, plays the story, says where everything is, and serves until Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from local.failure import LocalFailure
from local.paths import ROOT, run_dir
from local.processes import PORT_BASE_MAX, PORTS_PER_CELL, chosen_countries, port_base
from local.stack import Stack

STORY_MODULE = "tests.e2e.story"
STORY_TIMEOUT_SECONDS = 600
# make passes on a signal that the terminal has already sent to everybody: that is not a second wish.
SECOND_SIGNAL_AFTER_SECONDS = 1.0
TOKEN_TIMEOUT_SECONDS = 10
TOKEN_LIFE_SECONDS = 7 * 86_400
PERSONAS = (
    "applicant",
    "adviser",
    "payroll_officer",
    "accountant",
    "credit_controller",
    "board",
    "returning_officer",
    "auditor",
    "operator",
)


def up(*, story: bool = True, serve: bool = True) -> int:
    """Start, play the story; with `serve` print the addresses and stay. Answers the exit status.

    Several countries are several cells: the first in the data folder itself, each further one in
    `cells/<country>` of it, on ports of its own. They share nothing but the jars.
    """
    countries = chosen_countries()
    stacks = [
        Stack(_folder(number, country), country=country, port_base=_port_base(number), say=_say)
        for number, country in enumerate(countries)
    ]
    interrupted = _Interruption()
    status = 0
    try:
        with interrupted.heeded():
            tokens = [_start(stack, country) for stack, country in zip(stacks, countries, strict=True)]
            for stack in stacks if story else ():
                status = _play_story(stack.addresses, interrupted) or status
            if serve:
                for stack, written in zip(stacks, tokens, strict=True):
                    _say_addresses(stack.addresses, written)
                interrupted.wait()
    except _Interrupted:
        status = 130 if not serve else 0
    except LocalFailure as failure:
        sys.stdout.flush()
        print(f"\n{failure}", file=sys.stderr, flush=True)
        status = 1
    started = [stack for stack in stacks if stack.is_started]
    if started:
        _say("Stopping …")
        for stack in reversed(started):
            stack.stop()
        _say("Stopped.")
    return status


def _start(stack: Stack, country: str) -> dict[str, Path]:
    began = time.monotonic()
    _say(f"Partage, cell {country}, data in {stack.run_dir}")
    stack.start()
    _say(f"Everything is ready after {time.monotonic() - began:.1f} s.")
    return _write_tokens(stack.run_dir, stack.addresses)


def _folder(number: int, country: str) -> Path:
    return run_dir() / "cells" / country if number else run_dir()


def _port_base(number: int) -> int:
    base = port_base()
    if base == 0:
        return 0
    if base + number * PORTS_PER_CELL > PORT_BASE_MAX:
        raise LocalFailure(
            f"PORT_BASE is {base}: {number + 1} cells do not fit above it; choose a lower one."
        )
    return base + number * PORTS_PER_CELL


class _Interrupted(BaseException):
    """Ctrl-C, or the signal of `make stop`."""


class _Interruption:
    """The first signal asks for an orderly stop; a second one, while stopping, ends everything at once."""

    def __init__(self) -> None:
        self._is_heeded = False
        self._asked_at = 0.0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def heeded(self) -> "_Interruption":
        return self

    def __enter__(self) -> "_Interruption":
        self._is_heeded = True
        return self

    def __exit__(self, *_details: object) -> None:
        self._is_heeded = False

    def wait(self) -> None:
        """Sleep until a signal ends it."""
        while True:
            signal.pause()

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self._asked_at:
            self._asked_at = now
        elif now - self._asked_at > SECOND_SIGNAL_AFTER_SECONDS:
            # The keeper kills every program as soon as this process is gone.
            os._exit(130)
        if self._is_heeded:
            self._is_heeded = False
            raise _Interrupted


def _play_story(addresses: Mapping[str, str], interrupted: _Interruption) -> int:
    logs = Path(addresses["RUN_DIR"]) / "logs"
    _say(
        f"\nThe story of a member, a client who pays late, and the fund, in the cell {addresses['COUNTRY']}:"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", STORY_MODULE], env={**os.environ, **addresses}, cwd=ROOT
    )
    try:
        status = process.wait(STORY_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        _say(f"The story did not end within {STORY_TIMEOUT_SECONDS} s; the logs are in {logs}.")
        return 1
    except _Interrupted:
        process.terminate()
        process.wait(TOKEN_TIMEOUT_SECONDS)
        raise
    if status != 0:
        _say(f"The story ended with status {status}; the logs are in {logs}.")
        return 1
    return 0


def _write_tokens(folder: Path, addresses: Mapping[str, str]) -> dict[str, Path]:
    tokens = folder / "tokens"
    shutil.rmtree(tokens, ignore_errors=True)
    tokens.mkdir(mode=0o700)
    written = {}
    for persona in PERSONAS:
        wish = {"persona": persona, "country": addresses["COUNTRY"].upper(), "expires_in": TOKEN_LIFE_SECONDS}
        request = urllib.request.Request(  # noqa: S310  (our own issuer)
            f"{addresses['IDENTITY_URL']}/token",
            data=json.dumps(wish).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TOKEN_TIMEOUT_SECONDS) as answer:  # noqa: S310  (the same)
                token = json.load(answer)["access_token"]
        except (OSError, ValueError, KeyError) as error:
            raise LocalFailure(f"The identity simulator gives no token for {persona}: {error}.") from error
        written[persona] = tokens / persona
        written[persona].write_text(token)
    return written


def _say_addresses(addresses: Mapping[str, str], tokens: Mapping[str, Path]) -> None:
    gateway = addresses["GATEWAY_URL"]
    shown = next(iter(tokens.values())).parent
    lines = ["", f"The personas' tokens, also one in each file of {shown}:"]
    lines += [f"  {persona:<17} {path.read_text()}" for persona, path in tokens.items()]
    lines += ["", "Addresses:", f"  gateway           {gateway}/graphql (GraphiQL in a browser)"]
    lines += [
        f"  {title:<17} {addresses[name]}"
        for title, name in (
            ("identity issuer", "IDENTITY_URL"),
            ("authority", "AUTHORITY_URL"),
            ("bank", "BANK_URL"),
            ("e-invoice network", "E_INVOICE_URL"),
            ("mail", "MAIL_URL"),
            ("Kafka", "KAFKA_BOOTSTRAP"),
            ("PostgreSQL", "POSTGRES_URL"),
        )
    ]
    lines += [
        "",
        "Try it:",
        f"  curl -s {gateway}/graphql -H 'Content-Type: application/json' "
        f'-H "Authorization: Bearer $(cat {tokens["auditor"]})" -d \'{{"query": "{{ __typename }}"}}\'',
        "",
        "The token of a member (for the GraphiQL header Authorization too), with the member's id, a UUID:",
        f"  curl -s -X POST {addresses['IDENTITY_URL']}/token -H 'Content-Type: application/json' "
        """-d '{"persona": "member", "member_id": "…"}'""",
        "",
        "Ctrl-C stops everything; the data stays.",
    ]
    _say("\n".join(lines))


def _say(sentence: str) -> None:
    try:
        print(sentence, flush=True)
    except BrokenPipeError:
        # Nobody reads any more (`make run | head`); what was started must be stopped in order all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
