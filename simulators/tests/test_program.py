"""The program as it is started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from simulators.settings import HOST, PARTIES

ROOT = Path(__file__).parents[2]
start_timeout_seconds = 30
stop_timeout_seconds = 15


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def environment(tmp_path: Path, ports: list[int], **more: str) -> dict[str, str]:
    named = {f"{party.upper()}_PORT": str(port) for party, port in zip(PARTIES, ports, strict=True)}
    return dict(os.environ) | named | {"STATE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)} | more


def started(env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulators"], env=env, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT])
def test_all_ports_answer_and_a_signal_stops_them(tmp_path: Path, stop_signal: signal.Signals) -> None:
    ports = free_ports(len(PARTIES))
    process = started(environment(tmp_path, ports))
    try:
        transport = httpx.HTTPTransport(retries=12)
        with httpx.Client(transport=transport, timeout=start_timeout_seconds, trust_env=False) as client:
            for port in ports:
                answer = client.get(f"http://{HOST}:{port}/readyz")
                assert answer.status_code == 200
                assert answer.headers["X-Simulated"] == "true"
        process.send_signal(stop_signal)
        _, log = process.communicate(timeout=stop_timeout_seconds)
        assert process.returncode == 0
        assert '"msg": "stopped"' in log
    finally:
        process.kill()


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        ports = [*free_ports(len(PARTIES) - 1), taken.getsockname()[1]]
        _, log = started(environment(tmp_path, ports)).communicate(timeout=start_timeout_seconds)
    assert "cannot listen" in log


def test_production_is_refused(tmp_path: Path) -> None:
    process = started(environment(tmp_path, free_ports(len(PARTIES)), PROFILE="production"))
    _, log = process.communicate(timeout=start_timeout_seconds)
    assert process.returncode == 2
    assert "do not run in production" in log
