"""Runs all simulated parties in one process, each on its own port, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator

import uvicorn

from simulators.authority import authority
from simulators.bank.app import bank
from simulators.clock import Clock
from simulators.e_invoice import e_invoice_network
from simulators.identity import identity_issuer
from simulators.mail import mail_server
from simulators.party import Party, log
from simulators.settings import HOST, Settings

graceful_shutdown_seconds = 2
connections_per_port_max = 1024


def build_parties(settings: Settings, clock: Clock) -> dict[str, Party]:
    """Every party by its name, with its state opened."""
    return {
        "identity": identity_issuer(settings.state_dir, clock, issuer=settings.identity_issuer),
        "authority": authority(settings.state_dir, clock),
        "bank": bank(settings.state_dir, clock),
        "e_invoice": e_invoice_network(settings.state_dir, clock),
        "mail": mail_server(settings.state_dir, clock),
    }


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises `OSError` when a port is taken, before any is served."""
    sockets = {name: _listen(port) for name, port in settings.ports.items()}
    parties = build_parties(settings, Clock())
    servers = {
        name: _Server(
            uvicorn.Config(
                party.asgi,
                log_config=None,
                access_log=False,
                limit_concurrency=connections_per_port_max,
                timeout_graceful_shutdown=graceful_shutdown_seconds,
            )
        )
        for name, party in parties.items()
    }

    def stop() -> None:
        for server in servers.values():
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop_signal, stop)
    log("simulators", "started", ports=dict(settings.ports))
    try:
        await asyncio.gather(*(servers[name].serve([sockets[name]]) for name in servers))
    finally:
        for party in parties.values():
            party.store.close()
        log("simulators", "stopped")


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone: with several servers the last one would keep them for itself."""
        yield


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener
