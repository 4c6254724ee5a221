"""The stack of a chaos run: every connection that matters goes through a door, and wages have two workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from local.child import free_port
from local.processes import HOST, SERVICES, Cell, Process, processes
from local.stack import Stack
from tests.chaos.proxy import Door

BROKER: Final = "broker"
# Those that move money have a second worker, as in production: it takes over when the first is given up.
SECOND_WORKERS: Final = ("guarantee", "payroll")


@dataclass(frozen=True, slots=True)
class ChaosCell:
    """A running stack and the doors between its programs, by name: `payroll worker > postgres`."""

    stack: Stack
    doors: Mapping[str, Door]


@asynccontextmanager
async def open_cell(
    run_dir: Path, *, seed: int = 0, environment: Mapping[str, Mapping[str, str]] | None = None
) -> AsyncIterator[ChaosCell]:
    """Start everything in an empty folder; `environment` adds variables to programs whose name begins so."""
    doors = {name: Door(name, seed=seed) for name in door_names()}
    second_ports = {f"{service} worker 2": free_port() for service in SECOND_WORKERS}

    def table(cell: Cell) -> Sequence[Process]:
        return _table(cell, doors, second_ports, environment or {})

    async with AsyncExitStack() as opened:
        for door in doors.values():
            await opened.enter_async_context(door)
        stack = Stack(
            run_dir,
            port_base=0,
            durable=False,
            # The killer's nurse brings programs back, at once and for ever.
            supervise=False,
            table=table,
            broker_door=doors[BROKER].port,
        )
        await opened.enter_async_context(stack)
        yield ChaosCell(stack, doors)


def door_names() -> list[str]:
    """Every door, by the two programs it stands between."""
    programs = [f"{service} {kind}" for service in SERVICES for kind in ("api", "worker")]
    programs += [f"{service} worker 2" for service in SECOND_WORKERS]
    names = [f"{program} > postgres" for program in programs]
    names += [f"gateway > {service} api" for service in SERVICES]
    return [*names, "payroll > bank", "payroll > authority", BROKER, "client > gateway"]


def _table(
    cell: Cell,
    doors: Mapping[str, Door],
    second_ports: Mapping[str, int],
    environment: Mapping[str, Mapping[str, str]],
) -> list[Process]:
    def through(name: str, port: int) -> str:
        doors[name].target_port = port
        return f"{HOST}:{doors[name].port}"

    kafka = through(BROKER, cell.ports["kafka"])
    through("client > gateway", cell.ports["gateway"])
    found: list[Process] = []
    for process in processes(cell):
        found.append(process)
        if process.name in [f"{service} worker" for service in SECOND_WORKERS]:
            found.append(_twin(process, second_ports))
    return [
        replace(
            process,
            env={**process.env, **_env(cell, process, through, kafka), **_added(process, environment)},
        )
        for process in found
    ]


def _twin(process: Process, ports: Mapping[str, int]) -> Process:
    name = f"{process.name} 2"
    url = f"http://{HOST}:{ports[name]}"
    return replace(process, name=name, env={**process.env, "HTTP_PORT": str(ports[name])}, urls=(url,))


def _env(cell: Cell, process: Process, through: Callable[[str, int], str], kafka: str) -> dict[str, str]:
    service = process.name.partition(" ")[0]
    if process.name == "gateway":
        return {
            f"{name.upper()}_URL": f"http://{through(f'gateway > {name} api', cell.ports[f'{name} api'])}/graphql"
            for name in SERVICES
        }
    if service not in SERVICES or process.runs_once:
        return {}
    postgres = through(f"{process.name} > postgres", cell.ports["postgres"])
    env = {"DATABASE_URL": f"postgresql://{service}@{postgres}/{service}", "KAFKA_BOOTSTRAP": kafka}
    if service == "payroll":
        env |= {
            "BANK_URL": f"http://{through('payroll > bank', cell.ports['bank'])}",
            "AUTHORITY_URL": f"http://{through('payroll > authority', cell.ports['authority'])}",
        }
    return env


def _added(process: Process, environment: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefix, variables in environment.items():
        if process.name.startswith(prefix):
            found |= variables
    return found
