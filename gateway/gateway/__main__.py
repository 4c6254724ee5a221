"""python -m gateway [serve] | compose [--check] | explain <document> (or --explain <document>)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import uvicorn

from gateway.app import create_app
from gateway.compose import SCHEMA_FOLDER, CompositionFailed, compose, differences, service_schemas
from gateway.config import InvalidSetting, read_settings
from gateway.drain import DrainingServer
from gateway.errors import RequestRefused
from gateway.explain import explain
from gateway.telemetry import Log

KEEP_ALIVE_SECONDS = 75
STOP_SECONDS_MAX = 10
STARTUP_FAILED = 3
BACKLOG_MAX = 1_024


def main() -> int:
    """Does what the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway")
    parser.add_argument("--explain", metavar="DOCUMENT", help="print the plan and its generated source")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve the GraphQL endpoint (also without a command)")
    composing = commands.add_parser("compose", help="compose services/*/schema.graphql into schema/")
    composing.add_argument("--check", action="store_true", help="fail if the committed files differ")
    explaining = commands.add_parser("explain", help="print the plan and its generated source")
    explaining.add_argument("document")
    arguments = parser.parse_args()
    if arguments.command == "compose":
        return _compose(is_check=arguments.check)
    document = arguments.explain or getattr(arguments, "document", None)
    if document is not None:
        return _explain(Path(document))
    return _serve()


def _explain(document: Path) -> int:
    supergraph = (SCHEMA_FOLDER / "supergraph.graphql").read_text()
    try:
        sys.stdout.write(asyncio.run(explain(document.read_text(), supergraph)))
    except RequestRefused as refusal:
        sys.stderr.write(f"{refusal.code}: {refusal.message}\n")
        return 1
    return 0


def _serve() -> int:
    try:
        settings = read_settings()
    except InvalidSetting as failure:
        sys.stderr.write(f"gateway: {failure}\n")
        return 2
    if not settings.supergraph.is_file():
        sys.stderr.write(f"gateway: no supergraph at {settings.supergraph}: run python -m gateway compose\n")
        return 2
    Log(settings.country, settings.log_level).adopt_library_logs()
    gateway = create_app(settings)

    def begin_to_drain() -> None:
        gateway.is_draining = True

    config = uvicorn.Config(
        gateway,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nobody asks for the caller's address
        backlog=BACKLOG_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
    server = DrainingServer(config, begin_to_drain, drain_seconds=settings.drain_seconds)
    server.run()
    return 0 if server.started else STARTUP_FAILED


def _compose(*, is_check: bool) -> int:
    try:
        if is_check:
            changed = differences()
            for name in changed:
                sys.stderr.write(f"schema/{name} is not what the services' schemas compose to\n")
            return 1 if changed else 0
        SCHEMA_FOLDER.mkdir(exist_ok=True)
        compose(service_schemas(), SCHEMA_FOLDER)
    except CompositionFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
